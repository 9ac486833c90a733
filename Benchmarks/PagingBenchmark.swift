// Ten thousand members through the client library's list, which has one page in memory.

internal import Glibc
internal import JSON
internal import OctaviaClient
internal import TestSupport

enum PagingBenchmark {
    private static let members = 10_000
    private static let batch = 2_500

    static func run(_ program: String) async throws -> [Measurement] {
        let server = try await MeasuredServer(program, ["--no-op"])
        let configuration = try CloudConfiguration.load(
            cloud: "ottava", environment: ["OS_CLIENT_CONFIG_FILE": server.cloudsFile])
        let result = try await Cloud.with(configuration) { cloud in
            let made = try await cloud.loadBalancers.create(
                LoadBalancerCreate(
                    name: "many", vip: .subnet(.random(), address: "192.0.2.1"),
                    pools: [PoolCreate(name: "many", poolProtocol: .tcp)]))
            let pool = try await cloud.loadBalancers.waitUntilActive(made.id).poolIDs[0]
            for start in stride(from: 0, to: members, by: batch) {
                let some = (start..<(start + batch)).map { number in
                    MemberCreate(
                        name: "m\(number)", address: "10.0.\(number / 250).\(number % 250 + 1)", protocolPort: 80)
                }
                try await cloud.members(of: pool).replace(with: some, additiveOnly: true)
                try await cloud.pools.waitUntilActive(pool)
            }
            let list = cloud.members(of: pool).list()
            var durations: [Duration] = []
            var growth: [Double] = []
            for _ in 0..<5 {
                let start = ContinuousClock.now
                var count = 0
                var first = 0.0
                for try await _ in list {
                    count += 1
                    // One page of 500 has been read, and the second.
                    if count == 1_000 { first = ProcessUsage.residentMegabytes(of: getpid()) }
                }
                durations.append(ContinuousClock.now - start)
                growth.append(ProcessUsage.residentMegabytes(of: getpid()) - first)
                guard count == members else { throw CannotStart(description: "\(count) members were listed") }
            }
            return (durations, growth)
        }
        try server.check()
        return [
            Measurement("10,000 members, in pages of 500", result.0),
            Measurement("  memory more at the end than after 1,000", result.1, unit: "MB", goal: .below(2)),
        ]
    }
}
