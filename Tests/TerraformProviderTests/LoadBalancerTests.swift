// The life of `ottava_load_balancer`, with the real terraform.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

extension TerraformProviderTests {
    @Suite(.terraform, .server)
    struct LoadBalancerTests {
        private func configuration(
            _ subnet: String, port: Int = 8080, description: String = "", limit: Int = -1,
            members: [String] = ["a", "b"],
            extra: String = ""
        ) -> String {
            let lines = members.enumerated().map { index, name in
                "\(name) = { address = \"127.0.0.1\", protocol_port = \(9001 + index) }"
            }
            return """
                resource "ottava_load_balancer" "web" {
                  name          = "web"
                  description   = "\(description)"
                  vip_subnet_id = "\(subnet)"
                  tags          = ["b", "a"]
                  listeners = {
                    http = {
                      protocol         = "HTTP"
                      protocol_port    = \(port)
                      connection_limit = \(limit)
                      default_pool     = "main"
                      insert_headers   = { "X-Forwarded-For" = "true" }
                      allowed_cidrs    = ["127.0.0.0/8", "10.0.0.0/8"]
                      l7_policies = [{
                        name          = "private"
                        action        = "REDIRECT_TO_POOL"
                        redirect_pool = "other"
                        rules = [
                          { type = "PATH", compare_type = "STARTS_WITH", value = "/private" },
                          { type = "HEADER", key = "X-Private", compare_type = "EQUAL_TO", value = "yes", invert = true },
                        ]
                      }]
                    }
                  }
                  pools = {
                    main = {
                      protocol            = "HTTP"
                      lb_algorithm        = "LEAST_CONNECTIONS"
                      session_persistence = { type = "HTTP_COOKIE" }
                      health_monitor      = { type = "HTTP", delay = 5, timeout = 2, max_retries = 2, url_path = "/up" }
                      members = {
                        \(lines.joined(separator: "\n        "))
                      }
                    }
                    other = { protocol = "HTTP" }
                  }
                  \(extra)
                }
                output "address" { value = ottava_load_balancer.web.vip_address }
                """
        }

        /// Made in one call, changed in place, repaired, imported, and gone at the end.
        @Test func aWholeLife() async throws {
            let server = try #require(ServerProcess.current)
            let client = try server.demo()
            let subnet = try await subnetID()
            let terraform = try Terraform(port: server.port)
            try terraform.write(configuration(subnet))
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            let address = "ottava_load_balancer.web"
            let first = try await terraform.state(address)
            let id = try #require(first["id"]?.string)
            #expect(first["vip_address"]?.string?.hasPrefix("127.77.") == true)
            let posts = server.log.split(separator: "\n").filter { $0.contains("POST") && $0.contains("/lbaas/") }
            #expect(posts.count <= 1, "one call makes everything: \(posts)")

            // In place, and only what is different.
            let pool = try #require(first["pools"]?["main"]?["id"]?.string)
            let kept = try #require(first["pools"]?["main"]?["members"]?["b"]?["id"]?.string)
            try terraform.write(
                configuration(subnet, description: "changed", limit: 100, members: ["x", "b", "c"]))
            #expect(try await terraform.plan() == [address: ["update"]])
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            let second = try await terraform.state(address)
            #expect(second["id"]?.string == id)
            #expect(second["pools"]?["main"]?["id"]?.string == pool)
            #expect(second["pools"]?["main"]?["members"]?["b"]?["id"]?.string == kept)
            #expect(second["pools"]?["main"]?["members"]?.object?.keys.sorted() == ["b", "c", "x"])
            #expect(try client.get(.loadBalancers, id)["description"] == "changed")

            // Another port is another listener of the same load balancer.
            try terraform.write(configuration(subnet, port: 8081))
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            #expect(try await terraform.state(address)["id"]?.string == id)

            // What somebody else changes is seen and put right.
            try client.update(.loadBalancers, id, ["description": "by hand"])
            let member = try #require(
                try await terraform.state(address)["pools"]?["main"]?["members"]?["b"]?["id"]?.string)
            try client.delete(.members(of: pool), member)
            try await eventually("it is active", within: .seconds(30)) {
                try client.get(.loadBalancers, id)["provisioning_status"] == "ACTIVE"
            }
            #expect(try await terraform.plan() == [address: ["update"]])
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            #expect(try client.list(.members(of: pool)).count == 2)

            // Forgotten and imported by name: there is nothing to do.
            #expect(try await terraform.run("state", "rm", address).status == 0)
            let imported = try await terraform.run("import", "-no-color", address, "web")
            #expect(imported.status == 0, "\(imported.text)")
            #expect(try await terraform.plan() == [:])

