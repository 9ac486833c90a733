resource "openstack_lb_members_v2" "example" {
  pool_id = openstack_lb_pool_v2.other.id

  member {
    address       = "127.0.0.11"
    protocol_port = 9001
  }
  member {
    address       = "127.0.0.12"
    protocol_port = 9001
    backup        = true
  }
}
