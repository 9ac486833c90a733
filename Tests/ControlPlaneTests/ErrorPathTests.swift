// Whatever fails, its owner learns why, it heals when the cause is gone, and it can be deleted meanwhile.

import LoadBalancing
import Networking
import OctaviaWire
import Persistence
import ProviderDrivers
import Synchronization
import Testing

@testable import ControlPlane

/// A key manager that is away for as long as it is told: the embedded one cannot be.
private final class FailingStore: CertificateStore {
    struct Away: Error {}
    let isAway = Mutex(false)

    func certificate(of reference: String, projectID: String) async throws -> CertificateLookup {
        if isAway.withLock({ $0 }) { throw Away() }
        return .unchecked
    }

    func text(of reference: String, projectID: String) async throws -> CertificateText {
        if isAway.withLock({ $0 }) { throw Away() }
        return .unchecked
    }
}

@Suite struct ErrorPathTests {
    private let patience = ReconcilerSettings(
        pollInterval: .milliseconds(20), retryBudget: 2, longestPause: 0.05, longestListenerPause: 0.05)

    private func secureListener() -> ListenerCreate {
        var listener = ListenerCreate(listenerProtocol: .terminatedHTTPS, protocolPort: 443)
        listener.defaultTLSContainerRef = "http://127.0.0.1/key-manager/v1/containers/\(ResourceID.random())"
        return listener
    }

    private func reason(_ fixture: ControlPlaneFixture, _ id: ResourceID) async throws -> String? {
        try await fixture.tree(id).loadBalancer.core.statusReason
    }

    @Test func aKeyManagerThatIsAwayIsACauseAndNoHindrance() async throws {
        let store = FailingStore()
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience, certificates: store) { fixture in
            let first = try await fixture.create { $0.listeners = [secureListener()] }.loadBalancer.id
            let second = try await fixture.create { $0.listeners = [secureListener()] }.loadBalancer.id
            for id in [first, second] {
                #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            }
            store.isAway.withLock { $0 = true }
            var update = LoadBalancerUpdate()
            update.name = .set("x")
            for id in [first, second] { _ = try await fixture.service.updateLoadBalancer(id, update, fixture.caller) }
            #expect(try await fixture.eventually { try await fixture.status(first) == .error })
            #expect(try await reason(fixture, first)?.isEmpty == false)
            // It is not tried again and again without a pause.
            let attempts = try await fixture.database.read { connection in
                try connection.first("SELECT MAX(attempts) FROM work") { $0.int(0) } ?? 0
            }
            #expect(attempts < 1_000)
            try await fixture.service.deleteLoadBalancer(first, cascade: true, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.isGone(first) })
            store.isAway.withLock { $0 = false }
            #expect(try await fixture.eventually { try await fixture.status(second) == .active })
            #expect(try await reason(fixture, second) == nil)
        }
    }

    @Test func aNetworkThatRefusesIsACauseAndHeals() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            let tree = try await fixture.create()
            let (id, port) = (tree.loadBalancer.id, try #require(tree.loadBalancer.vip.portID))
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            func setOwner(_ owner: String) async throws {
                _ = try await fixture.database.write {
                    try $0.execute("UPDATE network_port SET device_owner = ? WHERE id = ?", [owner, port])
                }
            }
            // The network gives no port away that it takes for one of its own.
            try await setOwner("network:floatingip")
            try await fixture.service.deleteLoadBalancer(id, cascade: true, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.status(id) == .error })
            #expect(try await reason(fixture, id)?.contains("VIP port could not be released") == true)
            // It may be asked for again, as often as one likes.
            try await fixture.service.deleteLoadBalancer(id, cascade: true, fixture.caller)
            try await setOwner("Octavia")
            #expect(try await fixture.eventually { try await fixture.isGone(id) })
            let ports = try await fixture.vipPorts()
            #expect(ports == 0)
        }
    }

    @Test func aProviderThatIsNotEnabledAnyMoreIsACauseAndNoHindrance() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            _ = try await fixture.database.write {
                try $0.execute("UPDATE load_balancer SET provider = 'gone' WHERE id = ?", [id])
            }
            var update = LoadBalancerUpdate()
            update.name = .set("x")
            _ = try await fixture.service.updateLoadBalancer(id, update, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.status(id) == .error })
            #expect(try await reason(fixture, id)?.contains("'gone' is not enabled") == true)
            try await fixture.service.deleteLoadBalancer(id, cascade: true, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.isGone(id) })
        }
    }

    @Test func everythingThatIsErrorHasACause() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            fixture.driver.state.withLock {
                $0.failures = Array(repeating: DataPlaneError(.node, "The node is out of memory."), count: 1_000)
            }
            let listener = ListenerCreate(listenerProtocol: .http, protocolPort: 80)
            let id = try await fixture.create { $0.listeners = [listener] }.loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .error })
            var pool = PoolCreate()
            pool.poolProtocol = .http
            pool.algorithm = .roundRobin
            pool.loadBalancerID = id
            let poolID = try await fixture.service.createPool(pool, fixture.caller).pool.id
            let member = MemberCreate(address: "10.0.0.1", protocolPort: 80)
            _ = try await fixture.service.createMember(member, pool: poolID, fixture.caller)
            #expect(
                try await fixture.eventually {
                    let tree = try await fixture.tree(id)
                    let cores =
                        [tree.loadBalancer.core] + tree.listeners.map(\.core) + tree.pools.map(\.core)
                        + tree.members.map(\.core)
                    return cores.count == 4
                        && cores.allSatisfy {
                            $0.provisioningStatus == .error && $0.statusReason == "The node is out of memory."
                        }
                })
            // What is in ERROR can be changed and deleted, and all of it heals.
            try await fixture.service.deleteMember(
                fixture.tree(id).members[0].id, pool: poolID, fixture.caller)
            fixture.driver.state.withLock { $0.failures = [] }
            #expect(
                try await fixture.eventually {
                    let tree = try await fixture.tree(id)
                    let cores = [tree.loadBalancer.core] + tree.listeners.map(\.core) + tree.pools.map(\.core)
                    return tree.members.isEmpty
                        && cores.allSatisfy { $0.provisioningStatus == .active && $0.statusReason == nil }
                })
        }
    }
}
