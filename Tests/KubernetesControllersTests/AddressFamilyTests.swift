// Services with addresses of both families.

internal import JSON
internal import KubernetesClient
internal import OctaviaClient
internal import TestSupport
internal import Testing

@testable internal import KubernetesControllers

extension ClusterTests {
    /// On a server without data plane: loopback has no second family to give away.
    @Suite(.noOpServer, .serialized)
    struct AddressFamilyTests {
        /// A network with a subnet of each family.
        private func makeNetwork(_ server: ServerProcess) throws -> (network: String, ipv4: String, ipv6: String) {
            let client = try server.demo()
            func make(_ kind: String, _ fields: JSONValue) throws -> String {
                let answer = try client.send("POST", "/network/v2.0/\(kind)s", .object([kind: fields]))
                return try #require(answer.json[kind]?["id"]?.string, "\(answer.text)")
            }
            let network = try make("network", ["name": "dual"])
            let ipv4 = try make("subnet", ["network_id": .string(network), "cidr": "192.0.2.0/24", "ip_version": 4])
            let ipv6 = try make(
                "subnet", ["network_id": .string(network), "cidr": "2001:db8:77::/64", "ip_version": 6])
            return (network, ipv4, ipv6)
        }

        @Test func bothFamiliesAreOnOneLoadBalancer() async throws {
            let server = try #require(ServerProcess.current)
            let (network, ipv4, ipv6) = try makeNetwork(server)
            try await World.with {
                $0.addresses.networkID = ResourceID(network)
            } _: { world in
                try await world.addNode("a", ports: [])
                try await world.withControllers {
                    for (name, families) in [
                        ("four", ["IPv4", "IPv6"]), ("six", ["IPv6", "IPv4"]), ("one", ["IPv6"]),
                    ] {
                        try await world.addService(name, ports: [ServicePort(port: 80, nodePort: Ports.free())]) {
                            $0.spec.ipFamilies = families
                            $0.spec.ipFamilyPolicy = families.count == 2 ? "RequireDualStack" : "SingleStack"
                        }
                        _ = try await world.address(of: name)
                        let addresses = try await world.service(name).status.loadBalancer.ingress.map(\.ip)
                        #expect(
                            addresses.map { $0.contains(":") } == families.map { $0 == "IPv6" }, "\(name): \(addresses)"
                        )
                        let loadBalancer = try await world.tree(name).loadBalancer
                        #expect(loadBalancer.vipSubnetID == ResourceID(families[0] == "IPv4" ? ipv4 : ipv6))
                        #expect(loadBalancer.additionalVIPs.count == families.count - 1)
                    }
                }
            }
        }
    }
}
