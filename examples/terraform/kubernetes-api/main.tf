# The load balancer of a Kubernetes cluster as an installer declares it: the API on three masters, console and ingress.
terraform {
  required_providers {
    ottava = { source = "ottava/ottava" }
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

resource "ottava_load_balancer" "cluster" {
  name          = "cluster"
  vip_subnet_id = var.subnet_id

  listeners = {
    for name, port in local.ports : name => { protocol = "TCP", protocol_port = port.port, default_pool = name }
  }
  pools = {
    for name, port in local.ports : name => {
      protocol       = "TCP"
      health_monitor = { type = "TCP", delay = 5, timeout = 3, max_retries = 2 }
      members        = { for node, address in port.nodes : node => { address = address, protocol_port = port.port } }
    }
  }
}

output "api" { value = "https://${ottava_load_balancer.cluster.vip_address}:6443" }
