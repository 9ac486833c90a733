resource "openstack_lb_listener_v2" "example" {
  name            = "http"
  protocol        = "HTTP"
  protocol_port   = 8080
  loadbalancer_id = openstack_lb_loadbalancer_v2.example.id

  insert_headers = {
    X-Forwarded-For = "true"
  }
}
