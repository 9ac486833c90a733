// What is remembered of a load balancer that was brought into agreement with what is wanted.

internal import OctaviaClient

/// A load balancer as it was last made. As long as nothing else is wanted, the cloud is left in peace.
struct ServedLoadBalancer: Sendable {
    let id: ResourceID
    /// Without addresses.
    private(set) var wanted: LoadBalancerCreate
    /// When it was last looked at as a whole.
    let checked: ContinuousClock.Instant
    /// The pools by name, once they have been looked up.
    private var pools: [String: ResourceID] = [:]

    init(id: ResourceID, wanted: LoadBalancerCreate, checked: ContinuousClock.Instant = .now) {
        self.id = id
        self.wanted = wanted
        self.checked = checked
    }

    /// Whether only members make the difference to what is wanted.
    func differsInMembersOnly(from other: LoadBalancerCreate) -> Bool { wanted.withoutMembers == other.withoutMembers }

    /// Sends the new members: one call for each pool that has others.
    ///
    /// - Throws: ``CloudError/Code/notFound`` if somebody else has changed the load balancer.
    mutating func replaceMembers(with other: LoadBalancerCreate, _ cloud: Cloud) async throws {
        if pools.isEmpty {
            for try await pool in cloud.pools.list(.loadBalancer(id)) { pools[pool.name] = pool.id }
        }
        let before = Dictionary(
            wanted.definedPools.map { ($0.name ?? "", $0.members) }, uniquingKeysWith: { first, _ in first })
        for pool in other.definedPools where before[pool.name ?? ""] != pool.members {
            guard let id = pools[pool.name ?? ""] else {
                throw CloudError(.notFound, "the load balancer has no pool '\(pool.name ?? "")' any more")
            }
            try await cloud.members(of: id).replace(with: pool.members)
        }
        wanted = other
    }
}

extension LoadBalancerCreate {
    /// Itself but for the members.
    fileprivate var withoutMembers: LoadBalancerCreate {
        var copy = self
        for index in copy.listeners.indices { copy.listeners[index].defaultPool?.members = [] }
        for index in copy.pools.indices { copy.pools[index].members = [] }
        return copy
    }

    /// The pools that are defined in it.
    fileprivate var definedPools: [PoolCreate] {
        listeners.compactMap(\.defaultPool).filter { !$0.isReference } + pools
    }
}
