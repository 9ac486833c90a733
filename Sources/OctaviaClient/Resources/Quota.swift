// How many resources a project may have.

/// The quotas of a project; -1 is no limit.
public struct Quota: CloudResource, Identifiable {
    public static let key = "quota"
    public static let collectionKey = "quotas"
    /// The marker of a page is an id, which quotas do not have.
    public static let hasPages = false

    /// Empty for the defaults.
    public var projectID: String
    public var loadBalancers: Int
    public var listeners: Int
    public var pools: Int
    public var members: Int
    public var healthMonitors: Int
    public var l7Policies: Int
    public var l7Rules: Int

    public var id: String { projectID }
    public var reference: String { projectID }
    public var name: String { "" }

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
