data "openstack_lb_member_v2" "example" {
  pool_id = data.openstack_lb_pool_v2.example.id
  name    = "one"
  tags    = ["rack-1"]
}
