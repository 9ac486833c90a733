resource "openstack_lb_member_v2" "example" {
  name          = "one"
  pool_id       = openstack_lb_pool_v2.example.id
  address       = "127.0.0.11"
  protocol_port = 9001
  weight        = 2
  tags          = ["rack-1"]
}
