# Name servers behind one address: UDP for most questions, TCP for large answers.
terraform {
  required_providers {
    ottava = { source = "ottava/ottava" }
  }
}

variable "subnet_id" { type = string }
variable "name_servers" { type = map(string) }
variable "clients" {
  type        = list(string)
  description = "Networks that may ask."
  default     = ["10.0.0.0/8"]
}

locals {
  monitors = { udp = "UDP-CONNECT", tcp = "TCP" }
}

resource "ottava_load_balancer" "dns" {
  name          = "dns"
  vip_subnet_id = var.subnet_id

  listeners = {
    for name, monitor in local.monitors : name => {
      protocol      = upper(name)
      protocol_port = 53
      allowed_cidrs = var.clients
      default_pool  = name
    }
  }
  pools = {
    for name, monitor in local.monitors : name => {
      protocol       = upper(name)
      lb_algorithm   = "SOURCE_IP"
      health_monitor = { type = monitor, delay = 5, timeout = 3, max_retries = 2 }
      members        = { for server, address in var.name_servers : server => { address = address, protocol_port = 53 } }
    }
  }
}

output "resolver" { value = ottava_load_balancer.dns.vip_address }