            let destroyed = try await terraform.run("destroy", "-auto-approve", "-no-color")
            #expect(destroyed.status == 0, "\(destroyed.text)")
            #expect(try client.list(.loadBalancers, query: "?name=web").isEmpty)
            #expect(try client.list(.pools).isEmpty)
        }

        /// Another protocol of a pool makes a new pool below the same load balancer.
        @Test func fixedFieldsMakeNewObjectsBelow() async throws {
            let server = try #require(ServerProcess.current)
            let subnet = try await subnetID()
            let terraform = try Terraform(port: server.port)
            func text(_ kind: String) -> String {
                """
                resource "ottava_load_balancer" "tcp" {
                  name          = "tcp"
                  vip_subnet_id = "\(subnet)"
                  listeners     = { api = { protocol = "TCP", protocol_port = 6443, default_pool = "masters" } }
                  pools = {
                    masters = {
                      protocol       = "\(kind)"
                      health_monitor = { type = "\(kind == "TCP" ? "TCP" : "HTTPS")", delay = 5, timeout = 2, max_retries = 2 }
                      members        = { for n in range(3) : "m${n}" => { address = "127.0.0.1", protocol_port = 9001 + n } }
                    }
                  }
                }
                """
            }
            try terraform.write(text("TCP"))
            try await terraform.apply()
            let first = try await terraform.state("ottava_load_balancer.tcp")
            try terraform.write(text("HTTPS"))
            #expect(try await terraform.plan() == ["ottava_load_balancer.tcp": ["update"]])
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            let second = try await terraform.state("ottava_load_balancer.tcp")
            #expect(second["id"] == first["id"])
            #expect(second["listeners"]?["api"]?["id"] == first["listeners"]?["api"]?["id"])
            #expect(second["pools"]?["masters"]?["id"] != first["pools"]?["masters"]?["id"])
            #expect(try await terraform.run("destroy", "-auto-approve").status == 0)
        }

        @Test(arguments: [
            ("protocol = \"HTTP2\", protocol_port = 80", "protocol", "is not one of"),
            ("protocol = \"HTTP\", protocol_port = 70000", "protocol_port", "from 1 to 65535"),
            (
                "protocol = \"HTTP\", protocol_port = 80, default_pool = \"none\"", "default_pool",
                "There is no pool \"none\""
            ),
            ("protocol = \"UDP\", protocol_port = 80, default_pool = \"main\"", "default_pool", "cannot use a pool"),
            (
                "protocol = \"TCP\", protocol_port = 80, insert_headers = { X-Real-IP = \"true\" }", "insert_headers",
                "cannot insert"
            ),
        ])
        func wrongValuesAreRefusedWhereTheyStand(_ example: (String, String, String)) async throws {
            let server = try #require(ServerProcess.current)
            let terraform = try Terraform(port: server.port)
            try terraform.write(
                """
                resource "ottava_load_balancer" "bad" {
                  name          = "bad"
                  vip_subnet_id = "7c5f3f1c-6a1e-4c35-9f0c-3d8a86b27a3e"
                  listeners = {
                    http = { \(example.0) }
                  }
                  pools = { main = { protocol = "HTTP" } }
                }
                """)
            let result = try await terraform.run("validate", "-json")
            #expect(result.status == 1)
            #expect(result.output.replacing("\\\"", with: "\"").contains(example.2), "\(result.output)")
            let diagnostics = try JSONValue(parsing: Array(result.output.utf8))["diagnostics"]?.array ?? []
            let place = "At listeners[\"http\"].\(example.1)"
            #expect(diagnostics.contains { $0["detail"]?.string?.contains(place) == true }, "\(diagnostics)")
        }

        /// A value that is known only after another resource is there.
        @Test func unknownValuesWait() async throws {
            let server = try #require(ServerProcess.current)
            let subnet = try await subnetID()
            let terraform = try Terraform(port: server.port)
            try terraform.write(
                """
                resource "ottava_load_balancer" "one" {
                  name          = "one"
                  vip_subnet_id = "\(subnet)"
                }
                resource "ottava_load_balancer" "two" {
                  name          = "two"
                  vip_subnet_id = "\(subnet)"
                  listeners     = { tcp = { protocol = "TCP", protocol_port = 8090, default_pool = "one" } }
                  pools = {
                    one = { protocol = "TCP", members = { one = { address = ottava_load_balancer.one.vip_address, protocol_port = 80 } } }
                  }
                }
                """)
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])
            let one = try await terraform.state("ottava_load_balancer.one")
            let two = try await terraform.state("ottava_load_balancer.two")
            #expect(two["pools"]?["one"]?["members"]?["one"]?["address"] == one["vip_address"])
            #expect(try await terraform.run("destroy", "-auto-approve").status == 0)
        }
    }
}
