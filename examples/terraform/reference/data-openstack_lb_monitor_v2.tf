data "openstack_lb_monitor_v2" "example" {
  pool_id = data.openstack_lb_pool_v2.example.id
  name    = "health"
}
