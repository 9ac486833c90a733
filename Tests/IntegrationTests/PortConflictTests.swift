// A port of the virtual address belongs to another program.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct PortConflictTests {
        @Test func listenerFailsAloneAndHealsWhenThePortIsFree() async throws {
            let served = try ServedLoadBalancer(currentServer().demo(), makeBackends(2))
            let client = served.client
            let port = Ports.free()
            var stranger: TCPSocket? = try TCPSocket.listen(on: served.address, port: port)
            _ = stranger

            let created = try client.create(
                .listeners,
                [
                    "loadbalancer_id": .string(served.id), "protocol": "HTTP", "protocol_port": .integer(Int64(port)),
                    "default_pool_id": .string(served.pool),
                ])
            let listener = try #require(created["id"]?.string)
            try await eventually("the listener has failed") {
                try client.get(.listeners, listener)["provisioning_status"] == "ERROR"
            }
            let failed = try client.get(.listeners, listener)
            let reason = failed["status_reason"]?.string ?? ""
            print("The reason reads: \(reason)")
            #expect(reason.contains("\(port)"), "\(failed)")
            #expect(failed["operating_status"] == "ERROR")
            // Nothing else is wrong.
            #expect(try client.get(.loadBalancers, served.id)["provisioning_status"] == "ACTIVE")
            #expect(try client.get(.listeners, served.listener)["provisioning_status"] == "ACTIVE")
            try served.expectShare(of: 10, ["b1": 5, "b2": 5])
            // The others can be changed meanwhile.
            try await served.update(.pools, served.pool, ["lb_algorithm": "LEAST_CONNECTIONS"])
            try await served.removeMember(served.members[1])
            try served.expectShare(of: 4, ["b1": 4])
            #expect(try client.get(.listeners, listener)["provisioning_status"] == "ERROR")

            stranger = nil
            let healed = try await eventually("the listener is well", within: .seconds(6)) {
                try client.get(.listeners, listener)["provisioning_status"] == "ACTIVE"
            }
            print("MEASURED the listener was well \(healed) after the port was free")
            #expect(try fetch(served.address, port).text == "b1")
            #expect(try client.get(.listeners, listener)["status_reason"] ?? .null == .null)
            try await client.wait(for: "ONLINE", of: .listeners, listener)
            try await client.wait(for: "ONLINE", of: .loadBalancers, served.id)
            try served.delete()
        }

        @Test func failedListenersCanBeDeleted() async throws {
            let served = try ServedLoadBalancer(currentServer().demo(), makeBackends(1))
            let client = served.client
            let ports = [Ports.free(), Ports.free()]
            let strangers = try ports.map { try TCPSocket.listen(on: served.address, port: $0) }
            for port in ports {
                let listener = try #require(
                    try client.create(
                        .listeners,
                        [
                            "loadbalancer_id": .string(served.id), "protocol": "TCP",
                            "protocol_port": .integer(Int64(port)),
                        ])["id"]?.string)
                try await eventually("the listener has failed") {
                    try client.get(.listeners, listener)["provisioning_status"] == "ERROR"
                }
                try client.delete(.listeners, listener)
                try await client.settle(served.id)
                #expect(try client.send("GET", "listeners/\(listener)").status == 404)
            }
            #expect(try served.fetch().status == 200)
            withExtendedLifetime(strangers) {}
            try served.delete()
        }
    }
}
