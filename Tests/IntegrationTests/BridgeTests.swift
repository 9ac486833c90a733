// The network mode `bridge`, as a user sees it.

internal import Glibc
internal import JSON
internal import TestSupport
internal import Testing

/// Whether this machine lets tests make bridges and namespaces.
private enum BridgePrivileges {
    static let areThere: Bool = {
        let areThere = geteuid() == 0 && ["ip", "nft"].allSatisfy { path(of: $0) != nil }
        if !areThere { print("SKIPPED: tests of the network mode 'bridge', because they need root, ip and nft") }
        return areThere
    }()

    static func path(of program: String) -> String? {
        ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }
}

extension IntegrationTests {
    @Suite(.enabled(if: BridgePrivileges.areThere)) struct BridgeTests {
        /// A bridge that nobody else uses.
        private struct Bridge {
            let name = "oti\(String(Int.random(in: 0x1000...0xFFFF), radix: 16))"
            let ten = "10.\(Int.random(in: 2...99))"

            var environment: [String: String] {
                [
                    "OTTAVA_NETWORK": "bridge", "OTTAVA_BRIDGE": name, "OTTAVA_BRIDGE_SUBNET": "\(ten).0.0/24",
                    "OTTAVA_BRIDGE_FLOATING_SUBNET": "\(ten).1.0/24",
                    "OTTAVA_BRIDGE_SUBNET6": "fd77:\(ten.dropFirst(3))::/64",
                ]
            }

            func remains() async throws -> [String] {
                var found: [String] = []
                for (program, arguments) in [
                    ("ip", ["netns"]), ("ip", ["-o", "link"]), ("nft", ["list", "tables"]),
                ] {
                    let path = try #require(BridgePrivileges.path(of: program))
                    let result = try await ChildProcess.run(path, arguments)
                    found += result.output.split(separator: "\n").map(String.init).filter { $0.contains(name) }
                }
                return found
            }

            /// For tests that fail half way.
            func remove() async throws {
                let path = try #require(BridgePrivileges.path(of: "ip"))
                for line in try await ChildProcess.run(path, ["netns"]).output.split(separator: "\n") {
                    guard let name = line.split(separator: " ").first, name.hasPrefix("\(self.name)-") else { continue }
                    _ = try await ChildProcess.run(path, ["netns", "del", String(name)])
                }
                _ = try await ChildProcess.run(path, ["link", "del", name])
                let nft = try #require(BridgePrivileges.path(of: "nft"))
                _ = try await ChildProcess.run(nft, ["delete", "table", "inet", "ottava_bridge_\(name)"])
            }
        }

        private func create(_ client: APIClient, _ backend: HTTPBackend) throws -> JSONValue {
            try client.create(
                .loadBalancers,
                [
                    "vip_subnet_id": .string(try client.privateSubnet()),
                    "listeners": [
                        [
                            "protocol": "HTTP", "protocol_port": 80,
                            "default_pool": [
                                "name": "pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                                "members": [
                                    [
                                        "address": .string(backend.address),
                                        "protocol_port": .integer(Int64(backend.port)),
                                    ]
                                ],
                            ],
                        ]
                    ],
                ])
        }

        @Test func aLoadBalancerAndItsFloatingAddress() async throws {
            let bridge = Bridge()
            try await ServerProcess.with(isEphemeral: true, environment: bridge.environment) { server in
                let client = try server.demo()
                let backend = try HTTPBackend("b1", address: "\(bridge.ten).0.1")
                let begin = ContinuousClock.now
                let created = try create(client, backend)
                let id = try #require(created["id"]?.string)
                try await client.settle(id)
                print("MEASURED a load balancer on a bridge: \(ContinuousClock.now - begin)")
                let address = try #require(created["vip_address"]?.string)
                #expect(address.hasPrefix("\(bridge.ten).0."))
                let output = try await ChildProcess.run("/usr/bin/curl", ["-s", "-m", "5", "http://\(address)/"]).output
                #expect(output == "b1")

                // A floating IP, by the network's API.
                let networks = try client.send("GET", "/network/v2.0/networks?name=public").json
                let port = try #require(created["vip_port_id"]?.string)
                let floating = try client.send(
                    "POST", "/network/v2.0/floatingips",
                    [
                        "floatingip": [
                            "floating_network_id": networks["networks"]?[0]?["id"] ?? .null, "port_id": .string(port),
                        ]
                    ]
                ).json["floatingip"]
                let other = try #require(floating?["floating_ip_address"]?.string)
                #expect(other.hasPrefix("\(bridge.ten).1."))
                try await eventually("the floating address answers") {
                    (try? fetch(other, 80, limit: .seconds(1)).text) == "b1"
                }
                let floatingID = try #require(floating?["id"]?.string)
                #expect(try client.send("DELETE", "/network/v2.0/floatingips/\(floatingID)").status == 204)
                try await eventually("the floating address is gone") {
                    (try? fetch(other, 80, limit: .seconds(1)).text) == nil
                }
                #expect(try fetch(address, 80).text == "b1")

                // A tenant's network with the same addresses would take them from others.
                let mine = try client.send("POST", "/network/v2.0/networks", ["network": ["name": "mine"]]).json
                let refused = try client.send(
                    "POST", "/network/v2.0/subnets",
                    [
                        "subnet": [
                            "network_id": mine["network"]?["id"] ?? .null, "cidr": .string("\(bridge.ten).0.0/25"),
                            "ip_version": 4,
                        ]
                    ])
                #expect(refused.status == 400, "\(refused.text)")
                #expect(try await server.terminate() == 0)
            }
            let remains = try await bridge.remains()
            #expect(remains == [])
            if !remains.isEmpty { try await bridge.remove() }
        }

