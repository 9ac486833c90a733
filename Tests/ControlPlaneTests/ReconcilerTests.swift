// Work is never lost, never done twice at once, and failures are visible and temporary.

import ControlPlane
import LoadBalancing
import Logging
import Networking
import OctaviaWire
import ProviderDrivers
import Synchronization
import Testing

@Suite struct ReconcilerTests {
    private let patience = ReconcilerSettings(
        pollInterval: .milliseconds(20), retryBudget: 2, longestPause: 0.05, longestListenerPause: 0.05)

    private func http(port: Int) -> ListenerCreate { ListenerCreate(listenerProtocol: .http, protocolPort: port) }

    @Test func theFirstLookSeesActive() async throws {
        try await ControlPlaneFixture.run { fixture in
            let tree = try await fixture.create { $0.listeners = [http(port: 80)] }
            #expect(tree.loadBalancer.core.provisioningStatus == .pendingCreate)
            let now = try await fixture.tree(tree.loadBalancer.id)
            #expect(now.loadBalancer.core.provisioningStatus == .active)
            #expect(now.listeners[0].core.provisioningStatus == .active)
            #expect(fixture.driver.generations == [1])
        }
    }

    @Test func changesDuringWorkAreQueuedAndAppliedTogether() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero) { fixture in
            fixture.driver.state.withLock { $0.isHolding = true }
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { fixture.driver.isWaiting })
            for port in 1...5 {
                var listener = http(port: port)
                listener.loadBalancerID = id
                _ = try await fixture.service.createListener(listener, fixture.caller)
            }
            #expect(try await fixture.status(id) == .pendingCreate)
            fixture.driver.release()
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            #expect(fixture.driver.generations == [1, 6])
            #expect(fixture.driver.state.withLock { $0.mostAtOnce } == 1)
            let tree = try await fixture.tree(id)
            #expect(tree.listeners.allSatisfy { $0.core.provisioningStatus == .active })
        }
    }

    @Test func strictnessRefusesChangesDuringWork() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, isStrict: true) { fixture in
            fixture.driver.state.withLock { $0.isHolding = true }
            let id = try await fixture.create().loadBalancer.id
            var listener = http(port: 80)
            listener.loadBalancerID = id
            let fault = await #expect(throws: OctaviaFault.self) {
                _ = try await fixture.service.createListener(listener, fixture.caller)
            }
            #expect(fault?.status == 409)
            #expect(fault?.message == "Load Balancer \(id) is immutable and cannot be updated.")
            #expect(try await fixture.tree(id).listeners.isEmpty)
        }
    }

    @Test func aFailureIsRetriedAndHeals() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            fixture.driver.state.withLock { $0.failures = [DataPlaneError(.node, "The node is busy.")] }
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            #expect(try await fixture.tree(id).loadBalancer.core.statusReason == nil)
        }
    }

    @Test func afterTheBudgetTheOwnerSeesTheCauseAndItStillHeals() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            let failure = DataPlaneError(.node, "No space is left on the node.")
            fixture.driver.state.withLock { $0.failures = Array(repeating: failure, count: 5) }
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .error })
            #expect(try await fixture.tree(id).loadBalancer.core.statusReason == failure.reason)
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
        }
    }

    @Test func anErrorCanBeDeleted() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            fixture.driver.state.withLock {
                $0.failures = Array(repeating: DataPlaneError(.unsupported, "No."), count: 2)
            }
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .error })
            fixture.driver.state.withLock { $0.failures = [] }
            try await fixture.service.deleteLoadBalancer(id, cascade: true, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.isGone(id) })
            let ports = try await fixture.vipPorts()
            #expect(ports == 0)
        }
    }

    @Test func aFailedDeletionIsTriedAgain() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            fixture.driver.state.withLock {
                $0.failures = Array(repeating: DataPlaneError(.node, "Not now."), count: 3)
            }
            try await fixture.service.deleteLoadBalancer(id, cascade: false, fixture.caller)
            #expect(try await fixture.eventually { try await fixture.isGone(id) })
        }
    }

    @Test func aListenerThatCannotServeIsAnErrorOfItsOwn() async throws {
        try await ControlPlaneFixture.run(reconciler: patience) { fixture in
            let tree = try await fixture.create { $0.listeners = [http(port: 80), http(port: 81)] }
            let busy = tree.listeners[0].id
            fixture.driver.state.withLock { $0.failedListeners = [busy: "Port 80 is used by another program."] }
            var update = ListenerUpdate()
            update.name = .set("x")
            _ = try await fixture.service.updateListener(busy, update, fixture.caller)
            var now = try await fixture.tree(tree.loadBalancer.id)
            #expect(now.listener(busy)?.core.provisioningStatus == .error)
            #expect(now.listener(busy)?.core.statusReason == "Port 80 is used by another program.")
            #expect(now.listener(tree.listeners[1].id)?.core.provisioningStatus == .active)
            #expect(now.loadBalancer.core.provisioningStatus == .active)
            fixture.driver.state.withLock { $0.failedListeners = [:] }
            #expect(
                try await fixture.eventually {
                    now = try await fixture.tree(tree.loadBalancer.id)
                    return now.listener(busy)?.core.provisioningStatus == .active
                })
            #expect(now.listener(busy)?.core.statusReason == nil)
        }
    }

    @Test func aPolicyThatCannotBeAppliedIsAnErrorOfItsOwn() async throws {
        try await ControlPlaneFixture.run(reconciler: patience) { fixture in
            var listener = http(port: 80)
            listener.l7Policies = [L7PolicyCreate(action: .reject), L7PolicyCreate(action: .reject)]
            let tree = try await fixture.create { $0.listeners = [listener] }
            let bad = tree.l7Policies[0].id
            fixture.driver.state.withLock { $0.failedL7Policies = [bad: "A rule is no regular expression."] }
            var update = ListenerUpdate()
            update.name = .set("x")
            _ = try await fixture.service.updateListener(tree.listeners[0].id, update, fixture.caller)
            var now = try await fixture.tree(tree.loadBalancer.id)
            let policy = now.l7Policies.first { $0.id == bad }
            #expect(policy?.core.provisioningStatus == .error)
            #expect(policy?.core.statusReason == "A rule is no regular expression.")
            #expect(now.l7Policies.filter { $0.core.provisioningStatus == .active }.count == 1)
            #expect(now.listeners[0].core.provisioningStatus == .active)
            fixture.driver.state.withLock { $0.failedL7Policies = [:] }
            update.name = .set("y")
            _ = try await fixture.service.updateListener(tree.listeners[0].id, update, fixture.caller)
            now = try await fixture.tree(tree.loadBalancer.id)
            #expect(now.l7Policies.allSatisfy { $0.core.provisioningStatus == .active && $0.core.statusReason == nil })
        }
    }

    @Test func aFaultyTreeTakesNoAddress() async throws {
        try await ControlPlaneFixture.run { fixture in
            let fault = await #expect(throws: OctaviaFault.self) {
                _ = try await fixture.create { $0.listeners = [http(port: 80), http(port: 80)] }
            }
            #expect(fault?.status == 409)
            let outside = await #expect(throws: OctaviaFault.self) {
                _ = try await fixture.create { $0.vipAddress = "10.0.0.1" }
            }
            #expect(outside?.status == 400)
            let ports = try await fixture.vipPorts()
            #expect(ports == 0)
            #expect(fixture.driver.generations.isEmpty)
        }
    }

    @Test func aWorkerThatWasOvertakenWritesNothing() async throws {
        try await ControlPlaneFixture.run(settleWait: .milliseconds(1)) { fixture in
            fixture.driver.state.withLock { $0.isHolding = true }
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { fixture.driver.isWaiting })
            // For another process the lease is long over.
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let other = Reconciler(
                database: fixture.database, network: fixture.network, drivers: DriverRegistry([RecordingDriver()]),
                board: SettleBoard(), settings: ReconcilerSettings(pollInterval: .milliseconds(20)), logger: logger,
                now: { EmbeddedNetwork.wallClock().advanced(bySeconds: 120) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await other.run() }
                #expect(try await fixture.eventually { try await fixture.status(id) == .active })
                // The first one comes back with bad news that are no news.
                fixture.driver.state.withLock {
                    $0.failures = [DataPlaneError(.unsupported, "old news"), DataPlaneError(.unsupported, "old news")]
                }
                fixture.driver.release()
                #expect(try await fixture.eventually { !fixture.driver.generations.isEmpty })
                try await Task.sleep(for: .milliseconds(300))
                let core = try await fixture.tree(id).loadBalancer.core
                #expect(core.provisioningStatus == .active && core.statusReason == nil)
                group.cancelAll()
            }
        }
    }
}
