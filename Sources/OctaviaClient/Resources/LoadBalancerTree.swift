// A load balancer with everything below it, read from the service.

public import LoadBalancing

/// One load balancer and all its descendants.
public struct LoadBalancerTree: Sendable, Hashable {
    /// A listener with its policies.
    public struct ListenerBranch: Sendable, Hashable {
        /// The listener itself.
        public var listener: Listener
        /// By position.
        public var l7Policies: [L7PolicyBranch]
    }

    /// A policy with its rules.
    public struct L7PolicyBranch: Sendable, Hashable {
        /// The policy itself.
        public var l7Policy: L7Policy
        /// The rules, in the order of the service.
        public var rules: [L7Rule]
    }

    /// A pool with its members and its monitor.
    public struct PoolBranch: Sendable, Hashable {
        /// The pool itself.
        public var pool: Pool
        /// The members, in the order of the service.
        public var members: [Member]
        /// The monitor, if there is one.
        public var healthMonitor: HealthMonitor?
    }

    /// The root.
    public var loadBalancer: LoadBalancer
    /// In order of creation, as the pools.
    public var listeners: [ListenerBranch]
    /// Those that no listener uses too.
    public var pools: [PoolBranch]

    /// The pool with an id; absent if the tree has none.
    public func pool(_ id: ResourceID) -> PoolBranch? { pools.first { $0.pool.id == id } }
}

extension Cloud {
    /// Reads a load balancer with everything below it.
    ///
    /// The lists are read one after the other: what changes meanwhile may be half there.
    public func tree(of id: ResourceID) async throws -> LoadBalancerTree {
        var tree = LoadBalancerTree(loadBalancer: try await loadBalancers.get(id), listeners: [], pools: [])
        for try await listener in listeners.list(.loadBalancer(id)) {
            var branch = LoadBalancerTree.ListenerBranch(listener: listener, l7Policies: [])
            if !listener.l7PolicyIDs.isEmpty {
                for try await policy in l7Policies.list(.listener(listener.id), sortedBy: ["position"]) {
                    let rules = policy.ruleIDs.isEmpty ? [] : try await l7Rules(of: policy.id).list().all()
                    branch.l7Policies.append(.init(l7Policy: policy, rules: rules))
                }
            }
            tree.listeners.append(branch)
        }
        for try await pool in pools.list(.loadBalancer(id)) {
            let members = pool.memberIDs.isEmpty ? [] : try await members(of: pool.id).list().all()
            var branch = LoadBalancerTree.PoolBranch(pool: pool, members: members, healthMonitor: nil)
            if let monitor = pool.healthMonitorID { branch.healthMonitor = try await healthMonitors.get(monitor) }
            tree.pools.append(branch)
        }
        return tree
    }
}