        /// A machine of the LAN, beyond the interface that became a port of the bridge, is a client like any other.
        @Test func aMachineBeyondTheInterfaceIsServed() async throws {
            let bridge = Bridge()
            let (ip, far) = (try #require(BridgePrivileges.path(of: "ip")), "\(bridge.name)lan")
            func run(_ words: String) async throws {
                let result = try await ChildProcess.run(ip, words.split(separator: " ").map(String.init))
                try #require(result.status == 0, "ip \(words): \(result.errors)")
            }
            try await run("netns add \(far)")
            do {
                try await run("link add \(bridge.name)a type veth peer name eth0 netns \(far)")
                try await run("link set \(bridge.name)a up")
                try await run("-n \(far) link set eth0 up")
                try await run("-n \(far) address add \(bridge.ten).0.250/24 dev eth0")
                let environment = bridge.environment.merging(
                    [
                        "OTTAVA_BRIDGE_INTERFACE": "\(bridge.name)a",
                        "OTTAVA_BRIDGE_POOL": "\(bridge.ten).0.10-\(bridge.ten).0.99",
                    ]) { $1 }
                try await ServerProcess.with(isEphemeral: true, environment: environment) { server in
                    let client = try server.demo()
                    let backend = try HTTPBackend("b1", address: "\(bridge.ten).0.1")
                    defer { backend.stop() }
                    let created = try create(client, backend)
                    try await client.settle(try #require(created["id"]?.string))
                    let address = try #require(created["vip_address"]?.string)
                    try await eventually("the machine is served", within: .seconds(20)) {
                        try await ChildProcess.run(
                            ip, ["netns", "exec", far, "curl", "-s", "-m", "5", "http://\(address)/"]
                        ).output == "b1"
                    }
                    #expect(try await server.terminate() == 0)
                }
            } catch {
                try await run("netns del \(far)")
                try await bridge.remove()
                throw error
            }
            // Of a namespace that ends, the kernel takes the interfaces away at its leisure.
            try await run("link del \(bridge.name)a")
            try await run("netns del \(far)")
            let remains = try await bridge.remains()
            #expect(remains == [])
            if !remains.isEmpty { try await bridge.remove() }
        }

        @Test func killedServersLeaveNothingThatTheNextDoesNotFind() async throws {
            let bridge = Bridge()
            do {
                var orphans: [Int32] = []
                try await ServerProcess.with(environment: bridge.environment) { server in
                    let backend = try HTTPBackend("b1", address: "\(bridge.ten).0.1")
                    let created = try create(server.demo(), backend)
                    let id = try #require(created["id"]?.string)
                    let address = try #require(created["vip_address"]?.string)
                    try await server.demo().settle(id)
                    let haproxy = try #require(server.haproxy(of: id))
                    try await server.killNow()
                    #expect(try fetch(address, 80).text == "b1", "traffic goes on")
                    try await server.start()
                    #expect(server.haproxy(of: id) == haproxy, "it is adopted")
                    try await server.demo().settle(id)
                    #expect(try fetch(address, 80).text == "b1")
                    #expect(server.haproxy(of: id) == haproxy)

                    // A second one, of which the next server will not know.
                    try await server.demo().settle(try #require(create(server.demo(), backend)["id"]?.string))
                    try server.demo().delete(.loadBalancers, id, query: "?cascade=true")
                    try await eventually("its namespace is gone") {
                        try await bridge.remains().filter { $0.contains(id) }.isEmpty
                    }
                    orphans = server.haproxies
                    #expect(orphans.count == 1)
                    try await server.killNow()
                    // With another data directory: nothing of the first is known.
                    try await ServerProcess.with(isEphemeral: true, environment: bridge.environment) {
                        other async throws -> Void in
                        #expect(try await bridge.remains().filter { $0.contains("\(bridge.name)-") } == [])
                        #expect(server.haproxies == [])
                        #expect(try await other.terminate() == 0)
                    }
                }
            } catch {
                try await bridge.remove()
                throw error
            }
            let remains = try await bridge.remains()
            #expect(remains == [])
            if !remains.isEmpty { try await bridge.remove() }
        }
    }
}
