resource "openstack_lb_pool_v2" "example" {
  name        = "web"
  protocol    = "HTTP"
  lb_method   = "LEAST_CONNECTIONS"
  listener_id = openstack_lb_listener_v2.example.id

  persistence {
    type        = "APP_COOKIE"
    cookie_name = "session"
  }
}

resource "openstack_lb_pool_v2" "other" {
  name            = "other"
  protocol        = "HTTP"
  lb_method       = "ROUND_ROBIN"
  loadbalancer_id = openstack_lb_loadbalancer_v2.example.id
}
