data "openstack_lb_loadbalancer_v2" "example" {
  name       = openstack_lb_loadbalancer_v2.example.name
  tags       = ["example"]
  tags_not   = ["example", "private"]
  depends_on = [openstack_lb_l7rule_v2.example, openstack_lb_member_v2.example, openstack_lb_monitor_v2.example]
}
