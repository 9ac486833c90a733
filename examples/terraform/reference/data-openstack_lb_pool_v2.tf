data "openstack_lb_pool_v2" "example" {
  loadbalancer_id = data.openstack_lb_loadbalancer_v2.example.id
  name            = "web"
}
