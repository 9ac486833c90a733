// Changes under load cost no request.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct ZeroDropTests {
        @Test func changesUnderLoadFailNoRequest() async throws {
            let server = try currentServer()
            let backends = try makeBackends(4)
            let served = try ServedLoadBalancer(server.demo(), Array(backends[..<3]), monitor: [:])
            let load = LoadGenerator(to: served.address, port: served.port, keeping: 8, fresh: 8)
            let start = ContinuousClock.now
            var memberChanges = 0
            var treeChanges = 0
            var extra: String?
            for round in 0..<220 where round % 11 != 10 {
                memberChanges += 1
                switch round % 4 {
                case 0:
                    let member = ServedLoadBalancer.member(backends[3])
                    extra = try served.client.create(served.membersCollection, .object(member))["id"]?.string
                case 1:
                    let weight = JSONValue.integer(Int64(round % 7 + 1))
                    try served.client.update(served.membersCollection, served.members[round % 3], ["weight": weight])
                case 2:
                    let isUp = JSONValue.bool(round % 8 != 2)
                    try served.client.update(served.membersCollection, served.members[0], ["admin_state_up": isUp])
                default:
                    if let id = extra { try served.client.delete(served.membersCollection, id) }
                    extra = nil
                }
                guard round % 10 == 9 || round % 10 == 4 else { continue }
                guard treeChanges < 20 else { continue }
                try await change(served, treeChanges)
                treeChanges += 1
            }
            while treeChanges < 20 {
                try await change(served, treeChanges)
                treeChanges += 1
            }
            let duration = ContinuousClock.now - start
            try await served.client.settle(served.id)
            let result = try await load.stop()
            print("MEASURED \(memberChanges) member and \(treeChanges) tree changes in \(duration): \(result)")
            #expect(memberChanges == 200 && treeChanges == 20)
            #expect(result.failed == 0, "\(result)")
            #expect(result.answered > 1_000)
            #expect(Set(result.answers.keys) == ["b1", "b2", "b3", "b4"], "\(result.answers)")
            #expect(try served.client.get(.loadBalancers, served.id)["provisioning_status"] == "ACTIVE")
            // Old processes end when their last connection does.
            try await eventually("one process is left") { server.haproxies.count == 1 }
            try served.delete()
        }

        /// A change of a listener or of a pool, which HAProxy takes by a reload.
        private func change(_ served: ServedLoadBalancer, _ number: Int) async throws {
            let client = served.client
            switch number % 4 {
            case 0:
                try client.update(
                    .listeners, served.listener, ["timeout_client_data": .integer(Int64(40_000 + number))])
            case 1:
                let algorithm: JSONValue = number % 8 == 1 ? "LEAST_CONNECTIONS" : "ROUND_ROBIN"
                try client.update(.pools, served.pool, ["lb_algorithm": algorithm])
            case 2:
                _ = try client.create(
                    .listeners,
                    [
                        "loadbalancer_id": .string(served.id), "protocol": "HTTP", "name": "second",
                        "protocol_port": .integer(Int64(Ports.free())), "default_pool_id": .string(served.pool),
                    ])
            default:
                let second = try client.list(
                    .listeners, query: "?name=second&loadbalancer_id=\(served.id)")
                try client.delete(.listeners, #require(second.first?["id"]?.string))
            }
        }
    }
}
