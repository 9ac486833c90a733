// How many resources a project may have.

/// The quotas of a project; -1 is no limit.
public struct Quota: CloudResource, Identifiable {
    public static let key = "quota"
    public static let collectionKey = "quotas"
    /// The marker of a page is an id, which quotas do not have.
    public static let hasPages = false

    /// Empty for the defaults.
    public var projectID: String
    /// The most load balancers; -1 is no limit.
    public var loadBalancers: Int
    /// The most listeners; -1 is no limit.
    public var listeners: Int
    /// The most pools; -1 is no limit.
    public var pools: Int
    /// The most members; -1 is no limit.
    public var members: Int
    /// The most health monitors; -1 is no limit.
    public var healthMonitors: Int
    /// The most L7 policies; -1 is no limit.
    public var l7Policies: Int
    /// The most L7 rules; -1 is no limit.
    public var l7Rules: Int

    /// What identifies it.
    public var id: String { projectID }
    /// What identifies it in paths.
    public var reference: String { projectID }
    /// Its name; several may have the same.
    public var name: String { "" }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        projectID = try answer.textOrEmpty("project_id")
        loadBalancers = try answer.integerIfAny(either: "loadbalancer", "load_balancer") ?? -1
        listeners = try answer.integer("listener", ifAbsent: -1)
        pools = try answer.integer("pool", ifAbsent: -1)
        members = try answer.integer("member", ifAbsent: -1)
        healthMonitors = try answer.integerIfAny(either: "healthmonitor", "health_monitor") ?? -1
        l7Policies = try answer.integer("l7policy", ifAbsent: -1)
        l7Rules = try answer.integer("l7rule", ifAbsent: -1)
    }
}
