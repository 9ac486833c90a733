// Changes of members, listeners and pools while clients send requests all the time.

internal import JSON
internal import TestSupport

enum ChangesUnderLoad {
    private static let memberChanges = 200
    private static let treeChanges = 20

    static func run(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        var changes = try await Changes(server)
        let place = changes.served.virtualIP
        let kept = LoadGenerator(to: place.address, port: place.port, keeping: 8, fresh: 0)
        let fresh = LoadGenerator(to: place.address, port: place.port, keeping: 0, fresh: 8)
        var memberTimes: [Duration] = []
        var treeTimes: [Duration] = []
        var reloads = 0
        var process = server.haproxy(of: changes.served.id)
        let clock = ContinuousClock()
        let start = clock.now
        for number in 0..<(memberChanges + treeChanges) {
            if number % 11 == 10 {
                treeTimes.append(try clock.measure { try changes.changeTree(number / 11) })
            } else {
                memberTimes.append(try clock.measure { try changes.changeMembers(number) })
            }
            let current = server.haproxy(of: changes.served.id)
            if current != process { reloads += 1 }
            process = current
        }
        let duration = clock.now - start
        // The load of LoadGenerator ends after a minute.
        guard duration < .seconds(58) else { throw TimedOut(description: "the changes took \(duration)") }
        try await changes.client.settle(changes.served.id)
        let results = (kept: try await kept.stop(), fresh: try await fresh.stop())
        try server.check()
        for (reason, count) in results.kept.failures.merging(results.fresh.failures, uniquingKeysWith: +) {
            Output.line("  failed: \(count) × \(reason)")
        }
        let answered = results.kept.answered + results.fresh.answered
        return [
            Measurement(
                "failed requests", count: results.kept.failed + results.fresh.failed, goal: .exactly(0)),
            Measurement("requests on 8 kept connections", count: results.kept.answered),
            Measurement("requests on fresh connections, 8 at once", count: results.fresh.answered),
            Measurement("requests a second", [Double(answered) / (duration / .seconds(1))], unit: "/s"),
            Measurement("reloads", count: reloads),
            Measurement("member changes", memberTimes),
            Measurement("listener and pool changes", treeTimes),
        ]
    }

    /// The load balancer and what is changed about it, in turn.
    private struct Changes {
        let client: KeptClient
        let served: ServedLoadBalancer
        private let backends: [HTTPBackend]
        private var extraMember = ""
        private var extraListener = ""

        init(_ server: MeasuredServer) async throws {
            backends = try (1...4).map { try Backends.start("b\($0)") }
            client = try server.client()
            served = try await ServedLoadBalancer(client, Array(backends[..<3]))
        }

        mutating func changeMembers(_ number: Int) throws {
            let collection = served.membersCollection
            if !extraMember.isEmpty, number % 4 == 3 {
                try client.delete(collection, extraMember)
                extraMember = ""
            } else if extraMember.isEmpty, number % 4 != 2 {
                extraMember = try client.createIdentified(collection, LoadBalancerTemplate.member(backends[3]))
            } else if number % 4 == 2 {
                try client.update(collection, served.members[0], ["admin_state_up": .bool(number % 8 == 6)])
            } else {
                let weight = JSONValue.integer(Int64(number % 7 + 1))
                try client.update(collection, served.members[number % 3], ["weight": weight])
            }
        }

        mutating func changeTree(_ number: Int) throws {
            switch number % 4 {
            case 0:
                let timeout = JSONValue.integer(Int64(40_000 + number))
                try client.update(.listeners, served.listener, ["timeout_client_data": timeout])
            case 1:
                let algorithm: JSONValue = number % 8 == 1 ? "LEAST_CONNECTIONS" : "ROUND_ROBIN"
                try client.update(.pools, served.pool, ["lb_algorithm": algorithm])
            case 2:
                extraListener = try client.createIdentified(
                    .listeners,
                    [
                        "loadbalancer_id": .string(served.id), "protocol": "HTTP",
                        "protocol_port": .integer(Int64(Ports.free())), "default_pool_id": .string(served.pool),
                    ])
            default:
                try client.delete(.listeners, extraListener)
            }
        }
    }
}
