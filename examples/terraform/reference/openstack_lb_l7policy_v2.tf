resource "openstack_lb_l7policy_v2" "example" {
  name             = "other"
  listener_id      = openstack_lb_listener_v2.example.id
  action           = "REDIRECT_TO_POOL"
  redirect_pool_id = openstack_lb_pool_v2.other.id
  position         = 1
}
