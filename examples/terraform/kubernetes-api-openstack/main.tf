# The load balancer of a Kubernetes cluster with the resources of the OpenStack provider: only the source is another one.
terraform {
  required_providers {
    openstack = { source = "ottava/ottava" } # was terraform-provider-openstack/openstack
  }
}

variable "subnet_id" { type = string }
variable "masters" { type = map(string) }
variable "workers" { type = map(string) }

locals {
  ports = {
    api     = { port = 6443, nodes = var.masters }
    console = { port = 8443, nodes = var.masters }
    http    = { port = 80, nodes = var.workers }
    https   = { port = 443, nodes = var.workers }
  }
}

resource "openstack_lb_loadbalancer_v2" "cluster" {
  name          = "cluster"
  vip_subnet_id = var.subnet_id
}

resource "openstack_lb_listener_v2" "cluster" {
  for_each        = local.ports
  name            = each.key
  protocol        = "TCP"
  protocol_port   = each.value.port
  loadbalancer_id = openstack_lb_loadbalancer_v2.cluster.id
}

resource "openstack_lb_pool_v2" "cluster" {
  for_each    = local.ports
  name        = each.key
  protocol    = "TCP"
  lb_method   = "ROUND_ROBIN"
  listener_id = openstack_lb_listener_v2.cluster[each.key].id
}

resource "openstack_lb_members_v2" "cluster" {
  for_each = local.ports
  pool_id  = openstack_lb_pool_v2.cluster[each.key].id

  dynamic "member" {
    for_each = each.value.nodes
    content {
      name          = member.key
      address       = member.value
      protocol_port = each.value.port
    }
  }
}

resource "openstack_lb_monitor_v2" "cluster" {
  for_each    = local.ports
  pool_id     = openstack_lb_pool_v2.cluster[each.key].id
  type        = "TCP"
  delay       = 5
  timeout     = 3
  max_retries = 2
}

output "api" { value = "https://${openstack_lb_loadbalancer_v2.cluster.vip_address}:6443" }
