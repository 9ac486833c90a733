// From the first call to the last trace.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct LifecycleTests {
        @Test func createdOneByOneTrafficIsBalanced() async throws {
            let client = try currentServer().demo()
            let backends = try makeBackends(2)
            let port = Ports.free()
            let (id, address) = try client.createLoadBalancer("one by one")
            func expectActive(_ collection: Collection, _ created: JSONValue) throws -> String {
                let child = try #require(created["id"]?.string)
                #expect(created["provisioning_status"] == "PENDING_CREATE")
                let loadBalancer = try client.get(.loadBalancers, id)
                #expect(loadBalancer["provisioning_status"] == "ACTIVE", "after \(collection.path)")
                #expect(try client.get(collection, child)["provisioning_status"] == "ACTIVE")
                return child
            }
            let first = try client.get(.loadBalancers, id)
            #expect(first["provisioning_status"] == "ACTIVE")
            #expect(first["operating_status"] == "ONLINE")
            #expect(first["vip_address"]?.string == address)

            let listener = try expectActive(
                .listeners,
                client.create(
                    .listeners,
                    ["loadbalancer_id": .string(id), "protocol": "HTTP", "protocol_port": .integer(Int64(port))]))
            #expect(try fetch(address, port).status == 503)
            let pool = try expectActive(
                .pools,
                client.create(
                    .pools, ["listener_id": .string(listener), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"]))
            for backend in backends {
                let member = try client.create(.members(of: pool), .object(ServedLoadBalancer.member(backend)))
                _ = try expectActive(.members(of: pool), member)
            }
            var monitor = ServedLoadBalancer.monitor
            monitor["pool_id"] = .string(pool)
            _ = try expectActive(.healthMonitors, client.create(.healthMonitors, .object(monitor)))

            var share: [String: Int] = [:]
            for _ in 0..<20 { share[try fetch(address, port).text, default: 0] += 1 }
            #expect(share == ["b1": 10, "b2": 10])
            let connection = try HTTPConnection(to: address, port: port)
            let kept = try (0..<10).map { _ in try connection.request().text }
            #expect(kept.filter { $0 == "b1" }.count == 5 && kept.count == 10)
            try await client.wait(for: "ONLINE", of: .loadBalancers, id)

            // Deleting from below; everything stays as it should be in between.
            try client.delete(.pools, pool)
            try await client.settle(id)
            #expect(try client.get(.listeners, listener)["default_pool_id"] == .null)
            #expect(try client.send("GET", "pools/\(pool)/members").status == 404)
            #expect(try fetch(address, port).status == 503)
            try client.delete(.listeners, listener)
            try await client.settle(id)
            #expect(throws: ConnectionFailure.self) { try fetch(address, port) }
            try client.delete(.loadBalancers, id)
            #expect(try client.send("GET", "loadbalancers/\(id)").status == 404)
        }

        @Test func createdWithOneCallEverythingServesAtOnce() async throws {
            let client = try currentServer().demo()
            let backends = try makeBackends(2)
            let port = Ports.free()
            let address = VirtualAddresses.next()
            let created = try client.create(
                .loadBalancers,
                [
                    "name": "one call", "vip_subnet_id": .string(client.privateSubnet()),
                    "vip_address": .string(address),
                    "listeners": [
                        [
                            "name": "web", "protocol": "HTTP", "protocol_port": .integer(Int64(port)),
                            "default_pool": ["name": "shared"],
                        ]
                    ],
                    "pools": [
                        [
                            "name": "shared", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                            "members": .array(backends.map { .object(ServedLoadBalancer.member($0)) }),
                            "healthmonitor": .object(ServedLoadBalancer.monitor),
                        ]
                    ],
                ])
            let id = try #require(created["id"]?.string)
            let first = try client.get(.loadBalancers, id)
            #expect(first["provisioning_status"] == "ACTIVE")
            #expect(first["operating_status"] == "ONLINE")
            #expect(try fetch(address, port).status == 200)

            // Full objects without references back (octavia-v2-api §6).
            let listener = try #require(created["listeners"]?[0])
            let pool = try #require(created["pools"]?[0])
            let monitor = try #require(pool["healthmonitor"])
            #expect(listener["loadbalancers"] == nil)
            #expect(listener["default_pool_id"] == pool["id"])
            #expect(listener["l7policies"] == [])
            #expect(pool["loadbalancers"] == nil && pool["healthmonitor_id"] == nil)
            #expect(pool["listeners"] == [["id": listener["id"] ?? .null]])
            #expect(monitor["pools"] == nil)
            #expect(monitor["type"] == "HTTP" && monitor["url_path"] == "/" && monitor["expected_codes"] == "200")
            #expect(pool["members"]?.array?.count == 2)
            for member in pool["members"]?.array ?? [] {
                #expect(member["operating_status"] == "OFFLINE", "the pool has a monitor, which has not looked yet")
                #expect(member["weight"] == 1 && member["backup"] == false && member["vnic_type"] == "normal")
            }
            for object in [created, listener, pool, monitor] {
                #expect(object["provisioning_status"] == "PENDING_CREATE")
                #expect(object["operating_status"] == "OFFLINE")
                #expect(object["project_id"]?.string == client.projectID)
                #expect(object["tenant_id"]?.string == client.projectID)
                #expect(object["updated_at"] == .null)
            }
            // Later answers have only ids, and references in both directions.
            #expect(first["listeners"] == [["id": listener["id"] ?? .null]])
            #expect(first["pools"] == [["id": pool["id"] ?? .null]])
            let single = try client.get(.pools, #require(pool["id"]?.string))
            #expect(single["loadbalancers"] == [["id": .string(id)]])
            #expect(single["healthmonitor_id"] == monitor["id"])
        }

        @Test func cascadeDeleteLeavesNothing() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let served = try ServedLoadBalancer(client, makeBackends(2), monitor: [:])
            let vipPort = try #require(client.get(.loadBalancers, served.id)["vip_port_id"]?.string)
            let process = try #require(server.haproxy(of: served.id))
            #expect(try served.fetch().status == 200)

            // Not without being asked to.
            for query in ["", "?cascade=false"] {
                let refused = try client.send("DELETE", "loadbalancers/\(served.id)\(query)")
                #expect(refused.status == 400)
                let text = "Cannot delete Load Balancer \(served.id) - it has children"
                #expect(refused.json["faultstring"]?.string?.contains(text) == true, "\(refused.text)")
            }
            #expect(try served.fetch().status == 200)

            let answer = try client.send("DELETE", "loadbalancers/\(served.id)?cascade=True")
            #expect(answer.status == 204 && answer.body.isEmpty)
            for path in [
                "loadbalancers/\(served.id)", "listeners/\(served.listener)", "pools/\(served.pool)",
                "healthmonitors/\(served.monitor ?? "")", "pools/\(served.pool)/members",
                "loadbalancers/\(served.id)/status", "/network/v2.0/ports/\(vipPort)",
            ] {
                #expect(try client.send("GET", path).status == 404, "\(path)")
            }
            #expect(!ProcessTable.isAlive(process))
            #expect(!Files.exists("\(server.dataDirectory)/amphora/\(served.id)"))
            #expect(throws: ConnectionFailure.self) { try served.fetch() }
            #expect(try client.send("DELETE", "loadbalancers/\(served.id)?cascade=true").status == 404)
            // The address can be had again.
            let again = try client.send(
                "POST", "loadbalancers",
                [
                    "loadbalancer": [
                        "vip_subnet_id": .string(client.privateSubnet()), "vip_address": .string(served.address),
                    ]
                ])
            #expect(again.status == 201, "\(again.text)")
        }
    }
}
