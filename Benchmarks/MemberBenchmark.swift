// From the answer to `POST …/members` until the new member serves its first request.

internal import JSON
internal import TestSupport

enum MemberBenchmark {
    private static let runs = 21

    static func run(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let served = try await ServedLoadBalancer(client, [Backends.start("first"), Backends.start("second")])
        var process = server.haproxy(of: served.id)
        var reloads = 0
        var answers: [Duration] = []
        var firstRequests: [Duration] = []
        for run in -1..<runs {
            let added = try Backends.start("added")
            var laps = Laps()
            let id = try client.createIdentified(served.membersCollection, LoadBalancerTemplate.member(added))
            laps.next()
            try await waitForAnswer(of: "added", served.virtualIP)
            laps.next()
            try client.delete(served.membersCollection, id)
            let current = server.haproxy(of: served.id)
            if current != process { reloads += 1 }
            process = current
            // The first run warms the server up.
            guard run >= 0 else { continue }
            answers.append(laps.durations[0])
            firstRequests.append(laps.durations[1])
        }
        try server.check()
        return [
            Measurement("answer → first request served", firstRequests, goal: .below(50)),
            Measurement("POST member until the answer", answers),
            Measurement("reloads", count: reloads, goal: .exactly(0)),
        ]
    }

    /// Sends requests one after the other, each on a connection of its own.
    private static func waitForAnswer(of backend: String, _ virtualIP: VirtualIP) async throws {
        let limit = ContinuousClock.now + .seconds(10)
        while try fetch(virtualIP.address, virtualIP.port).text != backend {
            guard ContinuousClock.now < limit else { throw TimedOut(description: "no request for the new member") }
        }
    }
}
