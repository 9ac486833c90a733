// `ottava loadbalancer top`: a live screen.

internal import ArgumentParser
internal import LoadBalancerDocuments
internal import OctaviaClient

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows connections, bytes and the health of members, again and again.",
        discussion: "On a terminal the screen is drawn anew; elsewhere one table follows the other. Ctrl-C ends it.")
    @Argument(help: "Names or ids. Default: all") var loadbalancer: [String] = []
    @Option(help: "Seconds between two looks: 1–3600.") var interval = 2
    @Option(help: "How many times to look. Default: until Ctrl-C") var count: Int?
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func validate() throws {
        try checked(interval, "--interval", in: 1...3600)
        try checked(count, "--count", in: 1...1_000_000)
    }

    func run() async throws {
        try await cloud.with { cloud in
            var earlier: [ResourceID: (time: ContinuousClock.Instant, statistics: Statistics)] = [:]
            var rounds = 0
            while true {
                do {
                    let rows = try await rows(cloud, &earlier)
                    Screen.show { Screen.table(Self.columns, rows, lines: $0) }
                } catch let error as CloudError where rounds > 0 && Screen.isThere {
                    // The next look may work; what was seen last stays.
                    Screen.note("\(error)")
                }
                rounds += 1
                if let count, rounds >= count { return }
                try await Task.sleep(for: .seconds(interval))
            }
        }
    }

    private func rows(
        _ cloud: Cloud, _ earlier: inout [ResourceID: (time: ContinuousClock.Instant, statistics: Statistics)]
    ) async throws -> [[String]] {
        var rows: [[String]] = []
        for loadBalancer in try await objects(cloud) {
            // One that is deleted meanwhile is left out.
            guard let statistics = try? await cloud.loadBalancers.statistics(loadBalancer.id),
                let tree = try? await cloud.loadBalancers.statusTree(loadBalancer.id)
            else { continue }
            let now = ContinuousClock.now
            rows.append(Self.row(loadBalancer, statistics, tree, since: earlier[loadBalancer.id], now))
            earlier[loadBalancer.id] = (now, statistics)
        }
        return rows
    }

    private func objects(_ cloud: Cloud) async throws -> [LoadBalancer] {
        guard !loadbalancer.isEmpty else { return try await cloud.loadBalancers.list(sortedBy: ["name"]).all() }
        var result: [LoadBalancer] = []
        for name in loadbalancer { result.append(try await cloud.loadBalancers.find(name)) }
        return result
    }

    private static let columns = ["name", "status", "open", "new/s", "in/s", "out/s", "errors", "members up"]

    private static func row(
        _ loadBalancer: LoadBalancer, _ statistics: Statistics, _ tree: StatusNode,
        since earlier: (time: ContinuousClock.Instant, statistics: Statistics)?, _ now: ContinuousClock.Instant
    ) -> [String] {
        let members = tree.flattened.filter { $0.kind == .member }
        let up = members.filter { [.online, .noMonitor].contains($0.operatingStatus) }.count
        func rate(_ field: KeyPath<Statistics, Int>) -> Double? {
            guard let earlier else { return nil }
            let seconds = (now - earlier.time) / .seconds(1)
            // Counters begin anew when what serves is replaced.
            return seconds > 0
                ? Double(max(0, statistics[keyPath: field] - earlier.statistics[keyPath: field])) / seconds : nil
        }
        return [
            Cell.printable(loadBalancer.name.isEmpty ? loadBalancer.id.string : loadBalancer.name),
            loadBalancer.provisioningStatus == .active
                ? loadBalancer.operatingStatus.rawValue : loadBalancer.provisioningStatus.rawValue,
            "\(statistics.activeConnections)", rate(\.totalConnections).map(short) ?? "-",
            rate(\.bytesIn).map(short) ?? "-", rate(\.bytesOut).map(short) ?? "-", "\(statistics.requestErrors)",
            "\(up)/\(members.count)",
        ]
    }

    /// 950, 1.2k, 34M.
    private static func short(_ value: Double) -> String {
        var value = value
        for unit in ["", "k", "M", "G", "T"] {
            if value < 1000 || unit == "T" {
                return
                    (value < 10 && value != value.rounded()
                    ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))") + unit
            }
            value /= 1000
        }
        return ""
    }
}
