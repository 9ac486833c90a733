resource "openstack_lb_monitor_v2" "example" {
  name        = "health"
  pool_id     = openstack_lb_pool_v2.example.id
  type        = "HTTP"
  url_path    = "/health"
  delay       = 5
  timeout     = 2
  max_retries = 3
}
