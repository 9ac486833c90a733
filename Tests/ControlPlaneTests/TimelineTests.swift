// What happened to a load balancer is there to be read, by whoever may see it.

import JSON
import LoadBalancing
import OctaviaWire
import Persistence
import ProviderDrivers
import Synchronization
import Testing

@testable import ControlPlane

@Suite struct TimelineTests {
    private let patience = ReconcilerSettings(
        pollInterval: .milliseconds(20), retryBudget: 2, longestPause: 0.05, longestListenerPause: 0.05)

    private func events(
        _ fixture: ControlPlaneFixture, _ id: ResourceID, _ arguments: [(String, String)] = [], as caller: Caller? = nil
    ) async throws -> [LoadBalancerEvent] {
        let query = try ListQuery(parsing: arguments.map { (name: $0.0, value: $0.1) }, schema: .event)
        return try await fixture.service.events(ofLoadBalancer: id, query, caller ?? fixture.caller).map(\.event)
    }

    @Test func everyStepOfALifeIsTold() async throws {
        try await ControlPlaneFixture.run { fixture in
            var caller = fixture.caller
            caller.requestID = "req-create"
            var request = LoadBalancerCreate()
            request.vipSubnetID = fixture.subnet
            request.name = "web"
            request.listeners = [ListenerCreate(listenerProtocol: .http, protocolPort: 80)]
            let tree = try await fixture.service.createLoadBalancer(request, caller)
            let id = tree.loadBalancer.id
            var found = try await events(fixture, id)
            #expect(found.map(\.kind) == [.created, .applied])
            #expect(found[0].userID == "u" && found[0].requestID == "req-create")
            #expect(found[0].message == "Created load balancer web with 1 listener.")
            #expect(found[1].generation == 1 && found[1].duration != nil && found[1].userID == nil)

            var update = ListenerUpdate()
            update.connectionLimit = .set(7)
            update.tags = .set(["a"])
            caller.requestID = "req-update"
            _ = try await fixture.service.updateListener(tree.listeners[0].id, update, caller)
            found = try await events(fixture, id)
            #expect(found.map(\.kind) == [.created, .applied, .updated, .applied])
            #expect(found[2].fields == ["connection_limit", "tags"] && found[2].objectID == tree.listeners[0].id)
            #expect(found[2].objectKind == .listener && found[2].requestID == "req-update")
            // What was there already is told, too: somebody asked.
            _ = try await fixture.service.updateListener(tree.listeners[0].id, update, caller)
            found = try await events(fixture, id, [("type", "updated")])
            #expect(found.count == 2 && found[1].fields.isEmpty)

            var pool = PoolCreate()
            pool.poolProtocol = .http
            pool.algorithm = .roundRobin
            pool.loadBalancerID = id
            let poolID = try await fixture.service.createPool(pool, caller).pool.id
            let members = (1...20).map { MemberCreate(address: "10.0.0.\($0)", protocolPort: 80) }
            try await fixture.service.replaceMembers(members, pool: poolID, isAdditive: false, caller)
            try await fixture.service.replaceMembers(
                Array(members[..<3]), pool: poolID, isAdditive: false, caller)
            found = try await events(fixture, id, [("object_type", "member")])
            #expect(found.map(\.message) == ["Created 20 members.", "Deleted 17 members."])
            try await fixture.service.deleteLoadBalancer(id, cascade: true, caller)
            #expect(try await fixture.eventually { try await fixture.isGone(id) })
            // Its project sees the timeline afterwards, too; others do not.
            found = try await events(fixture, id)
            #expect(found.suffix(2).map(\.kind) == [.deleted, .removed])
            let stranger = Caller(userID: "x", projectID: "q", roles: ["member", "reader"])
            let fault = await #expect(throws: OctaviaFault.self) { _ = try await events(fixture, id, as: stranger) }
            #expect(fault?.status == 403)
            let missing = await #expect(throws: OctaviaFault.self) { _ = try await events(fixture, .random()) }
            #expect(missing?.status == 404)
        }
    }

