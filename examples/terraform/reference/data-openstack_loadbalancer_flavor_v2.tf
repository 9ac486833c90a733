data "openstack_loadbalancer_flavor_v2" "example" {
  flavor_id = openstack_lb_flavor_v2.example.id
}
