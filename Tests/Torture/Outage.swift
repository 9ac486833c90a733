// Everything but HAProxy is down for a long time, under traffic.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport

enum Outage {
    /// Kills all processes of the service and its database, waits, and starts them again.
    ///
    /// - Returns: whether no request failed and all was adopted.
    static func run(_ options: TortureOptions, seconds: Int) async throws -> Bool {
        let deployment = try Deployment(options)
        let cleaner = CleanUp(deployment)
        do {
            let problems = try await run(deployment, seconds)
            for problem in problems { Output.line("VIOLATION  \(problem)") }
            Output.line("\(problems.isEmpty ? 1 : 0) passed, \(problems.isEmpty ? 0 : 1) failed")
            await cleaner.run(keepingLogs: !problems.isEmpty)
            return problems.isEmpty
        } catch {
            await cleaner.run(keepingLogs: true)
            throw error
        }
    }

    private static func run(_ deployment: Deployment, _ seconds: Int) async throws -> [String] {
        try await deployment.start()
        let scenery = try Scenery(deployment)
        let client = try deployment.login("demo")
        var served: [(id: String, address: String, port: Int)] = []
        for index in 0..<4 {
            let port = Ports.free()
            let made = try client.create(
                .loadBalancers,
                scenery.loadBalancer("outage\(index)", port: port, isUDP: index == 3, isMonitored: true))
            let (id, address) = (made["id"]?.string ?? "", made["vip_address"]?.string ?? "")
            try await eventually("load balancer \(index) serves", within: .seconds(60)) {
                scenery.serves(address, port, isUDP: index == 3)
            }
            served.append((id, address, port))
        }
        let before = deployment.haproxies
        let probes = served[..<3].map { Probe(to: $0.address, port: $0.port, rate: 50) }
        for process in deployment.processes { process.signal(SIGKILL) }
        if let postmaster = deployment.database?.postmaster { ProcessTable.kill(postmaster) }
        Output.line("everything but HAProxy is down for \(seconds) s")
        let end = ContinuousClock.now + .seconds(seconds)
        var datagrams = (sent: 0, lost: 0)
        while ContinuousClock.now < end {
            datagrams.sent += 1
            if !scenery.serves(served[3].address, served[3].port, isUDP: true) { datagrams.lost += 1 }
            try await Task.sleep(for: .milliseconds(50))
        }
        var problems: [String] = []
        if deployment.processes.contains(where: \.isRunning) { problems.append("a process of the service is running") }
        let back = ContinuousClock.now
        if let database = deployment.database { _ = try await inParallel(1) { _ in try database.start() } }
        try await deployment.start()
        let again = try deployment.login("demo")
        try again.update(.loadBalancers, served[0].id, ["description": "after the outage"])
        try await eventually("a change is ACTIVE", within: .seconds(60)) {
            try again.get(.loadBalancers, served[0].id)["provisioning_status"] == "ACTIVE"
        }
        let recovery = ContinuousClock.now - back
        try await Task.sleep(for: .seconds(5))
        if deployment.haproxies != before { problems.append("HAProxy processes were not adopted") }
        for (index, probe) in probes.enumerated() {
            let (result, rate) = try await probe.end()
            Output.line(
                "load balancer \(index): \(result.answered) answered, \(rate)/s, \(result.failures.count) failed, slowest \(Output.text(result.slowest))"
            )
            problems += result.failures.map { "load balancer \(index): \($0)" }
        }
        Output.line("UDP: \(datagrams.sent) datagrams, \(datagrams.lost) lost")
        if datagrams.lost > 0 { problems.append("\(datagrams.lost) datagrams were lost") }
        Output.line("a change was ACTIVE \(Output.text(recovery)) after the start")
        return problems
    }
}
