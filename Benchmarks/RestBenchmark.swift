// What the control plane and its HAProxy processes use while nothing happens.

internal import TestSupport

enum RestBenchmark {
    private static let loadBalancers = 10
    private static let pause = Duration.seconds(20)
    private static let window = Duration.seconds(10)

    static func run(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let backends = [try Backends.start("b1"), try Backends.start("b2")]
        var served: [ServedLoadBalancer] = []
        for _ in 0..<loadBalancers { served.append(try await ServedLoadBalancer(client, backends)) }
        try await Task.sleep(for: pause)
        let pid = server.child.pid
        let processes = served.compactMap { server.haproxy(of: $0.id) }
        let resident = ProcessUsage.residentMegabytes(of: pid)
        let (own, proxies) = (ProcessUsage.processorTime(of: pid), processorTime(of: processes))
        let start = ContinuousClock.now
        try await Task.sleep(for: window)
        let elapsed = ContinuousClock.now - start
        func share(_ time: Duration) -> [Double] { [time / elapsed * 100] }
        try server.check()
        return [
            Measurement(
                "control plane, \(loadBalancers) load balancers: resident", [resident], unit: "MB", goal: .below(100)),
            Measurement(
                "control plane: of one core", share(ProcessUsage.processorTime(of: pid) - own), unit: "%"),
            Measurement(
                "each HAProxy: private memory", processes.map { ProcessUsage.privateMegabytes(of: $0) }, unit: "MB",
                goal: .below(6)),
            Measurement(
                "  of that, written to (Private_Dirty)", processes.map { ProcessUsage.privateDirtyMegabytes(of: $0) },
                unit: "MB"),
            Measurement(
                "all HAProxy, checks every 2 s: of one core", share(processorTime(of: processes) - proxies), unit: "%"),
        ]
    }

    private static func processorTime(of processes: [Int32]) -> Duration {
        processes.reduce(.zero) { $0 + ProcessUsage.processorTime(of: $1) }
    }
}
