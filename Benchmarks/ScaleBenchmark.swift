// Many members in one pool, and many load balancers on one machine.

internal import Foundation
internal import JSON
internal import TestSupport

enum ScaleBenchmark {
    private static let members = 500
    private static let loadBalancers = 1_000
    private static let clients = 8

    /// A batch of members: from the request to the moment when HAProxy has all of them.
    static func batch(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let served = try await ServedLoadBalancer(client, [try Backends.start("b1")])
        let process = server.haproxy(of: served.id)
        var times: [Duration] = []
        for run in 0..<3 {
            let batch = JSONValue.array(
                (0..<members).map { number in
                    [
                        "address": .string("127.\(10 + run).\(number / 250).\(number % 250 + 1)"),
                        "protocol_port": 8_080,
                    ]
                })
            let start = ContinuousClock.now
            try client.send("PUT", served.membersCollection.path, ["members": batch], expecting: 202)
            try await client.settle(served.id)
            times.append(ContinuousClock.now - start)
        }
        try server.check()
        let reloads = server.haproxy(of: served.id) == process ? 0 : 1
        return [
            Measurement("\(members) members replaced: request → ACTIVE", times, goal: .below(1_000)),
            Measurement("  of these with a reload", count: reloads),
        ]
    }

    /// Many load balancers: the time to bring them up when nothing runs, and what they use.
    static func many(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let backends = [try Backends.start("b1"), try Backends.start("b2")]
        let subnet = try client.privateSubnet()
        let address = client.address
        let begin = ContinuousClock.now
        let created = try await inParallel(clients, within: .seconds(300)) { index -> [Served] in
            let client = KeptClient(address)
            return try stride(from: index, to: loadBalancers, by: clients).map { _ in
                let template = LoadBalancerTemplate(subnet: subnet, backends: backends)
                let body = try client.create(.loadBalancers, template.whole)
                return Served(id: body["id"]?.string ?? "", place: template.virtualIP)
            }
        }.flatMap { $0 }
        try await waitForAll(created)
        let creation = ContinuousClock.now - begin
        // From cold: no HAProxy runs, and the control plane begins.
        await server.kill()
        let stopped = server.haproxies
        for process in stopped { ProcessTable.kill(process) }
        try await eventually("no HAProxy is left", within: .seconds(30)) { server.haproxies.isEmpty }
        let cold = ContinuousClock.now
        let again = try await MeasuredServer(program, after: server)
        try await waitForAll(created)
        let bringUp = ContinuousClock.now - cold
        // Observations become rarer until each load balancer is observed every 40 s: after 1, 2, 4, 8, 16, 32 and 40 s.
        try await Task.sleep(for: .seconds(100))
        let (pid, processes) = (again.child.pid, again.haproxies)
        let resident = ProcessUsage.residentMegabytes(of: pid)
        let memory = processes.reduce(resident) { $0 + ProcessUsage.privateMegabytes(of: $1) }
        let used = ProcessUsage.processorTime(of: pid)
        let window = ContinuousClock.now
        try await Task.sleep(for: .seconds(40))
        let share = (ProcessUsage.processorTime(of: pid) - used) / (ContinuousClock.now - window) * 100
        try again.check()
        return [
            Measurement("\(loadBalancers) load balancers created by \(clients) clients", [creation]),
            Measurement("  all serve again from cold", [bringUp], goal: .below(120_000)),
            Measurement("  memory of all processes", [memory], unit: "MB", goal: .below(6_000)),
            Measurement("  control plane: resident", [resident], unit: "MB"),
            Measurement("  control plane at rest: of one core", [share], unit: "%", goal: .below(5)),
        ]
    }

    private struct Served: Sendable {
        var id: String
        var place: VirtualIP
    }

    private static func waitForAll(_ served: [Served]) async throws {
        for one in served {
            try await eventually("\(one.id) answers", within: .seconds(240), every: .milliseconds(20)) {
                (try? fetch(one.place.address, one.place.port, limit: .seconds(2)))?.status == 200
            }
        }
    }
}
