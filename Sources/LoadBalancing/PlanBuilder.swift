// From the tree that the owner sees to the plan that a driver gets.

extension LoadBalancerPlan {
    /// The plan for a tree: what is on its way out is left out, and references lead nowhere else.
    ///
    /// - Parameters:
    ///   - tree: A tree that satisfies the rules of the API.
    ///   - floatingAddresses: Addresses outside the tree at which its listeners answer too.
    public init(tree: LoadBalancerTree, floatingAddresses: [String] = []) {
        let pools = tree.pools.filter { !$0.core.isBeingDeleted }
        let poolIDs = Set(pools.map(\.id))
        var members: [ResourceID: [MemberPlan]] = [:]
        for member in tree.members where !member.core.isBeingDeleted {
            members[member.poolID, default: []].append(MemberPlan(member))
        }
        var monitors: [ResourceID: HealthMonitorPlan] = [:]
        for monitor in tree.healthMonitors where !monitor.core.isBeingDeleted && monitor.core.adminStateUp {
            monitors[monitor.poolID] = HealthMonitorPlan(monitor)
        }
        let loadBalancer = tree.loadBalancer
        let vips = [loadBalancer.vip.address] + loadBalancer.additionalVIPs.map(\.address)
        var addresses: [String] = []
        for address in vips.compactMap({ $0 }) + floatingAddresses where !addresses.contains(address) {
            addresses.append(address)
        }
        self.init(
            loadBalancerID: loadBalancer.id, generation: loadBalancer.core.generation,
            isEnabled: loadBalancer.core.adminStateUp, addresses: addresses,
            listeners: tree.listeners.filter { !$0.core.isBeingDeleted }.sorted { $0.id < $1.id }.map { listener in
                ListenerPlan(
                    id: listener.id, listenerProtocol: listener.listenerProtocol, port: listener.protocolPort,
                    isEnabled: listener.core.adminStateUp, connectionLimit: listener.connectionLimit ?? -1,
                    timeouts: listener.timeouts, insertHeaders: listener.insertHeaders,
                    allowedCIDRs: listener.allowedCIDRs,
                    defaultPoolID: listener.defaultPoolID.flatMap { poolIDs.contains($0) ? $0 : nil })
            },
            pools: pools.sorted { $0.id < $1.id }.map { pool in
                PoolPlan(
                    id: pool.id, poolProtocol: pool.poolProtocol, isEnabled: pool.core.adminStateUp,
                    algorithm: pool.algorithm, sessionPersistence: pool.sessionPersistence,
                    members: (members[pool.id] ?? []).sorted { $0.id < $1.id }, healthMonitor: monitors[pool.id])
            })
    }
}

extension MemberPlan {
    fileprivate init(_ member: Member) {
        self.init(
            id: member.id, address: member.address, port: member.protocolPort, weight: member.weight ?? 1,
            isBackup: member.isBackup, isEnabled: member.core.adminStateUp, monitorAddress: member.monitorAddress,
            monitorPort: member.monitorPort)
    }
}

extension HealthMonitorPlan {
    fileprivate init(_ monitor: HealthMonitor) {
        self.init(
            id: monitor.id, type: monitor.type, delay: monitor.delay, timeout: monitor.timeout,
            maxRetries: monitor.maxRetries, maxRetriesDown: monitor.maxRetriesDown,
            httpMethod: monitor.httpMethod ?? .get, urlPath: monitor.urlPath ?? "/",
            expectedCodes: monitor.expectedCodes ?? "200", httpVersion: monitor.httpVersion,
            domainName: monitor.domainName)
    }
}
