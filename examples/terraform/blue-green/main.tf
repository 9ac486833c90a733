# Two versions side by side: one is live, the other can be looked at with a header. Changing `live` moves everybody to
# the other one in place, with one call, and without a connection that breaks.
terraform {
  required_providers {
    ottava = { source = "ottava/ottava" }
  }
}

variable "subnet_id" { type = string }
variable "servers" {
  type        = object({ blue = set(string), green = set(string) })
  description = "The addresses of the servers of each version."
}
variable "live" {
  type    = string
  default = "blue"
  validation {
    condition     = contains(["blue", "green"], var.live)
    error_message = "One of blue and green is live."
  }
}

resource "ottava_load_balancer" "app" {
  name          = "app"
  vip_subnet_id = var.subnet_id

  listeners = {
    http = {
      protocol      = "HTTP"
      protocol_port = 80
      default_pool  = var.live
      l7_policies = [for version in ["blue", "green"] : {
        name          = version
        action        = "REDIRECT_TO_POOL"
        redirect_pool = version
        rules         = [{ type = "HEADER", key = "X-Version", compare_type = "EQUAL_TO", value = version }]
      }]
    }
  }
  pools = {
    for version, addresses in var.servers : version => {
      protocol       = "HTTP"
      health_monitor = { type = "HTTP", url_path = "/health", delay = 5, timeout = 2, max_retries = 2 }
      members        = { for address in addresses : address => { address = address, protocol_port = 8080 } }
    }
  }
}

output "address" { value = ottava_load_balancer.app.vip_address }
