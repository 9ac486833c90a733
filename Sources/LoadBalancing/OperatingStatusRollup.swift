// From what the data plane observes to the operating statuses that the API shows.

/// Works out operating statuses (API reference, "Operating status codes").
public enum OperatingStatusRollup {
    /// The operating status of every resource of a tree.
    ///
    /// - Parameters:
    ///   - tree: The tree.
    ///   - report: The newest observation; `nil` when the data plane does not know the load balancer.
    public static func statuses(of tree: LoadBalancerTree, report: DataPlaneReport?) -> [ResourceID: OperatingStatus] {
        var result: [ResourceID: OperatingStatus] = [:]
        let isEnabled = tree.loadBalancer.core.adminStateUp
        var overall: OperatingStatus = isEnabled ? .online : .offline
        func worsen(_ status: OperatingStatus) {
            guard isEnabled, severity(status) > severity(overall) else { return }
            overall = status
        }

        let monitored = Set(
            tree.healthMonitors.filter { $0.core.adminStateUp && !$0.core.isBeingDeleted }.map(\.poolID))
        let members = Dictionary(grouping: tree.members, by: \.poolID)
        let used = Set(tree.listeners.flatMap { tree.pools(ofListener: $0).map(\.id) })
        for pool in tree.pools {
            let observed = report?.members[pool.id]
            let isWatched = monitored.contains(pool.id)
            let statuses = (members[pool.id] ?? []).map { member in
                let status = self.status(of: member, observed: observed?[member.id], isWatched: isWatched)
                result[member.id] = status
                return status
            }
            let status = self.status(
                of: pool, members: statuses, isEnabled: isEnabled, isKnown: observed != nil,
                isUsed: used.contains(pool.id))
            result[pool.id] = status
            if used.contains(pool.id), status != .offline { worsen(status) }
        }
        for listener in tree.listeners {
            let status = self.status(of: listener, report: report, isEnabled: isEnabled)
            result[listener.id] = status
            if status == .error || status == .degraded { worsen(status) }
        }
        result[tree.loadBalancer.id] = overall
        for monitor in tree.healthMonitors { result[monitor.id] = monitor.core.adminStateUp ? .online : .offline }
        for policy in tree.l7Policies { result[policy.id] = policy.core.adminStateUp ? .online : .offline }
        for rule in tree.l7Rules { result[rule.id] = rule.core.adminStateUp ? .online : .offline }
        return result
    }

    /// The statuses of a tree whose data plane nobody can observe, when it has got a plan: what follows from the tree
    /// alone.
    ///
    /// As with the reference implementation's drivers that do nothing, pending monitors, policies and rules come online
    /// when they are switched on, but for policies and rules that were created together with their load balancer.
    /// Members of pools that have no monitor are not watched. All else keeps its status.
    ///
    /// - Parameter tree: The tree as it was before the plan, with its pending resources.
    public static func unobservedStatuses(of tree: LoadBalancerTree) -> [ResourceID: OperatingStatus] {
        var result: [ResourceID: OperatingStatus] = [:]
        func settle(_ resources: some Sequence<some TreeResource>) {
            for resource in resources where resource.core.provisioningStatus != .active {
                result[resource.id] = resource.core.adminStateUp ? .online : .offline
            }
        }
        let monitored = Set(tree.healthMonitors.filter { !$0.core.isBeingDeleted }.map(\.poolID))
        for member in tree.members where !monitored.contains(member.poolID) { result[member.id] = .noMonitor }
        settle(tree.healthMonitors)
        if tree.loadBalancer.core.provisioningStatus != .pendingCreate {
            settle(tree.l7Policies)
            settle(tree.l7Rules)
        }
        return result
    }

    private static func severity(_ status: OperatingStatus) -> Int {
        switch status {
        case .online, .noMonitor, .draining, .offline: 0
        case .degraded: 1
        case .error: 2
        }
    }

    private static func status(
        of member: Member, observed: MemberObservation?, isWatched: Bool
    ) -> OperatingStatus {
        guard member.core.adminStateUp else { return .offline }
        switch observed {
        case .up: return .online
        case .down: return .error
        case .draining: return .draining
        case .maintenance: return .offline
        case .unmonitored: return .noMonitor
        case nil: return isWatched ? .offline : .noMonitor
        }
    }

    private static func status(
        of pool: Pool, members: [OperatingStatus], isEnabled: Bool, isKnown: Bool, isUsed: Bool
    ) -> OperatingStatus {
        guard isEnabled, pool.core.adminStateUp, isKnown || isUsed else { return .offline }
        let serving = members.filter { $0 == .online || $0 == .noMonitor }.count
        let failing = members.filter { $0 == .error }.count
        if failing > 0 { return serving > 0 || members.contains(.draining) ? .degraded : .error }
        return .online
    }

    private static func status(
        of listener: Listener, report: DataPlaneReport?, isEnabled: Bool
    ) -> OperatingStatus {
        guard isEnabled, listener.core.adminStateUp else { return .offline }
        // Before its first plan was applied a listener is not expected to answer.
        let isAwaited = listener.core.provisioningStatus != .pendingCreate
        guard let report else { return .offline }
        guard report.isServing else { return isAwaited ? .error : .offline }
        switch report.listeners[listener.id]?.state {
        case .open: return .online
        case .full: return .degraded
        case .closed: return isAwaited ? .error : .offline
        case nil: return isAwaited ? .error : .offline
        }
    }
}
