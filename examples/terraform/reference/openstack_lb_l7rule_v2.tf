resource "openstack_lb_l7rule_v2" "example" {
  l7policy_id  = openstack_lb_l7policy_v2.example.id
  type         = "PATH"
  compare_type = "STARTS_WITH"
  value        = "/other"
}
