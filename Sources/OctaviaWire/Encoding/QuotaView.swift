// The quotas of a project as the API shows them.

public import JSON
public import LoadBalancing

/// How many resources of each kind a project may have; -1 is no limit.
public struct QuotaView: ResourceView, Hashable {
    public static let key = "quota"
    public static let collectionKey = "quotas"

    public var projectID: String
    /// Kinds that are not in the dictionary have no limit.
    public var limits: [ResourceKind: Int]

    public init(projectID: String, limits: [ResourceKind: Int]) {
        self.projectID = projectID
        self.limits = limits
    }

    /// Appends the quotas. Two kinds have an old and a new name; both are always shown, and the selection of fields has
    /// no effect on quotas.
    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.member("project_id", projectID)
            writer.member("tenant_id", projectID)
            for (kind, names) in Self.names {
                for name in names { writer.member(name, limits[kind] ?? -1) }
            }
        }
    }

    private static let names: [(ResourceKind, [String])] = [
        (.loadBalancer, ["loadbalancer", "load_balancer"]), (.listener, ["listener"]), (.pool, ["pool"]),
        (.member, ["member"]), (.healthMonitor, ["healthmonitor", "health_monitor"]), (.l7Policy, ["l7policy"]),
        (.l7Rule, ["l7rule"]),
    ]
}
