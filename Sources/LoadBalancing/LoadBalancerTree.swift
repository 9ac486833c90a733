// A load balancer with everything below it.

/// One load balancer and all its descendants, as flat lists that refer to each other by id.
public struct LoadBalancerTree: Hashable, Sendable {
    public var loadBalancer: LoadBalancer
    /// In order of creation, as the other lists.
    public var listeners: [Listener]
    public var pools: [Pool]
    public var members: [Member]
    public var healthMonitors: [HealthMonitor]
    /// Ordered by listener and position.
    public var l7Policies: [L7Policy]
    public var l7Rules: [L7Rule]

    public init(
        loadBalancer: LoadBalancer, listeners: [Listener] = [], pools: [Pool] = [], members: [Member] = [],
        healthMonitors: [HealthMonitor] = [], l7Policies: [L7Policy] = [], l7Rules: [L7Rule] = []
    ) {
        self.loadBalancer = loadBalancer
        self.listeners = listeners
        self.pools = pools
        self.members = members
        self.healthMonitors = healthMonitors
        self.l7Policies = l7Policies
        self.l7Rules = l7Rules
    }

    public func listener(_ id: ResourceID) -> Listener? { listeners.first { $0.id == id } }
    public func pool(_ id: ResourceID) -> Pool? { pools.first { $0.id == id } }
    public func members(ofPool id: ResourceID) -> [Member] { members.filter { $0.poolID == id } }
    public func healthMonitor(ofPool id: ResourceID) -> HealthMonitor? { healthMonitors.first { $0.poolID == id } }
    public func l7Policies(ofListener id: ResourceID) -> [L7Policy] { l7Policies.filter { $0.listenerID == id } }
    public func l7Rules(ofPolicy id: ResourceID) -> [L7Rule] { l7Rules.filter { $0.policyID == id } }

    /// The listeners that send traffic to a pool: as default pool, or through an enabled policy with at least one rule.
    public func listeners(usingPool id: ResourceID) -> [Listener] {
        let ruled = Set(l7Rules.map(\.policyID))
        let throughPolicy = Set(
            l7Policies.filter { $0.redirectPoolID == id && $0.core.adminStateUp && ruled.contains($0.id) }
                .map(\.listenerID))
        return listeners.filter { $0.defaultPoolID == id || throughPolicy.contains($0.id) }
    }

    /// The pools that a listener sends traffic to: its default pool first, then those of its policies by position.
    public func pools(ofListener listener: Listener) -> [Pool] {
        let ruled = Set(l7Rules.map(\.policyID))
        var ids: [ResourceID] = []
        if let id = listener.defaultPoolID { ids.append(id) }
        for policy in l7Policies(ofListener: listener.id) where policy.core.adminStateUp && ruled.contains(policy.id) {
            if let id = policy.redirectPoolID, !ids.contains(id) { ids.append(id) }
        }
        return ids.compactMap { pool($0) }
    }
}
