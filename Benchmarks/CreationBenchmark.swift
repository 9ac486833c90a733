// From sending the first call until the first 200 through the VIP.

internal import JSON
internal import TestSupport

enum CreationBenchmark {
    private static let runs = 21
    private static let steps = ["load balancer", "listener", "pool", "member batch", "health monitor", "first 200"]

    static func run(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let subnet = try client.privateSubnet()
        let backends = [try Backends.start("b1"), try Backends.start("b2")]
        var oneByOne: [Duration] = []
        var parts = [[Duration]](repeating: [], count: steps.count)
        var inOneCall: [Duration] = []
        var answers: [Duration] = []
        var deletions: [Duration] = []
        for run in -1..<runs {
            let first = try await createOneByOne(client, LoadBalancerTemplate(subnet: subnet, backends: backends))
            let firstDeletion = try delete(client, first.id)
            let second = try await createInOneCall(client, LoadBalancerTemplate(subnet: subnet, backends: backends))
            let secondDeletion = try delete(client, second.id)
            // The first run warms the server up.
            guard run >= 0 else { continue }
            oneByOne.append(first.steps.reduce(.zero, +))
            for (index, step) in first.steps.enumerated() { parts[index].append(step) }
            inOneCall.append(second.steps.reduce(.zero, +))
            answers.append(second.steps[0])
            deletions += [firstDeletion, secondDeletion]
        }
        try server.check()
        return [Measurement("five calls → first 200", oneByOne, goal: .below(300))]
            + zip(steps, parts).map { Measurement("  of that, \($0)", $1) }
            + [
                Measurement("one call → first 200", inOneCall, goal: .below(200)),
                Measurement("  of that, until the answer", answers),
                Measurement("DELETE with cascade", deletions),
            ]
    }

    /// The five calls one after the other; the time of each, and of the wait for traffic.
    private static func createOneByOne(
        _ client: KeptClient, _ template: LoadBalancerTemplate
    ) async throws -> (id: String, steps: [Duration]) {
        var laps = Laps()
        let id = try client.createIdentified(.loadBalancers, .object(template.loadBalancer))
        laps.next()
        var listener = template.listener
        listener["loadbalancer_id"] = .string(id)
        let listenerID = try client.createIdentified(.listeners, .object(listener))
        laps.next()
        var pool = template.pool
        pool["listener_id"] = .string(listenerID)
        let poolID = try client.createIdentified(.pools, .object(pool))
        laps.next()
        try client.send("PUT", "pools/\(poolID)/members", ["members": template.members], expecting: 202)
        laps.next()
        var monitor = LoadBalancerTemplate.monitor
        monitor["pool_id"] = .string(poolID)
        _ = try client.create(.healthMonitors, .object(monitor))
        laps.next()
        try await template.virtualIP.waitForAnswer()
        laps.next()
        return (id, laps.durations)
    }

    /// Everything in one call; its time, and that of the wait for traffic.
    private static func createInOneCall(
        _ client: KeptClient, _ template: LoadBalancerTemplate
    ) async throws -> (id: String, steps: [Duration]) {
        var laps = Laps()
        let id = try client.createIdentified(.loadBalancers, template.whole)
        laps.next()
        try await template.virtualIP.waitForAnswer()
        laps.next()
        return (id, laps.durations)
    }

    private static func delete(_ client: KeptClient, _ id: String) throws -> Duration {
        try ContinuousClock().measure { try client.delete(.loadBalancers, id, query: "?cascade=true") }
    }
}
