// `ottava loadbalancer quota`.

internal import ArgumentParser
internal import JSON
internal import OctaviaClient

enum QuotaNoun: Noun {
    typealias Resource = Quota
    typealias Parent = NoParent

    static let term = "quota"
    static let showColumns = [
        "load_balancer", "listener", "pool", "health_monitor", "member", "l7policy", "l7rule",
    ]
    static let listColumns = ["project_id"] + showColumns

    static func collection(_ cloud: Cloud, _ parent: ResourceID) -> ResourceCollection<Quota> { cloud.quotas }

    struct Filters: FilterOptions {
        @Option(help: "Name or id.") var project: String?

        func filters(_ cloud: Cloud) async throws -> [Filter] {
            guard let project else { return [] }
            return [.project(try await cloud.projectID(project))]
        }
    }

    static func columns(of quota: Quota) -> [String: JSONValue] {
        let numbers = [
            "load_balancer": quota.loadBalancers, "listener": quota.listeners, "pool": quota.pools,
            "health_monitor": quota.healthMonitors, "member": quota.members, "l7policy": quota.l7Policies,
            "l7rule": quota.l7Rules,
        ]
        return numbers.mapValues { .integer(Int64($0)) }.merging(["project_id": .string(quota.projectID)]) { $1 }
    }
}

struct QuotaShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows the quotas of a project.")
    @Argument(help: "The project: name or id. Default: your own") var project: String?
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(QuotaNoun.showColumns)
        try await cloud.with { cloud in
            let project = try await ownProject(project, cloud)
            output.show(QuotaNoun.columns(of: try await cloud.quotas.get(project)), columns: QuotaNoun.showColumns)
        }
    }
}

/// The project given, or that of the token.
private func ownProject(_ project: String?, _ cloud: Cloud) async throws -> String {
    if let project { return try await cloud.projectID(project) }
    guard let own = try await cloud.token().project?.id else {
        throw UsageError("your login has no project; give the id of one")
    }
    return own
}

struct QuotaDefaultsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the quotas of projects that were given none.")
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        try output.check(QuotaNoun.showColumns)
        try await cloud.with { cloud in
            let quota = try await cloud.quotas.defaults(for: try await ownProject(nil, cloud))
            output.show(QuotaNoun.columns(of: quota), columns: QuotaNoun.showColumns)
        }
    }
}

struct QuotaSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes quotas of a project; -1 is no limit.")
    @Option var healthmonitor: Int?
    @Option var listener: Int?
    @Option var loadbalancer: Int?
    @Option var member: Int?
    @Option var pool: Int?
    @Option var l7policy: Int?
    @Option var l7rule: Int?
    @Argument(help: "The project: name or id.") var project: String
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func validate() throws {
        for (value, option) in [
            (healthmonitor, "--healthmonitor"), (listener, "--listener"), (loadbalancer, "--loadbalancer"),
            (member, "--member"), (pool, "--pool"), (l7policy, "--l7policy"), (l7rule, "--l7rule"),
        ] { try checked(value, option, in: -1...2_000_000_000) }
    }

    func run() async throws {
        try output.check(QuotaNoun.showColumns)
        func change(_ value: Int?) -> Change<Int?> { value.map { .set($0) } ?? .keep }
        try await cloud.with { cloud in
            let quota = try await cloud.quotas.update(cloud.projectID(project)) {
                $0.healthMonitor = change(healthmonitor)
                $0.listener = change(listener)
                $0.loadBalancer = change(loadbalancer)
                $0.member = change(member)
                $0.pool = change(pool)
                $0.l7Policy = change(l7policy)
                $0.l7Rule = change(l7rule)
            }
            output.show(QuotaNoun.columns(of: quota), columns: QuotaNoun.showColumns)
        }
    }
}

struct QuotaUnset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset", abstract: "Gives quotas of a project their defaults.")
    @Flag var healthmonitor = false
    @Flag var listener = false
    @Flag var loadbalancer = false
    @Flag var member = false
    @Flag var pool = false
    @Flag var l7policy = false
    @Flag var l7rule = false
    @Argument(help: "The project: name or id.") var project: String
    @OptionGroup(title: "Cloud") var cloud: CloudOptions

    func run() async throws {
        func change(_ flag: Bool) -> Change<Int?> { flag ? .set(nil) : .keep }
        try await cloud.with { cloud in
            try await cloud.quotas.update(cloud.projectID(project)) {
                $0.healthMonitor = change(healthmonitor)
                $0.listener = change(listener)
                $0.loadBalancer = change(loadbalancer)
                $0.member = change(member)
                $0.pool = change(pool)
                $0.l7Policy = change(l7policy)
                $0.l7Rule = change(l7rule)
            }
        }
    }
}

struct QuotaReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Gives a project the default quotas.")
    @Argument(help: "The project: name or id.") var project: String
    @OptionGroup(title: "Cloud") var cloud: CloudOptions
    func run() async throws { try await cloud.with { try await $0.quotas.reset($0.projectID(project)) } }
}
