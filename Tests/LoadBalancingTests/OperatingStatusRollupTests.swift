// Observations become operating statuses.

import LoadBalancing
import Testing

@Suite struct OperatingStatusRollupTests {
    /// Statuses of the load balancer, the listener, the pool and both members.
    private func rollup(_ tree: LoadBalancerTree, _ report: DataPlaneReport?) -> [OperatingStatus?] {
        let statuses = OperatingStatusRollup.statuses(of: tree, report: report)
        return [
            statuses[tree.loadBalancer.id], statuses[tree.listeners[0].id], statuses[tree.pools[0].id],
            statuses[tree.members[0].id], statuses[tree.members[1].id],
        ]
    }

    @Test func membersDecideOverPoolAndLoadBalancer() {
        let tree = Trees.web()
        #expect(rollup(tree, Trees.report(tree, [.up, .up])) == [.online, .online, .online, .online, .online])
        #expect(rollup(tree, Trees.report(tree, [.up, .down])) == [.degraded, .online, .degraded, .online, .error])
        #expect(rollup(tree, Trees.report(tree, [.down, .down])) == [.error, .online, .error, .error, .error])
        #expect(rollup(tree, Trees.report(tree, [.up, .draining])) == [.online, .online, .online, .online, .draining])
        #expect(
            rollup(tree, Trees.report(tree, [.unmonitored, .unmonitored]))
                == [.online, .online, .online, .noMonitor, .noMonitor])
    }

    @Test func aDeadProcessIsSeen() {
        let tree = Trees.web()
        let statuses = rollup(tree, Trees.report(tree, [.up, .up], listener: .closed, isServing: false))
        #expect(statuses[0] == .error)
        #expect(statuses[1] == .error)
    }

    @Test func aFullListenerDegrades() {
        let tree = Trees.web()
        #expect(rollup(tree, Trees.report(tree, [.up, .up], listener: .full)).prefix(2) == [.degraded, .degraded])
    }

    @Test func whatIsSwitchedOffIsOffline() {
        var tree = Trees.web()
        tree.members[1].core.adminStateUp = false
        #expect(
            rollup(tree, Trees.report(tree, [.up, .maintenance])) == [.online, .online, .online, .online, .offline])
        tree.listeners[0].core.adminStateUp = false
        #expect(rollup(tree, Trees.report(tree, [.up, .maintenance]))[1] == .offline)
        tree.loadBalancer.core.adminStateUp = false
        #expect(rollup(tree, Trees.report(tree, [.up, .maintenance]))[0] == .offline)
    }

    @Test func aNewListenerIsNotYetExpectedToServe() {
        var tree = Trees.web()
        tree.listeners[0].core.provisioningStatus = .pendingCreate
        #expect(rollup(tree, Trees.report(tree, [.up, .up], listener: .closed))[1] == .offline)
        #expect(rollup(tree, nil)[1] == .offline)
    }
}

@Suite struct PlanTests {
    @Test func aPlanLeavesOutWhatIsOnItsWayOut() {
        var tree = Trees.web()
        #expect(LoadBalancerPlan(tree: tree).pools[0].members.map(\.weight) == [1, 1])
        tree.members[0].core.isBeingDeleted = true
        tree.healthMonitors[0].core.adminStateUp = false
        var plan = LoadBalancerPlan(tree: tree, floatingAddresses: ["127.78.0.9", "127.77.0.10"])
        #expect(plan.pools[0].members.map(\.id) == [tree.members[1].id])
        #expect(plan.pools[0].healthMonitor == nil)
        #expect(plan.addresses == ["127.77.0.10", "127.78.0.9"])
        tree.pools[0].core.isBeingDeleted = true
        plan = LoadBalancerPlan(tree: tree)
        #expect(plan.pools.isEmpty)
        #expect(plan.listeners[0].defaultPoolID == nil)
    }

    @Test func matricesAgreeWithTheReference() {
        #expect(ListenerProtocol.tcp.allowedPoolProtocols.contains(.https))
        #expect(!ListenerProtocol.http.allowedPoolProtocols.contains(.tcp))
        #expect(ListenerProtocol.prometheus.allowedPoolProtocols.isEmpty)
        #expect(PoolProtocol.udp.allowedHealthMonitorTypes == [.udpConnect, .sctp, .tcp, .http])
        #expect(!PoolProtocol.http.allowedHealthMonitorTypes.contains(.udpConnect))
        #expect(ListenerProtocol.http.insertableHeaders.contains("X-Forwarded-For"))
        #expect(!ListenerProtocol.http.insertableHeaders.contains("X-SSL-Client-DN"))
    }

    @Test func poolsFindTheirListeners() {
        var tree = Trees.web()
        let other = Pool(
            core: Trees.core(), loadBalancerID: tree.loadBalancer.id, poolProtocol: .http, algorithm: .roundRobin)
        tree.pools.append(other)
        #expect(tree.listeners(usingPool: other.id).isEmpty)
        let policy = L7Policy(
            core: Trees.core(), loadBalancerID: tree.loadBalancer.id, listenerID: tree.listeners[0].id,
            action: .redirectToPool, redirectPoolID: other.id)
        tree.l7Policies = [policy]
        // A policy without rules never matches.
        #expect(tree.listeners(usingPool: other.id).isEmpty)
        tree.l7Rules = [
            L7Rule(
                core: Trees.core(), loadBalancerID: tree.loadBalancer.id, policyID: policy.id, type: .path,
                compareType: .startsWith, value: "/")
        ]
        #expect(tree.listeners(usingPool: other.id).map(\.id) == [tree.listeners[0].id])
        #expect(tree.pools(ofListener: tree.listeners[0]).map(\.id) == [tree.pools[0].id, other.id])
    }
}
