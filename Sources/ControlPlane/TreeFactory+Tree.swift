// Whole trees for fully populated creates (API reference, "Creating a fully populated load balancer").

internal import LoadBalancing
internal import OctaviaWire

extension TreeFactory {
    /// The tree of a fully populated create. Pools are defined at the top, within listeners or within policies;
    /// elsewhere they are named.
    func tree(
        of request: LoadBalancerCreate, _ findings: CertificateFindings
    ) throws(OctaviaFault) -> LoadBalancerTree {
        var tree = LoadBalancerTree(loadBalancer: loadBalancer)
        var poolsByName: [String: Pool] = [:]
        for definition in try definitions(in: request) {
            let pool = try add(definition, to: &tree, findings)
            guard poolsByName.updateValue(pool, forKey: pool.name) == nil else {
                throw .validation("Pool names must be unique when creating a fully populated loadbalancer.")
            }
        }
        for entry in request.listeners { try add(entry, to: &tree, poolsByName, findings) }
        return tree
    }

    private func add(
        _ definition: PoolCreate, to tree: inout LoadBalancerTree, _ findings: CertificateFindings
    ) throws(OctaviaFault) -> Pool {
        let name = definition.name ?? ""
        guard definition.poolProtocol != nil else {
            throw .validation("Pool definition for '\(name)' missing required attribute: protocol")
        }
        guard definition.algorithm != nil else {
            throw .validation("Pool definition for '\(name)' missing required attribute: lb_algorithm")
        }
        let pool = try pool(definition)
        try PoolRules.checkTLS(pool, findings, tls)
        tree.pools.append(pool)
        if let monitor = definition.healthMonitor {
            tree.healthMonitors.append(try healthMonitor(monitor, pool: pool))
        }
        var addresses: Set<MemberRules.Identity> = []
        for member in definition.members {
            guard addresses.insert(MemberRules.Identity(member)).inserted else {
                throw .duplicateMember(address: member.address, port: member.protocolPort)
            }
            let isMonitored = definition.healthMonitor != nil
            tree.members.append(try self.member(member, pool: pool, isMonitored: isMonitored))
        }
        return pool
    }

    private func add(
        _ entry: ListenerCreate, to tree: inout LoadBalancerTree, _ poolsByName: [String: Pool],
        _ findings: CertificateFindings
    ) throws(OctaviaFault) {
        if let id = entry.defaultPoolID { throw .notFound(.pool, id) }
        func pool(named reference: PoolCreate) throws(OctaviaFault) -> Pool {
            let name = reference.name ?? ""
            guard let pool = poolsByName[name] else {
                throw .validation("Pool '\(name)' was referenced but no full definition was found.")
            }
            return pool
        }
        var listener = try listener(entry, findings)
        if let reference = entry.defaultPool {
            let pool = try pool(named: reference)
            try ListenerRules.checkPool(pool, of: listener)
            listener.defaultPoolID = pool.id
        }
        try ListenerRules.checkPort(listener, among: tree.listeners)
        tree.listeners.append(listener)
        var policies: [L7Policy] = []
        for entry in entry.l7Policies {
            try ListenerRules.requireChildren(of: listener)
            var entry = entry
            if let reference = entry.redirectPool { entry.redirectPoolID = try pool(named: reference).id }
            let policy = try policy(entry, listener: listener, position: entry.position)
            guard entry.rules.count <= L7RuleRules.mostPerPolicy else { throw .tooManyRules(policy.id) }
            for rule in entry.rules { tree.l7Rules.append(try self.rule(rule, policy: policy)) }
            policies = L7Positions.inserting(policy, into: policies)
        }
        for (index, policy) in policies.enumerated() {
            var policy = policy
            policy.position = index + 1
            tree.l7Policies.append(policy)
        }
    }

    private func definitions(in request: LoadBalancerCreate) throws(OctaviaFault) -> [PoolCreate] {
        var result: [PoolCreate] = request.pools.filter { !$0.isReference }
        let nested = request.listeners.flatMap { listener in
            [listener.defaultPool].compactMap { $0 } + listener.l7Policies.compactMap(\.redirectPool)
        }
        for pool in nested {
            guard pool.name != nil else {
                throw .validation("Pools must be named when creating a fully populated loadbalancer.")
            }
            if !pool.isReference { result.append(pool) }
        }
        return result
    }
}
