// News that many load balancers fail at a time, and news that stop, do not make many mistakes.

import LoadBalancing
import Logging
import OctaviaWire
import Persistence
import ProviderDrivers
import Synchronization
import Testing

@testable import ControlPlane

/// An agent that says what it is told to say, or nothing: real agents do not lie when asked to.
private final class TellingDriver: ProviderDriver {
    struct State {
        var isServing: Bool?
        var listeners: [ResourceID: ResourceID] = [:]
        var known: [ResourceID] = []
        var removed: [ResourceID] = []
    }

    let name = "amphora"
    let description = "Tells what it is told."
    let reports: AsyncStream<DataPlaneReport>
    let continuation: AsyncStream<DataPlaneReport>.Continuation
    let state = Mutex(State())

    init() { (reports, continuation) = AsyncStream.makeStream() }

    func apply(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome { ApplyOutcome() }
    func remove(_ id: ResourceID) async throws(DataPlaneError) { state.withLock { $0.removed.append(id) } }
    func report(of id: ResourceID) async -> DataPlaneReport? {
        state.withLock { $0.isServing }.map { observation(of: id, isServing: $0) }
    }
    private func observation(of id: ResourceID, isServing: Bool) -> DataPlaneReport {
        var report = DataPlaneReport(loadBalancerID: id, generation: 1, isServing: isServing)
        if let listener = state.withLock({ $0.listeners[id] }) {
            report.listeners[listener] = ListenerObservation(state: isServing ? .open : .closed)
        }
        return report
    }
    func knownLoadBalancers() async -> [ResourceID] { state.withLock { $0.known } }
    func tell(_ id: ResourceID, isServing: Bool) {
        continuation.yield(observation(of: id, isServing: isServing))
    }
}

@Suite struct GuardRailTests {
    private let settings = GuardRailSettings(minimum: 3, share: 0.1, window: 60, pause: 1)

    /// Runs a health manager of a telling agent over some load balancers that are ONLINE.
    private func run(
        _ count: Int, _ body: (ControlPlaneFixture, TellingDriver, HealthManager, [ResourceID]) async throws -> Void
    ) async throws {
        try await ControlPlaneFixture.run { fixture in
            let driver = TellingDriver()
            var ids: [ResourceID] = []
            for _ in 0..<count {
                let tree = try await fixture.create {
                    $0.listeners = [ListenerCreate(listenerProtocol: .http, protocolPort: 80)]
                }
                ids.append(tree.loadBalancer.id)
                driver.state.withLock { $0.listeners[tree.loadBalancer.id] = tree.listeners.first?.id }
            }
            let manager = HealthManager(
                database: fixture.database, source: .driver(driver), guardRail: GuardRail("operating-status", settings),
                logger: silentLogger, now: fixture.service.now)
            let task = Task { try await manager.run() }
            for id in ids { driver.tell(id, isServing: true) }
            #expect(try await fixture.eventually { try await online(fixture) == count })
            try await body(fixture, driver, manager, ids)
            driver.continuation.finish()
            task.cancel()
            _ = await task.result
        }
    }

    private func online(_ fixture: ControlPlaneFixture) async throws -> Int {
        try await fixture.service.loadBalancers(ListQuery(parsing: [], kind: .loadBalancer), fixture.caller)
            .filter { $0.loadBalancer.core.operatingStatus == .online }.count
    }

    @Test func aSilentAgentChangesNothing() async throws {
        try await run(8) { fixture, driver, manager, ids async throws in
            // It says that all are gone, and then nothing, not even when asked.
            for id in ids { driver.tell(id, isServing: false) }
            #expect(try await fixture.eventually { manager.guardRail.state.isHolding })
            #expect(manager.guardRail.state.trips == 1)
            #expect(try await fixture.eventually { !manager.guardRail.state.isHolding })
            #expect(try await online(fixture) == 5, "three were believed, the others were not")
        }
    }

    @Test func whatTurnsOutWrongIsNeverWritten() async throws {
        try await run(8) { fixture, driver, manager, ids async throws in
            driver.state.withLock { $0.isServing = true }
            for id in ids { driver.tell(id, isServing: false) }
            #expect(try await fixture.eventually { manager.guardRail.state.held == 5 })
            #expect(try await fixture.eventually { !manager.guardRail.state.isHolding })
            #expect(try await online(fixture) == 5)
            for id in ids.prefix(3) { driver.tell(id, isServing: true) }
            #expect(try await fixture.eventually { try await online(fixture) == 8 })
        }
    }

    @Test func whatIsConfirmedIsWritten() async throws {
        try await run(8) { fixture, driver, manager, ids async throws in
            driver.state.withLock { $0.isServing = false }
            for id in ids { driver.tell(id, isServing: false) }
            #expect(try await fixture.eventually { try await online(fixture) == 0 })
            #expect(!manager.guardRail.state.isHolding && manager.guardRail.state.held == 0)
        }
    }

    @Test func aDatabaseThatHasLostManyTakesNoneDown() async throws {
        try await ControlPlaneFixture.run { fixture in
            let driver = TellingDriver()
            let kept = try await fixture.create().loadBalancer.id
            driver.state.withLock { $0.known = [kept] + (0..<20).map { _ in .random() } }
            let housekeeper = Housekeeper(
                database: fixture.database, network: fixture.network, drivers: DriverRegistry([driver]),
                guardRail: GuardRail("removal", settings), logger: silentLogger, now: fixture.service.now)
            try await housekeeper.removeUnknownLoadBalancers()
            #expect(driver.state.withLock { $0.removed }.isEmpty)
            #expect(housekeeper.guardRail.state.isHolding && housekeeper.guardRail.state.held == 20)
            // A few are what a crash leaves behind.
            let few = [ResourceID.random(), .random()]
            driver.state.withLock { $0.known = [kept] + few }
            try await housekeeper.removeUnknownLoadBalancers()
            #expect(Set(driver.state.withLock { $0.removed }) == Set(few))
            #expect(!housekeeper.guardRail.state.isHolding)
        }
    }
}

/// What tests log is nobody's business.
let silentLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
