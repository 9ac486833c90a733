data "openstack_lb_flavor_v2" "example" {
  name = openstack_lb_flavor_v2.example.name
}
