// The life of all `openstack_lb_*_v2` resources, with the real terraform: only the provider's source is another one.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

extension TerraformProviderTests {
    @Suite(.terraform, .strictServer)
    struct OpenStackResourcesTests {
        /// All resources; `v` is 1, then 2 for a change of every one of them that can be changed in place.
        private static let configuration = #"""
            terraform {
              required_providers {
                openstack = { source = "ottava/ottava" }
              }
            }
            variable "subnet" {}
            variable "v" {}
            provider "openstack" {}
            provider "openstack" {
              alias       = "admin"
              user_name   = "admin"
              password    = "admin's \"password\""
              tenant_name = "admin"
            }
            resource "openstack_lb_flavorprofile_v2" "p" {
              provider      = openstack.admin
              name          = "p${var.v}"
              provider_name = "amphora"
              flavor_data   = var.v == 1 ? "{\"loadbalancer_topology\": \"SINGLE\"}" : "{ \"loadbalancer_topology\" : \"SINGLE\" }"
            }
            resource "openstack_lb_flavor_v2" "f" {
              provider          = openstack.admin
              name              = "f"
              description       = var.v == 1 ? "one" : null
              flavor_profile_id = openstack_lb_flavorprofile_v2.p.id
            }
            resource "openstack_lb_quota_v2" "q" {
              provider     = openstack.admin
              project_id   = openstack_lb_loadbalancer_v2.lb.tenant_id
              loadbalancer = var.v == 1 ? 20 : 21
              l7_rule      = 77
            }
            resource "openstack_lb_loadbalancer_v2" "lb" {
              name          = "lb"
              description   = "v${var.v}"
              vip_subnet_id = var.subnet
              tags          = var.v == 1 ? ["b", "a"] : null
            }
            resource "openstack_lb_listener_v2" "http" {
              name            = "http"
              protocol        = "HTTP"
              protocol_port   = 8080
              loadbalancer_id = openstack_lb_loadbalancer_v2.lb.id
              insert_headers  = var.v == 1 ? { "X-Forwarded-For" = "true" } : null
              allowed_cidrs   = var.v == 1 ? ["127.0.0.0/8", "10.0.0.0/8"] : ["10.0.0.0/8"]
              connection_limit = 100 * var.v
              timeout_client_data = 1000
            }
            resource "openstack_lb_listener_v2" "other" {
              protocol        = "TCP"
              protocol_port   = 8081
              loadbalancer_id = openstack_lb_loadbalancer_v2.lb.id
              default_pool_id = openstack_lb_pool_v2.batch.id
            }
            resource "openstack_lb_pool_v2" "pool" {
              name        = "pool"
              protocol    = "HTTP"
              lb_method   = var.v == 1 ? "ROUND_ROBIN" : "LEAST_CONNECTIONS"
              listener_id = openstack_lb_listener_v2.http.id
              dynamic "persistence" {
                for_each = var.v == 1 ? [1] : []
                content {
                  type        = "APP_COOKIE"
                  cookie_name = "session"
                }
              }
            }
            resource "openstack_lb_pool_v2" "batch" {
              protocol        = "TCP"
              lb_method       = "SOURCE_IP"
              loadbalancer_id = openstack_lb_loadbalancer_v2.lb.id
            }
            resource "openstack_lb_pool_v2" "target" {
              protocol        = "HTTP"
              lb_method       = "ROUND_ROBIN"
              loadbalancer_id = openstack_lb_loadbalancer_v2.lb.id
            }
            resource "openstack_lb_member_v2" "one" {
              pool_id       = openstack_lb_pool_v2.pool.id
              address       = "127.0.0.1"
              protocol_port = 9001
              weight        = 2 + var.v
              tags          = var.v == 1 ? ["x"] : null
            }
            resource "openstack_lb_member_v2" "two" {
              pool_id       = openstack_lb_pool_v2.pool.id
              address       = "127.0.0.1"
              protocol_port = 9002
              backup        = var.v == 1 ? true : null
              monitor_port  = var.v == 1 ? 9003 : null
            }
            resource "openstack_lb_members_v2" "all" {
              pool_id = openstack_lb_pool_v2.batch.id
              member {
                address       = "127.0.0.1"
                protocol_port = 9001
              }
              member {
                name          = "b"
                address       = "127.0.0.${1 + var.v}"
                protocol_port = 9002
                weight        = var.v
                backup        = true
              }
            }
            resource "openstack_lb_monitor_v2" "http" {
              pool_id     = openstack_lb_pool_v2.pool.id
              type        = "HTTP"
              delay       = 5 * var.v
              timeout     = 2
              max_retries = 3
              url_path    = "/up"
              http_version = var.v == 1 ? "1.1" : "1.0"
            }
            resource "openstack_lb_monitor_v2" "tcp" {
              pool_id     = openstack_lb_pool_v2.batch.id
              name        = "v${var.v}"
              type        = "TCP"
              delay       = 5
              timeout     = 2
              max_retries = 3
            }
            resource "openstack_lb_l7policy_v2" "go" {
              listener_id      = openstack_lb_listener_v2.http.id
              name             = "go"
              action           = var.v == 1 ? "REDIRECT_TO_POOL" : "REDIRECT_TO_URL"
              redirect_pool_id = var.v == 1 ? openstack_lb_pool_v2.target.id : null
              redirect_url     = var.v == 1 ? null : "https://example.com/x"
              position         = 1
            }
            resource "openstack_lb_l7rule_v2" "path" {
              l7policy_id  = openstack_lb_l7policy_v2.go.id
              type         = var.v == 1 ? "HEADER" : "PATH"
              key          = var.v == 1 ? "X-Go" : null
              compare_type = "STARTS_WITH"
              value        = "/go"
              invert       = var.v == 2
            }
            """#

        private static let importForms = [
            "openstack_lb_member_v2": "pool_id", "openstack_lb_l7rule_v2": "l7policy_id",
        ]

        @Test func aWholeLife() async throws {
            let server = try #require(ServerProcess.current)
            let client = try server.demo()
            let subnet = try await subnetID()
            let terraform = try Terraform(port: server.port)
            try Files.write(Self.configuration, to: terraform.folder.file("main.tf"))
            func choose(_ version: Int) throws {
                try Files.write(
                    "subnet = \"\(subnet)\"\nv = \(version)\n", to: terraform.folder.file("terraform.tfvars"))
            }
            try choose(1)
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            let made = try await terraform.resources()
            #expect(made.count == 16)
            #expect(made["openstack_lb_pool_v2.pool"]?["persistence"]?[0]?["cookie_name"] == "session")
            let id = try #require(made["openstack_lb_loadbalancer_v2.lb"]?["id"]?.string)

            // Everything that can be changed in place is.
            try choose(2)
            let changes = try await terraform.plan()
            #expect(changes.count == 13 && changes.values.allSatisfy { $0 == ["update"] }, "\(changes)")
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            let changed = try await terraform.resources()
            for (address, resource) in changed { #expect(resource["id"] == made[address]?["id"], "\(address)") }
            #expect(changed["openstack_lb_members_v2.all"]?["member"]?.array?.count == 2)
            let loadBalancer = try client.get(.loadBalancers, id)
            #expect(loadBalancer["description"] == "v2" && loadBalancer["tags"] == [])
            let policy = try client.get(
                .l7Policies, #require(changed["openstack_lb_l7policy_v2.go"]?["id"]?.string))
            #expect(policy["redirect_url"] == "https://example.com/x" && policy["redirect_pool_id"] == .null)
            let member = try #require(changed["openstack_lb_member_v2.one"])
            let pool = try #require(member["pool_id"]?.string)
            #expect(try client.get(.members(of: pool), #require(member["id"]?.string))["tags"] == [])

            // What somebody deletes is made again.
            try client.delete(.members(of: pool), #require(member["id"]?.string))
            try await eventually("it is active", within: .seconds(30)) {
                try client.get(.loadBalancers, id)["provisioning_status"] == "ACTIVE"
            }
            #expect(try await terraform.plan() == ["openstack_lb_member_v2.one": ["create"]])
            try await terraform.apply()

            // What somebody changes is put right.
            let listener = try #require(changed["openstack_lb_listener_v2.http"]?["id"]?.string)
            try client.update(.listeners, listener, ["connection_limit": 7])
            try await eventually("it is active", within: .seconds(30)) {
                try client.get(.loadBalancers, id)["provisioning_status"] == "ACTIVE"
            }
            #expect(try await terraform.plan() == ["openstack_lb_listener_v2.http": ["update"]])
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])

            // Forgotten and imported. How the configuration of a pool names its place nobody can know: no other pool
            // is made for that.
            let known = try await terraform.resources()
            let imports = try known.sorted { $0.key < $1.key }.map { address, resource in
                var words = try #require(resource["id"]?.string)
                if let parent = Self.importForms[String(address.prefix { $0 != "." })] {
                    words = try #require(resource[parent]?.string) + "/" + words
                }
                return "import {\n  to = \(address)\n  id = \"\(words)\"\n}\n"
            }
            let forgotten = try await terraform.run(["state", "rm"] + known.keys.sorted())
            #expect(forgotten.status == 0, "\(forgotten.text)")
            try Files.write(imports.joined(), to: terraform.folder.file("imports.tf"))
            #expect(try await terraform.plan() == ["openstack_lb_pool_v2.batch": ["update"]])
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            for (address, resource) in try await terraform.resources() {
                #expect(resource["id"] == known[address]?["id"], "\(address)")
            }

            let destroyed = try await terraform.run("destroy", "-auto-approve", "-no-color")
            #expect(destroyed.status == 0, "\(destroyed.text)")
            #expect(try client.list(.loadBalancers).isEmpty)
            #expect(try client.list(.pools).isEmpty)
            #expect(try server.admin().send("GET", "/load-balancer/v2/lbaas/flavors").json["flavors"] == [])
        }

        /// Words that the API does not take are refused where they stand.
        @Test func wrongValuesAreRefusedByValidate() async throws {
            let server = try #require(ServerProcess.current)
            let terraform = try Terraform(port: server.port)
            try Files.write(
                #"""
                terraform {
                  required_providers {
                    openstack = { source = "ottava/ottava" }
                  }
                }
                resource "openstack_lb_pool_v2" "p" {
                  protocol        = "HTTP"
                  lb_method       = "RANDOM"
                  loadbalancer_id = "2178d468-71e8-4410-8f2e-51a197e2b80d"
                  listener_id     = "2178d468-71e8-4410-8f2e-51a197e2b80d"
                  persistence {
                    type        = "HTTP_COOKIE"
                    cookie_name = "x"
                  }
                }
                resource "openstack_lb_l7rule_v2" "r" {
                  l7policy_id  = "2178d468-71e8-4410-8f2e-51a197e2b80d"
                  type         = "HEADER"
                  compare_type = "EQUAL_TO"
                  value        = "x"
                }
                resource "openstack_lb_member_v2" "m" {
                  pool_id       = "2178d468-71e8-4410-8f2e-51a197e2b80d"
                  address       = "web.example.com"
                  protocol_port = 0
                }
                """#, to: terraform.folder.file("main.tf"))
            let result = try await terraform.run("validate", "-no-color")
            #expect(result.status != 0)
            for part in [
                "RANDOM", "exclude each other", "cookie_name does not go with HTTP_COOKIE", "key is missing",
                "an IPv4 or IPv6 address", "from 1 to 65535",
            ] { #expect(result.text.contains(part), "\(part): \(result.text)") }
        }
    }
}
