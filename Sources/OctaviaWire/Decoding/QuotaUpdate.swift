// The body of PUT of quotas.

/// `PUT /quotas/{project}`. For each kind: -1 is no limit, 0 allows none, and an absent value (`null`) goes back to the
/// default.
public struct QuotaUpdate: Sendable, Equatable {
    public var loadBalancer = Change<Int?>.keep
    public var listener = Change<Int?>.keep
    public var pool = Change<Int?>.keep
    public var member = Change<Int?>.keep
    public var healthMonitor = Change<Int?>.keep
    public var l7Policy = Change<Int?>.keep
    public var l7Rule = Change<Int?>.keep

    public init() {}
}

extension QuotaUpdate {
    static let fieldNames: Set<String> = [
        "loadbalancer", "load_balancer", "listener", "pool", "member", "healthmonitor", "health_monitor", "l7policy",
        "l7rule",
    ]

    /// Decodes the body. `load_balancer` and `health_monitor` are old names; the new ones win.
    public init(body: [UInt8]) throws(OctaviaFault) {
        let reader = try RequestEnvelope.quota.fields(of: body, known: Self.fieldNames)
        func limit(_ name: String) throws(OctaviaFault) -> Change<Int?> {
            try reader.change(name, optional: .integer(-1...2_000_000_000))
        }
        func limit(_ name: String, formerly oldName: String) throws(OctaviaFault) -> Change<Int?> {
            let old = try limit(oldName)
            let new = try limit(name)
            return new.isSet ? new : old
        }
        self.init()
        loadBalancer = try limit("loadbalancer", formerly: "load_balancer")
        listener = try limit("listener")
        pool = try limit("pool")
        member = try limit("member")
        healthMonitor = try limit("healthmonitor", formerly: "health_monitor")
        l7Policy = try limit("l7policy")
        l7Rule = try limit("l7rule")
    }
}
