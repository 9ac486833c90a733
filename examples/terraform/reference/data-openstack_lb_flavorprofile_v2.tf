data "openstack_lb_flavorprofile_v2" "example" {
  name          = openstack_lb_flavorprofile_v2.example.name
  provider_name = openstack_lb_flavorprofile_v2.example.provider_name
}
