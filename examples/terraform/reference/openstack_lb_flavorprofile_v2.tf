resource "openstack_lb_flavorprofile_v2" "example" {
  name          = "single"
  provider_name = "amphora"
  flavor_data   = jsonencode({ loadbalancer_topology = "SINGLE" })
}
