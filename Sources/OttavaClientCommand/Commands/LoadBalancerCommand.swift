// `ottava loadbalancer`: nouns and verbs as the OpenStack client has them.

public import ArgumentParser

/// The client's commands.
public enum ClientCommands {
    /// What `ottava` has besides `serve`.
    public static var all: [any ParsableCommand.Type] {
        [LoadBalancerCommand.self, ApplyCommand.self, DiffCommand.self, ExportCommand.self]
    }
}

/// A command that only groups others.
protocol CommandGroup: ParsableCommand {
    static var name: String { get }
    static var purpose: String { get }
    static var members: [any ParsableCommand.Type] { get }
}

extension CommandGroup {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: name, abstract: purpose, subcommands: members)
    }
}

struct LoadBalancerCommand: CommandGroup {
    static let name = "loadbalancer"
    static let purpose = "Manages load balancers, here or in any OpenStack cloud."
    static var members: [any ParsableCommand.Type] {
        [
            CreateVerb<LoadBalancerNoun>.self, ListVerb<LoadBalancerNoun>.self, ShowVerb<LoadBalancerNoun>.self,
            SetVerb<LoadBalancerNoun>.self, UnsetVerb<LoadBalancerNoun>.self, LoadBalancerDelete.self,
            LoadBalancerFailover.self, TreeCommand.self, TopCommand.self, StatusGroup.self, StatisticsGroup.self,
            EventGroup.self, ListenerGroup.self, Group<PoolNoun>.self, Group<MemberNoun>.self,
            Group<HealthMonitorNoun>.self,
            Group<L7PolicyNoun>.self, Group<L7RuleNoun>.self, QuotaGroup.self, ProviderGroup.self,
            Group<FlavorNoun>.self, Group<FlavorProfileNoun>.self, Group<AvailabilityZoneNoun>.self,
            Group<AvailabilityZoneProfileNoun>.self, AmphoraGroup.self,
        ]
    }
}

/// The six verbs of a kind.
struct Group<Kind: UpdatableNoun>: CommandGroup {
    static var name: String { Kind.term.lowercased().filter { $0 != " " } }
    static var purpose: String { "Manages each \(Kind.term)." }
    static var members: [any ParsableCommand.Type] {
        [
            CreateVerb<Kind>.self, ListVerb<Kind>.self, ShowVerb<Kind>.self, SetVerb<Kind>.self, UnsetVerb<Kind>.self,
            DeleteVerb<Kind>.self,
        ]
    }
}

struct StatusGroup: CommandGroup {
    static let name = "status"
    static let purpose = "Shows statuses."
    static var members: [any ParsableCommand.Type] { [StatusShow.self] }
}

struct EventGroup: CommandGroup {
    static let name = "event"
    static let purpose = "Shows what happened to load balancers; only Ottava tells."
    static var members: [any ParsableCommand.Type] { [EventList.self] }
}

struct StatisticsGroup: CommandGroup {
    static let name = "stats"
    static let purpose = "Shows counters."
    static var members: [any ParsableCommand.Type] { [LoadBalancerStatisticsShow.self] }
}

struct ListenerGroup: CommandGroup {
    static let name = "listener"
    static let purpose = "Manages each listener."
    static var members: [any ParsableCommand.Type] { Group<ListenerNoun>.members + [ListenerStatisticsGroup.self] }
}

struct ListenerStatisticsGroup: CommandGroup {
    static let name = "stats"
    static let purpose = "Shows counters."
    static var members: [any ParsableCommand.Type] { [ListenerStatisticsShow.self] }
}

struct QuotaGroup: CommandGroup {
    static let name = "quota"
    static let purpose = "Manages how many objects projects may have."
    static var members: [any ParsableCommand.Type] {
        [
            ListVerb<QuotaNoun>.self, QuotaShow.self, QuotaSet.self, QuotaUnset.self, QuotaReset.self,
            QuotaDefaultsGroup.self,
        ]
    }
}

struct QuotaDefaultsGroup: CommandGroup {
    static let name = "defaults"
    static let purpose = "Shows the quotas of projects that were given none."
    static var members: [any ParsableCommand.Type] { [QuotaDefaultsShow.self] }
}

struct ProviderGroup: CommandGroup {
    static let name = "provider"
    static let purpose = "Shows what can serve load balancers."
    static var members: [any ParsableCommand.Type] { [ListVerb<ProviderNoun>.self, CapabilityGroup.self] }
}

struct CapabilityGroup: CommandGroup {
    static let name = "capability"
    static let purpose = "Shows what profiles can tell a provider."
    static var members: [any ParsableCommand.Type] { [CapabilityList.self] }
}

struct AmphoraGroup: CommandGroup {
    static let name = "amphora"
    static let purpose = "Manages what serves load balancers; for operators."
    static var members: [any ParsableCommand.Type] {
        [
            ListVerb<AmphoraNoun>.self, ShowVerb<AmphoraNoun>.self, AmphoraFailover.self, AmphoraConfigure.self,
            AmphoraDelete.self, AmphoraStatisticsGroup.self,
        ]
    }
}

struct AmphoraStatisticsGroup: CommandGroup {
    static let name = "stats"
    static let purpose = "Shows counters."
    static var members: [any ParsableCommand.Type] { [AmphoraStatisticsShow.self] }
}
