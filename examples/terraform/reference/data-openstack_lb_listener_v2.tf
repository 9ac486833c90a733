data "openstack_lb_listener_v2" "example" {
  loadbalancer_id = data.openstack_lb_loadbalancer_v2.example.id
  name            = "http"
}
