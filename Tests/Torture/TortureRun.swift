// One run: a service, its clients, the faults, the calm and the judgement.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport

struct TortureRun {
    let options: TortureOptions
    let history = History()
    let recoveries = Recoveries()

    init(_ options: TortureOptions) { self.options = options }

    /// - Returns: whether nothing was violated.
    func run() async throws -> Bool {
        let description =
            options.engine == .postgresql
            ? "2 API processes, 2 workers and a housekeeper on PostgreSQL" : "one process on SQLite"
        Output.line(
            "seed \(options.seed): \(options.kills) kills, \(description), network \(options.usesBridge ? "bridge" : "loopback"), \(options.clients) clients"
        )
        let machine = try await MachineState()
        let deployment = try Deployment(options)
        let cleaner = CleanUp(deployment)
        do {
            let result = try await run(deployment, machine)
            await cleaner.run(keepingLogs: !result)
            return result
        } catch {
            await cleaner.run(keepingLogs: true)
            throw error
        }
    }

    private func run(_ deployment: Deployment, _ machine: MachineState) async throws -> Bool {
        try await deployment.start()
        let scenery = try Scenery(deployment)
        let client = try deployment.login("demo")
        var lasting: [SteadyLoadBalancer] = []
        for name in ["probed", "canary", "steady1", "steady2", "steady3"] {
            lasting.append(try await Self.makeSteady(client, scenery, name))
        }
        let probe = Probe(to: lasting[0].address, port: lasting[0].port)
        let stop = StopFlag()
        let canary = Canary(
            scenery: scenery, recoveries: recoveries,
            api: try APICaller(deployment, history, SeededGenerator(seed: options.seed, stream: 1_000)),
            id: lasting[1].id)
        let canaryThread = Thread {
            var canary = canary
            canary.run(until: stop)
        }
        canaryThread.start()
        let (seed, history) = (options.seed, history)
        async let work = inParallel(options.clients, within: .seconds(options.duration + 600)) { index in
            var client = try TortureClient(index, deployment, scenery, history, seed: seed)
            return client.run(until: stop)
        }
        var driver = FaultDriver(
            deployment, scenery, history, recoveries, probed: lasting[0].id, steady: Array(lasting[2...]),
            seed: options.seed)
        let begin = ContinuousClock.now
        do {
            try await driver.run(kills: options.kills, until: begin + .seconds(options.duration))
        } catch {
            history.violate(.processes, "\(error)")
        }
        let length = ContinuousClock.now - begin
        stop.set()
        // The calm begins with the end of the last fault; answers that are under way belong to it.
        let calm = ContinuousClock.now
        let owned = try await work.flatMap { $0 }
        try await eventually("the canary ends", within: .seconds(120)) { canaryThread.isFinished }
        var checker = Checker(deployment, scenery, owned: owned, lasting: lasting, machine: machine)
        let settled = await wait(for: &checker, since: calm)
        let probed = try await probe.end()
        for failure in probed.result.failures { history.violate(.probe, failure) }
        try await removeAll(deployment, client, machine, scenery)
        report(driver, length, settled, owned.count, probed)
        return history.violations.isEmpty
    }

    private static func makeSteady(
        _ client: APIClient, _ scenery: Scenery, _ name: String
    ) async throws -> SteadyLoadBalancer {
        let port = Ports.free()
        let made = try client.create(
            .loadBalancers, scenery.loadBalancer(name, port: port, isUDP: false, isMonitored: true))
        let steady = SteadyLoadBalancer(
            id: made["id"]?.string ?? "", address: made["vip_address"]?.string ?? "", port: port)
        try await eventually("\(name) serves", within: .seconds(60)) {
            scenery.serves(steady.address, steady.port, isUDP: false)
        }
        return steady
    }

