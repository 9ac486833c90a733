resource "openstack_lb_loadbalancer_v2" "example" {
  name          = "example"
  vip_subnet_id = var.subnet_id
  tags          = ["example", "http"]
}
