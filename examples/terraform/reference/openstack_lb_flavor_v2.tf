resource "openstack_lb_flavor_v2" "example" {
  name              = "small"
  description       = "For tests."
  flavor_profile_id = openstack_lb_flavorprofile_v2.example.id
}
