// Data sources, floating IPs, and the examples of the documentation, which use all of them.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

extension TerraformProviderTests {
    @Suite(.terraform, .server)
    struct DataSourcesTests {
        private static let admin = [
            "OS_USERNAME": "admin", "OS_PASSWORD": ServerProcess.adminPassword, "OS_PROJECT_NAME": "admin",
        ]

        @Test func findsWhatTheExamplesMake() async throws {
            let server = try #require(ServerProcess.current)
            let client = try server.admin()
            let networks = try client.send("GET", "/network/v2.0/networks?name=public").json["networks"]
            let network = try #require(networks?[0]?["id"]?.string)
            let projects = try client.send("GET", "/identity/v3/projects?name=demo").json["projects"]
            let terraform = try Terraform(port: server.port, environment: Self.admin)
            try terraform.copyExample(
                "reference",
                [
                    "subnet_id": "\"\(try await subnetID())\"", "network_id": "\"\(network)\"",
                    "project_id": "\"\(try #require(projects?[0]?["id"]?.string))\"",
                ])
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])

            let all = try await terraform.resources()
            func data(_ type: String) throws -> JSONValue { try #require(all["data.\(type).example"], "\(type)") }
            for (type, id) in [
                ("openstack_lb_loadbalancer_v2", "loadbalancer_id"), ("openstack_lb_listener_v2", "listener_id"),
                ("openstack_lb_pool_v2", "pool_id"), ("openstack_lb_member_v2", "member_id"),
                ("openstack_lb_monitor_v2", "monitor_id"), ("openstack_lb_flavor_v2", "flavor_id"),
                ("openstack_lb_flavorprofile_v2", "flavorprofile_id"),
            ] {
                let found = try data(type)
                #expect(found["id"] == all["\(type).example"]?["id"], "\(type)")
                #expect(found["id"] == found[id], "\(type)")
            }
            let loadBalancer = try data("openstack_lb_loadbalancer_v2")
            #expect(loadBalancer["listeners"]?.array?.count == 1 && loadBalancer["pools"]?.array?.count == 2)
            #expect(loadBalancer["provisioning_status"] == "ACTIVE" && loadBalancer["tags"] == ["example", "http"])
            #expect(loadBalancer["vip_address"] == all["openstack_lb_loadbalancer_v2.example"]?["vip_address"])
            let listener = try data("openstack_lb_listener_v2")
            #expect(listener["protocol_port"] == 8080 && listener["insert_headers"] == ["X-Forwarded-For": "true"])
            #expect(listener["default_pool_id"] == all["openstack_lb_pool_v2.example"]?["id"])
            #expect(listener["l7policies"]?[0]?["id"] == all["openstack_lb_l7policy_v2.example"]?["id"])
            let pool = try data("openstack_lb_pool_v2")
            #expect(pool["lb_method"] == "LEAST_CONNECTIONS")
            #expect(pool["session_persistence"]?[0]?["cookie_name"] == "session")
            #expect(pool["members"]?[0]?["weight"] == 2 && pool["members"]?[0]?["pool_id"] == pool["id"])
            #expect(pool["healthmonitor_id"] == all["openstack_lb_monitor_v2.example"]?["id"])
            #expect(try data("openstack_lb_member_v2")["address"] == "127.0.0.11")
            let monitor = try data("openstack_lb_monitor_v2")
            #expect(monitor["url_path"] == "/health" && monitor["status"] == monitor["operating_status"])
            #expect(try data("openstack_lb_flavor_v2")["description"] == "For tests.")
            let old = try data("openstack_loadbalancer_flavor_v2")
            #expect(old["name"] == "small" && old["enabled"] == true)
            #expect(try data("openstack_lb_flavorprofile_v2")["flavor_data"]?.string?.contains("SINGLE") == true)
            let whole = try data("ottava_load_balancer")
            let made = try #require(all["ottava_load_balancer.example"])
            for name in ["id", "vip_address", "listeners", "pools", "floating_ip", "tags"] {
                #expect(whole[name] == made[name], "\(name)")
            }

            // What is not there, and what is there twice.
            let other = try Terraform(port: server.port, environment: Self.admin)
            try Files.write(
                Terraform.header.replacing("ottava =", with: "openstack =") + """
                    data "openstack_lb_listener_v2" "twice" { name = "http" }
                    data "openstack_lb_pool_v2" "nothing" { name = "nothing" }
                    data "openstack_lb_monitor_v2" "other" {
                      name   = "health"
                      status = "ERROR"
                    }
                    """, to: other.folder.file("main.tf"))
            let refused = try await other.run("plan", "-no-color", "-input=false")
            #expect(refused.status == 1)
            for part in [
                "There is more than one listener with name = \"http\"", "There is no pool with name = \"nothing\"",
                "name = \"health\", status = \"ERROR\"",
            ] { #expect(refused.text.contains(part), "\(part): \(refused.text)") }

            // The floating IP leads to the load balancer, and goes without it.
            let address = try #require(made["floating_ip"]?["address"]?.string)
            #expect(address.hasPrefix("127.78."))
            func floatingIPs() throws -> [JSONValue] {
                try client.send("GET", "/network/v2.0/floatingips?floating_ip_address=\(address)")
                    .json["floatingips"]?.array ?? []
            }
            #expect(try floatingIPs().first?["port_id"] == made["vip_port_id"])
            let path = terraform.folder.file("ottava_load_balancer.tf")
            let text = try #require(Files.text(path))
            try Files.write(text.replacing("floating_ip ", with: "# floating_ip "), to: path)
            #expect(try await terraform.plan() == ["ottava_load_balancer.example": ["update"]])
            try await terraform.apply()
            #expect(try floatingIPs().isEmpty)
            try Files.write(text, to: path)
            try await terraform.apply()
            #expect(try await terraform.plan() == [:])

            let destroyed = try await terraform.run("destroy", "-auto-approve", "-no-color")
            #expect(destroyed.status == 0, "\(destroyed.text)")
            #expect(try client.list(.loadBalancers).isEmpty)
            #expect(try client.send("GET", "/network/v2.0/floatingips").json["floatingips"] == [])
        }

        @Test func idAndNameExcludeEachOther() async throws {
            let server = try #require(ServerProcess.current)
            let terraform = try Terraform(port: server.port)
            try terraform.write(
                """
                data "ottava_load_balancer" "both" {
                  id   = "2178d468-71e8-4410-8f2e-51a197e2b80d"
                  name = "x"
                }
                data "ottava_load_balancer" "neither" {}
                """)
            let result = try await terraform.run("validate", "-no-color")
            #expect(result.status == 1)
            #expect(result.text.contains("id and name exclude each other"), "\(result.text)")
            #expect(result.text.contains("One of id, name is missing"), "\(result.text)")
        }
    }
}
