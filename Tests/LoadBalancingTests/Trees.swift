// Small trees for tests.

import LoadBalancing

enum Trees {
    static func core(_ adminStateUp: Bool = true, _ status: ProvisioningStatus = .active) -> ResourceCore {
        ResourceCore(
            id: .random(), projectID: "p", adminStateUp: adminStateUp, provisioningStatus: status,
            createdAt: Timestamp(microseconds: 0), generation: 3)
    }

    /// One listener, one pool with two members and a monitor.
    static func web() -> LoadBalancerTree {
        let loadBalancer = LoadBalancer(
            core: core(), name: "", description: "", vip: VirtualIP(address: "127.77.0.10"), provider: "amphora")
        let pool = Pool(
            core: core(), loadBalancerID: loadBalancer.id, poolProtocol: .http, algorithm: .roundRobin)
        let listener = Listener(
            core: core(), loadBalancerID: loadBalancer.id, listenerProtocol: .http, protocolPort: 80,
            defaultPoolID: pool.id)
        let members = [80, 81].map {
            Member(
                core: core(), loadBalancerID: loadBalancer.id, poolID: pool.id, address: "127.0.0.1",
                protocolPort: $0, weight: nil)
        }
        let monitor = HealthMonitor(
            core: core(), loadBalancerID: loadBalancer.id, poolID: pool.id, type: .http, delay: 1, timeout: 1,
            maxRetries: 1)
        return LoadBalancerTree(
            loadBalancer: loadBalancer, listeners: [listener], pools: [pool], members: members,
            healthMonitors: [monitor])
    }

    static func report(
        _ tree: LoadBalancerTree, _ members: [MemberObservation], listener: ListenerObservation.State = .open,
        isServing: Bool = true
    ) -> DataPlaneReport {
        DataPlaneReport(
            loadBalancerID: tree.loadBalancer.id, generation: 3, isServing: isServing,
            listeners: [tree.listeners[0].id: ListenerObservation(state: listener)],
            members: [tree.pools[0].id: Dictionary(uniqueKeysWithValues: zip(tree.members.map(\.id), members))])
    }
}