    @Test func pagesAndFiltersAreThoseOfOtherLists() async throws {
        try await ControlPlaneFixture.run { fixture in
            let id = try await fixture.create().loadBalancer.id
            for number in 1...3 {
                var update = LoadBalancerUpdate()
                update.name = .set("n\(number)")
                _ = try await fixture.service.updateLoadBalancer(id, update, fixture.caller)
            }
            let all = try await events(fixture, id)
            #expect(all.count == 8)
            #expect(all == all.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) })
            let page = try await events(fixture, id, [("limit", "3"), ("marker", all[1].id.string)])
            #expect(page == Array(all[2..<5]))
            let newest = try await events(fixture, id, [("limit", "2"), ("sort", "created_at:desc,id:desc")])
            #expect(newest == [all[7], all[6]])
            #expect(try await events(fixture, id, [("generation", "2")]).allSatisfy { $0.generation == 2 })
            await #expect(throws: OctaviaFault.self) { _ = try await events(fixture, id, [("marker", "x")]) }
            await #expect(throws: OctaviaFault.self) { _ = try await events(fixture, id, [("nonsense", "x")]) }
        }
    }

    @Test func failuresAreToldWithTheirCauseAndDoNotFillTheTimeline() async throws {
        try await ControlPlaneFixture.run(settleWait: .zero, reconciler: patience) { fixture in
            let failure = DataPlaneError(.node, "No space is left on the node.")
            fixture.driver.state.withLock { $0.failures = Array(repeating: failure, count: 12) }
            let id = try await fixture.create().loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            let found = try await events(fixture, id)
            #expect(found.first?.kind == .created && found.last?.kind == .healed)
            #expect(found.filter { $0.kind == .failed }.count == 1)
            let errors = found.filter { $0.kind == .error }
            #expect(errors.count == 4 && errors.reduce(0) { $0 + $1.occurrences } == 11)
            #expect(errors.allSatisfy { $0.message.hasSuffix(failure.reason) })
            #expect(found.last?.message == "Generation 1 is served, after 12 attempts that failed.")
        }
    }

    @Test func aListenerThatCannotServeIsTold() async throws {
        try await ControlPlaneFixture.run(reconciler: patience) { fixture in
            let tree = try await fixture.create {
                $0.listeners = [ListenerCreate(listenerProtocol: .http, protocolPort: 80)]
            }
            let busy = tree.listeners[0].id
            fixture.driver.state.withLock { $0.failedListeners = [busy: "Port 80 is used by another program."] }
            var update = ListenerUpdate()
            update.name = .set("x")
            _ = try await fixture.service.updateListener(busy, update, fixture.caller)
            #expect(
                try await fixture.eventually {
                    try await events(fixture, tree.loadBalancer.id, [("object_id", busy.string), ("type", "error")])
                        .map(\.message) == ["Port 80 is used by another program."]
                })
            fixture.driver.state.withLock { $0.failedListeners = [:] }
            #expect(
                try await fixture.eventually {
                    try await events(fixture, tree.loadBalancer.id).last?.kind == .healed
                })
        }
    }

    @Test func theHousekeeperForgets() async throws {
        try await ControlPlaneFixture.run { fixture in
            let id = try await fixture.create().loadBalancer.id
            func housekeeper(daysLater days: Double) -> Housekeeper {
                Housekeeper(
                    database: fixture.database, network: fixture.network, drivers: DriverRegistry([]),
                    eventLifetime: 86_400, logger: silentLogger,
                    now: { fixture.service.now().advanced(bySeconds: days * 86_400) })
            }
            try await housekeeper(daysLater: 0.5).forget()
            #expect(try await events(fixture, id).count == 2)
            try await housekeeper(daysLater: 2).forget()
            #expect(try await events(fixture, id).isEmpty)
        }
    }
}
