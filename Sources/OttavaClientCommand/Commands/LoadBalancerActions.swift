// What only load balancers and listeners have: deletion of a whole tree, failover, statuses, counters.

internal import ArgumentParser
internal import JSON
internal import OctaviaClient

struct LoadBalancerDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Deletes a load balancer.")
    @Argument(help: "Name or id.") var loadbalancer: String
    @Flag(help: "With everything below it.") var cascade = false
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            let id = try await cloud.loadBalancers.find(loadbalancer).id
            try await cloud.loadBalancers.delete(id, cascade: cascade)
            if wait.wait { try await cloud.loadBalancers.waitUntilDeleted(id) }
        }
    }
}

struct LoadBalancerFailover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover", abstract: "Replaces what serves a load balancer.")
    @Argument(help: "Name or id.") var loadbalancer: String
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            let id = try await cloud.loadBalancers.find(loadbalancer).id
            try await cloud.loadBalancers.failover(id)
            if wait.wait { try await cloud.loadBalancers.waitUntilActive(id) }
        }
    }
}

/// The counters as columns.
enum StatisticsColumns {
    static let names = ["active_connections", "bytes_in", "bytes_out", "request_errors", "total_connections"]

    static func values(_ statistics: Statistics) -> [String: Int] {
        [
            "active_connections": statistics.activeConnections, "bytes_in": statistics.bytesIn,
            "bytes_out": statistics.bytesOut, "request_errors": statistics.requestErrors,
            "total_connections": statistics.totalConnections,
        ]
    }
}

struct LoadBalancerStatisticsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the counters of a load balancer.")
    @Argument(help: "Name or id.") var loadbalancer: String
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(StatisticsColumns.names)
        try await cloud.with { cloud in
            let statistics = try await cloud.loadBalancers.statistics(cloud.loadBalancers.find(loadbalancer).id)
            output.show(
                StatisticsColumns.values(statistics).mapValues { .integer(Int64($0)) }, columns: StatisticsColumns.names
            )
        }
    }
}

struct ListenerStatisticsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows the counters of a listener.")
    @Argument(help: "Name or id.") var listener: String
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(StatisticsColumns.names)
        try await cloud.with { cloud in
            let statistics = try await cloud.listeners.statistics(cloud.listeners.find(listener).id)
            output.show(
                StatisticsColumns.values(statistics).mapValues { .integer(Int64($0)) }, columns: StatisticsColumns.names
            )
        }
    }
}

struct StatusShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the statuses of a load balancer and of what is below it, as JSON.")
    @Argument(help: "Name or id.") var loadbalancer: String
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            let tree = try await cloud.loadBalancers.statusTree(cloud.loadBalancers.find(loadbalancer).id)
            print(PrettyJSON.object([("loadbalancer", Self.document(tree))]))
        }
    }

    private static func document(_ node: StatusNode) -> JSONValue {
        var fields: [String: JSONValue] = [
            "id": .string(node.id.string), "name": .string(node.name),
            "operating_status": .string(node.operatingStatus.rawValue),
            "provisioning_status": .string(node.provisioningStatus.rawValue),
        ]
        func children(_ kind: StatusNode.Kind) -> JSONValue {
            .array(node.children.filter { $0.kind == kind }.map(document))
        }
        switch node.kind {
        case .loadBalancer: fields["listeners"] = children(.listener)
        case .listener: fields["pools"] = children(.pool)
        case .pool:
            fields["members"] = children(.member)
            if let monitor = node.children.first(where: { $0.kind == .healthMonitor }) {
                fields["health_monitor"] = document(monitor)
            }
        case .member:
            let parts = (node.detail ?? "").split(separator: ":")
            fields["protocol_port"] = .integer(parts.last.flatMap { Int64($0) } ?? 0)
            fields["address"] = .string(parts.dropLast().joined(separator: ":"))
        case .healthMonitor: fields["type"] = node.detail.map { .string($0) } ?? .null
        }
        return .object(fields)
    }
}