    /// Looks until all is well or the time is over; what is wrong then is a violation.
    private func wait(for checker: inout Checker, since calm: ContinuousClock.Instant) async -> Duration? {
        while true {
            let found = await checker.look()
            let time = ContinuousClock.now - calm
            if found.isEmpty { return time }
            guard time < .seconds(options.calm) else {
                for (property, text) in found { history.violate(property, text) }
                return nil
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Deletes everything through the API, ends everything in order, and looks for what is left.
    private func removeAll(
        _ deployment: Deployment, _ client: APIClient, _ machine: MachineState, _ scenery: Scenery
    ) async throws {
        let client = try deployment.login("demo")
        for loadBalancer in try client.list(.loadBalancers) {
            let path = "loadbalancers/\(loadBalancer["id"]?.string ?? "")"
            let answer = try client.send("DELETE", "\(path)?cascade=true")
            if answer.status != 204 { history.violate(.answers, "DELETE \(path): \(answer.status) \(answer.text)") }
        }
        var checker = Checker(deployment, scenery, owned: [], lasting: [], machine: machine)
        let begin = ContinuousClock.now
        if await wait(for: &checker, since: begin) == nil { history.violate(.leftovers, "see above, at the end") }
        for process in deployment.processes {
            let status = try await process.terminate()
            if status != 0 { history.violate(.processes, "\(process.name) ended with \(status) after SIGTERM") }
            for line in process.log.split(separator: "\n")
            where line.contains("Fatal error") || line.contains("Program crashed") {
                history.violate(.processes, "\(process.name): \(line)")
            }
        }
        for pid in ProcessTable.processes(below: deployment.dataDirectory) {
            history.violate(.leftovers, "a process: \(ProcessTable.arguments(of: pid))")
        }
    }

    private func report(
        _ driver: FaultDriver, _ length: Duration, _ settled: Duration?, _ owned: Int,
        _ probed: (result: Probe.Result, rate: Int)
    ) {
        let counts = history.counts
        func deeds(_ deed: FaultDriver.Deed) -> String {
            let list = driver.counts.compactMap { name, deeds in deeds[deed].map { (name, $0) } }
                .sorted { $0.0 < $1.0 }
            let total = list.reduce(0) { $0 + $1.1 }
            return "\(total)" + (list.isEmpty ? "" : " (\(list.map { "\($0.0) \($0.1)" }.joined(separator: ", ")))")
        }
        Output.line(
            """
            seed \(options.seed), \(Output.text(length)) of faults
            kills: \(deeds(.kill))
            pauses: \(deeds(.pause)); restarts: \(deeds(.restart)); cuts: \(deeds(.cut)); silences: \(deeds(.silence))
            requests: \(counts.requests), acknowledged writes: \(counts.acknowledgedWrites), refused for the time being: \(counts.refused), without an answer: \(counts.doubtful)
            answers by status: \(counts.statuses.sorted { $0.key < $1.key }.map { "\($0.key) × \($0.value)" }.joined(separator: ", "))
            load balancers asked for: \(owned)
            probe: \(probed.result.answered) answered, \(probed.rate)/s, \(probed.result.failures.count) failed, slowest \(Output.text(probed.result.slowest))
            all was well \(settled.map { "\(Output.text($0)) after the last fault" } ?? "never")
            """)
        for (reason, count) in counts.errorsSeen { Output.line("seen \(count) times on the way: ERROR, \(reason)") }
        Output.line("recoveries:")
        for line in recoveries.lines { Output.line("  \(line)") }
        let violations = history.violations
        for property in Property.allCases {
            let count = violations[property.rawValue]?.count ?? 0
            Output.line(
                "\(count == 0 ? "ok      " : "VIOLATED") \(property.rawValue)\(count == 0 ? "" : ": \(count) times")")
        }
        let passed = Property.allCases.filter { violations[$0.rawValue] == nil }.count
        Output.line("\(violations.values.reduce(0) { $0 + $1.count }) violations")
        Output.line("\(passed) passed, \(Property.allCases.count - passed) failed")
    }
}
