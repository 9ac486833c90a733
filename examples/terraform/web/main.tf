# A web application: HTTP that leads to HTTPS, an API of its own below /api, members from a list.
terraform {
  required_providers {
    ottava = { source = "ottava/ottava" }
  }
}

variable "subnet_id" { type = string }
variable "certificate" {
  type        = string
  description = "The reference of a PKCS#12 secret of the key manager."
}
variable "web_servers" { type = set(string) }
variable "api_servers" { type = set(string) }

resource "ottava_load_balancer" "web" {
  name          = "web"
  vip_subnet_id = var.subnet_id

  listeners = {
    http = {
      protocol      = "HTTP"
      protocol_port = 80
      l7_policies = [{
        name            = "to-https"
        action          = "REDIRECT_PREFIX"
        redirect_prefix = "https://www.example.org"
        rules           = [{ type = "PATH", compare_type = "STARTS_WITH", value = "/" }]
      }]
    }
    https = {
      protocol                  = "TERMINATED_HTTPS"
      protocol_port             = 443
      default_tls_container_ref = var.certificate
      default_pool              = "web"
      insert_headers            = { "X-Forwarded-For" = "true", "X-Forwarded-Proto" = "true" }
      l7_policies = [{
        name          = "api"
        action        = "REDIRECT_TO_POOL"
        redirect_pool = "api"
        rules         = [{ type = "PATH", compare_type = "STARTS_WITH", value = "/api" }]
      }]
    }
  }

  pools = {
    web = {
      protocol            = "HTTP"
      lb_algorithm        = "LEAST_CONNECTIONS"
      session_persistence = { type = "HTTP_COOKIE" }
      health_monitor      = { type = "HTTP", url_path = "/health", delay = 5, timeout = 2, max_retries = 2 }
      members             = { for address in var.web_servers : address => { address = address, protocol_port = 8080 } }
    }
    api = {
      protocol       = "HTTP"
      health_monitor = { type = "HTTP", url_path = "/api/health", delay = 5, timeout = 2, max_retries = 2 }
      members        = { for address in var.api_servers : address => { address = address, protocol_port = 9090 } }
    }
  }
}

output "address" { value = ottava_load_balancer.web.vip_address }
