// `ottava loadbalancer amphora` and `provider`.

internal import ArgumentParser
internal import JSON
internal import OctaviaClient

enum AmphoraNoun: Noun {
    typealias Parent = NoParent

    static let term = "amphora"
    static let listColumns = ["id", "loadbalancer_id", "status", "role", "lb_network_ip", "ha_ip"]
    static let showColumns = [
        "id", "loadbalancer_id", "compute_id", "lb_network_ip", "vrrp_ip", "ha_ip", "vrrp_port_id", "ha_port_id",
        "cert_expiration", "cert_busy", "role", "status", "vrrp_interface", "vrrp_id", "vrrp_priority", "cached_zone",
        "created_at", "updated_at", "image_id", "compute_flavor",
    ]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Amphora> { cloud.amphorae }

    struct Filters: FilterOptions {
        @Option(help: "Name or id.") var loadbalancer: String?
        @Option(help: "STANDALONE, MASTER or BACKUP.") var role: String?
        @Option(name: [.customLong("status"), .customLong("provisioning-status")]) var status: String?
        @Option(help: "The virtual machine.") var computeId: ResourceID?
        @Option(help: "The image.") var imageId: ResourceID?
        @Flag(help: "Show more columns.") var long = false

        var moreColumns: [String] { long ? ["compute_id", "cached_zone", "image_id"] : [] }

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            var result: [Filter] = []
            if let computeId { result.append(.field("compute_id", equals: computeId)) }
            if let imageId { result.append(.field("image_id", equals: imageId)) }
            if let loadbalancer { result.append(.loadBalancer(try await cloud.loadBalancers.find(loadbalancer).id)) }
            if let role { result.append(.field("role", equals: role.uppercased())) }
            if let status { result.append(.field("status", equals: status.uppercased())) }
            return result
        }
    }
}

enum ProviderNoun: Noun {
    typealias Resource = Provider
    typealias Parent = NoParent
    typealias Filters = NoFilters

    static let term = "provider"
    static let listColumns = ["name", "description"]
    static let showColumns = ["name", "description"]

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Provider> { cloud.providers }
}

struct AmphoraFailover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "failover", abstract: "Replaces an amphora.")
    @Argument(help: "The id.") var amphora: ResourceID
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            try await wait.whileChanging(amphora, cloud) { try await cloud.amphorae.failover(amphora) }
        }
    }
}

struct AmphoraConfigure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configure", abstract: "Sends an amphora its configuration again.")
    @Argument(help: "The id.") var amphora: ResourceID
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            try await wait.whileChanging(amphora, cloud) { try await cloud.amphorae.configure(amphora) }
        }
    }
}

struct AmphoraDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Deletes an amphora.")
    @Argument(help: "The id.") var amphora: ResourceID
    @OptionGroup var wait: WaitOption
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try await cloud.with { cloud in
            try await cloud.amphorae.delete(amphora)
            guard wait.wait else { return }
            do {
                while try await cloud.amphorae.get(amphora).status != "DELETED" {
                    try await Task.sleep(for: .seconds(1))
                }
            } catch let error as CloudError where error.code == .notFound {
                return
            }
        }
    }
}

extension WaitOption {
    /// Changes an amphora; with `--wait` until its load balancer is ACTIVE again.
    fileprivate func whileChanging(
        _ amphora: ResourceID, _ cloud: Cloud, _ change: () async throws -> Void
    ) async throws {
        // A failover may take the amphora away: whose it was is asked before.
        let loadBalancer = wait ? try await cloud.amphorae.get(amphora).loadBalancerID : nil
        try await change()
        if let loadBalancer { try await cloud.loadBalancers.waitUntilActive(loadBalancer) }
    }
}

struct AmphoraStatisticsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows the counters of an amphora.")
    @Option(help: "Only of this listener: name or id.") var listener: String?
    @Argument(help: "The id.") var amphora: ResourceID
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(StatisticsColumns.names)
        try await cloud.with { cloud in
            let wanted = listener == nil ? nil : try await cloud.listeners.find(listener ?? "").id
            let all = try await cloud.amphorae.statistics(amphora).filter { wanted == nil || $0.listenerID == wanted }
            var sum: [String: Int] = [:]
            for entry in all { sum.merge(StatisticsColumns.values(entry.statistics), uniquingKeysWith: +) }
            output.show(sum.mapValues { .integer(Int64($0)) }, columns: StatisticsColumns.names)
        }
    }
}

struct CapabilityList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists what profiles can tell a provider.")
    @Argument(help: "The provider's name.") var provider: String
    @Flag(help: "Only of flavors.") var flavor = false
    @Flag(help: "Only of availability zones.") var availabilityZone = false
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        let columns = ["type", "name", "description"]
        try output.check(columns)
        try await cloud.with { cloud in
            var rows: [[String: JSONValue]] = []
            func add(_ type: String, _ capabilities: [Capability]) {
                rows += capabilities.map {
                    ["type": .string(type), "name": .string($0.name), "description": .string($0.description)]
                }
            }
            if flavor || !availabilityZone { add("flavor", try await cloud.providers.flavorCapabilities(provider)) }
            if availabilityZone || !flavor {
                add("availability_zone", try await cloud.providers.availabilityZoneCapabilities(provider))
            }
            output.show(rows, columns: columns)
        }
    }
}
