// From the tree that the owner sees to the plan that a driver gets.

extension LoadBalancerPlan {
    /// The plan for a tree: what is on its way out is left out, and references lead nowhere else.
    ///
    /// - Parameters:
    ///   - tree: A tree that satisfies the rules of the API.
    ///   - floatingAddresses: Addresses outside the tree at which its listeners answer too.
    ///   - material: What stands behind the tree's references to certificates.
    public init(tree: LoadBalancerTree, floatingAddresses: [String] = [], material: TLSMaterial = TLSMaterial()) {
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
        var policies: [ResourceID: [L7PolicyPlan]] = [:]
        for policy in L7PolicyPlan.plans(of: tree, pools: poolIDs) {
            policies[policy.listenerID, default: []].append(policy.plan)
        }
        let loadBalancer = tree.loadBalancer
        let vips = [loadBalancer.vip.address] + loadBalancer.additionalVIPs.map(\.address)
        var addresses: [String] = []
        for address in vips.compactMap({ $0 }) + floatingAddresses where !addresses.contains(address) {
            addresses.append(address)
        }
        self.init(
            loadBalancerID: loadBalancer.id, projectID: loadBalancer.core.projectID,
            generation: loadBalancer.core.generation,
            isEnabled: loadBalancer.core.adminStateUp, addresses: addresses,
            listeners: tree.listeners.filter { !$0.core.isBeingDeleted }.sorted { $0.id < $1.id }.map { listener in
                ListenerPlan(
                    id: listener.id, listenerProtocol: listener.listenerProtocol, port: listener.protocolPort,
                    isEnabled: listener.core.adminStateUp, connectionLimit: listener.connectionLimit ?? -1,
                    timeouts: listener.timeouts, insertHeaders: listener.insertHeaders,
                    allowedCIDRs: listener.allowedCIDRs,
                    defaultPoolID: listener.defaultPoolID.flatMap { poolIDs.contains($0) ? $0 : nil },
                    l7Policies: policies[listener.id] ?? [], tls: ListenerTLSPlan(listener, material),
                    strictTransportSecurity: StrictTransportSecurityPlan(listener), errorPages: listener.errorPages)
            },
            pools: pools.sorted { $0.id < $1.id }.map { pool in
                PoolPlan(
                    id: pool.id, poolProtocol: pool.poolProtocol, isEnabled: pool.core.adminStateUp,
                    algorithm: pool.algorithm, sessionPersistence: pool.sessionPersistence,
                    members: (members[pool.id] ?? []).sorted { $0.id < $1.id }, healthMonitor: monitors[pool.id],
                    tls: PoolTLSPlan(pool.tls, material))
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

extension L7PolicyPlan {
    /// The policies of a tree that can match, each with its listener, in the order in which they are asked.
    fileprivate static func plans(
        of tree: LoadBalancerTree, pools: Set<ResourceID>
    ) -> [(listenerID: ResourceID, plan: L7PolicyPlan)] {
        var rules: [ResourceID: [L7RulePlan]] = [:]
        for rule in tree.l7Rules where !rule.core.isBeingDeleted && rule.core.adminStateUp {
            rules[rule.policyID, default: []].append(
                L7RulePlan(
                    id: rule.id, type: rule.type, compareType: rule.compareType, key: rule.key, value: rule.value,
                    invert: rule.invert))
        }
        var result: [(listenerID: ResourceID, rank: Int, position: Int, plan: L7PolicyPlan)] = []
        for policy in tree.l7Policies where !policy.core.isBeingDeleted && policy.core.adminStateUp {
            guard let conditions = rules[policy.id] else { continue }
            if policy.action == .redirectToPool, !(policy.redirectPoolID.map(pools.contains) ?? false) { continue }
            result.append(
                (
                    policy.listenerID, policy.action.rank, policy.position,
                    L7PolicyPlan(
                        id: policy.id, action: policy.action, redirectPoolID: policy.redirectPoolID,
                        redirectURL: policy.redirectURL, redirectPrefix: policy.redirectPrefix,
                        redirectHTTPCode: policy.redirectHTTPCode, rules: conditions.sorted { $0.id < $1.id })
                ))
        }
        return result.sorted { ($0.rank, $0.position) < ($1.rank, $1.position) }.map { ($0.listenerID, $0.plan) }
    }
}

extension L7PolicyAction {
    /// Lower ones are asked first.
    fileprivate var rank: Int {
        switch self {
        case .reject: 0
        case .redirectToURL, .redirectPrefix: 1
        case .redirectToPool: 2
        }
    }
}
