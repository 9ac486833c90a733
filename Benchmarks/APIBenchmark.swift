// How long requests take, and how much of a processor the server spends on each.

internal import JSON
internal import TestSupport

enum APIBenchmark {
    private static let listed = 100

    static func run(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let body: JSONValue = ["vip_subnet_id": .string(try client.privateSubnet())]
        let create: @Sendable (KeptClient) throws -> Void = { _ = try $0.create(.loadBalancers, body) }
        // The answer is not parsed, as that is the client's work.
        let list: @Sendable (KeptClient) throws -> Void = { try $0.send("GET", "loadbalancers", expecting: 200) }
        var rows = try await measure("POST load balancer without listeners", server, clients: 1, listed, create)
        let all = try client.send("GET", "loadbalancers", expecting: 200).json["loadbalancers"]?.array ?? []
        guard all.count == listed, let id = all[0]["id"]?.string else {
            throw UnexpectedAnswer(description: "a list of \(all.count) load balancers")
        }
        let get: @Sendable (KeptClient) throws -> Void = {
            try $0.send("GET", "loadbalancers/\(id)", expecting: 200)
        }
        rows += try await measure("GET load balancer", server, clients: 1, 1_000, get)
        rows += try await measure("GET load balancer", server, clients: 16, 4_000, get)
        rows += try await measure("GET list of \(listed)", server, clients: 1, 200, list)
        rows += try await measure("GET list of \(listed)", server, clients: 16, 800, list)
        rows += try await measure("POST load balancer without listeners", server, clients: 16, 320, create)
        rows.append(
            Measurement(
                "control plane after all that: resident", [ProcessUsage.residentMegabytes(of: server.child.pid)],
                unit: "MB"))
        try server.check()
        return rows
    }

    /// Sends so many requests from so many clients at once.
    private static func measure(
        _ name: String, _ server: MeasuredServer, clients: Int, _ requests: Int,
        _ request: @escaping @Sendable (KeptClient) throws -> Void
    ) async throws -> [Measurement] {
        let login = try server.client().login
        let pid = server.child.pid
        let before = ProcessUsage.processorTime(of: pid)
        let start = ContinuousClock.now
        let times = try await inParallel(clients, within: .seconds(120)) { _ in
            let client = KeptClient(login)
            let clock = ContinuousClock()
            return try (0..<(requests / clients)).map { _ in try clock.measure { try request(client) } }
        }.flatMap { $0 }
        let elapsed = ContinuousClock.now - start
        let used = ProcessUsage.processorTime(of: pid) - before
        let label = clients == 1 ? name : "\(name), \(clients) at once"
        return [
            Measurement(label, times),
            Measurement("  requests a second", [Double(times.count) / (elapsed / .seconds(1))], unit: "/s"),
            Measurement("  server CPU for each", [used / .milliseconds(1) / Double(times.count)], unit: "ms"),
        ]
    }
}
