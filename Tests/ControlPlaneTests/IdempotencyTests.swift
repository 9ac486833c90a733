// A creation that is asked for twice with one key happens once.

import LoadBalancing
import OctaviaWire
import Testing

@testable import ControlPlane

@Suite struct IdempotencyTests {
    private func key(_ text: String, body: String = "b", user: String = "u", route: [String] = ["v2", "x"])
        -> IdempotencyKey
    {
        IdempotencyKey(text, route: route, projectID: "p", userID: user, body: Array(body.utf8))
    }

    private func create(_ fixture: ControlPlaneFixture, _ key: IdempotencyKey) async throws
        -> IdempotentOutcome<ResourceID>
    {
        var caller = fixture.caller
        caller.idempotencyKey = key
        return try await fixture.service.once(key, patience: .seconds(120)) { [caller] in
            var request = LoadBalancerCreate()
            request.vipSubnetID = fixture.subnet
            return try await fixture.service.createLoadBalancer(request, caller).loadBalancer.id
        }
    }

    private func count(_ fixture: ControlPlaneFixture) async throws -> Int {
        try await fixture.service.loadBalancers(ListQuery(parsing: [], kind: .loadBalancer), fixture.caller).count
    }

    @Test func theSecondRequestGetsTheFirstAnswer() async throws {
        try await ControlPlaneFixture.run { fixture in
            guard case .fresh(let id) = try await create(fixture, key("one")) else {
                Issue.record("the first request was taken for a repeated one")
                return
            }
            guard case .repeated(let status, let body) = try await create(fixture, key("one")) else {
                Issue.record("the second request was carried out")
                return
            }
            #expect(status == 201 && body.contains(id.string))
            #expect(try await count(fixture) == 1)
            let ports = try await fixture.vipPorts()
            #expect(ports == 1)
            await #expect(throws: IdempotencyFault.otherBody) { _ = try await create(fixture, key("one", body: "c")) }
            // Another user, another route, another key: other requests.
            for other in [key("one", user: "v"), key("one", route: ["v2", "y"]), key("two")] {
                guard case .fresh = try await create(fixture, other) else {
                    Issue.record("\(other) was taken for a repeated one")
                    return
                }
            }
            #expect(try await count(fixture) == 4)
        }
    }

    @Test func manyAtOnceMakeOne() async throws {
        try await ControlPlaneFixture.run { fixture in
            let outcomes = try await withThrowingTaskGroup(of: IdempotentOutcome<ResourceID>.self) { group in
                for _ in 0..<16 { group.addTask { try await create(fixture, key("one")) } }
                var outcomes: [IdempotentOutcome<ResourceID>] = []
                for try await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            let fresh = outcomes.filter { if case .fresh = $0 { true } else { false } }
            #expect(fresh.count == 1 && outcomes.count == 16)
            #expect(try await count(fixture) == 1)
            let ports = try await fixture.vipPorts()
            #expect(ports == 1)
        }
    }

    @Test func whatFailedMayBeTriedAgain() async throws {
        try await ControlPlaneFixture.run { fixture in
            struct Refused: Error {}
            await #expect(throws: Refused.self) {
                _ = try await fixture.service.once(key("one")) { () async throws -> Int in throw Refused() }
            }
            guard case .fresh = try await create(fixture, key("one")) else {
                Issue.record("a request that failed was kept")
                return
            }
        }
    }
}
