resource "ottava_load_balancer" "example" {
  name          = "web"
  vip_subnet_id = var.subnet_id
  tags          = ["example"]
  floating_ip   = { network_id = var.network_id }

  listeners = {
    http = {
      protocol       = "HTTP"
      protocol_port  = 8080
      default_pool   = "web"
      insert_headers = { "X-Forwarded-For" = "true" }
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
      protocol       = "HTTP"
      health_monitor = { type = "HTTP", url_path = "/health", delay = 5, timeout = 2, max_retries = 2 }
      members = {
        one = { address = "127.0.0.11", protocol_port = 9001 }
        two = { address = "127.0.0.12", protocol_port = 9001, weight = 2 }
      }
    }
    api = {
      protocol = "HTTP"
      members  = { one = { address = "127.0.0.11", protocol_port = 9002 } }
    }
  }

  timeouts {
    create = "5m"
  }
}
