// How much a project may have.

import ControlPlane
import LoadBalancing
import OctaviaWire
import Testing

@Suite struct QuotaTests {
    private let admin = Caller(userID: "a", projectID: "admin", roles: ["admin"])

    private func limit(
        _ fixture: ControlPlaneFixture, _ change: (inout QuotaUpdate) -> Void
    ) async throws {
        var update = QuotaUpdate()
        change(&update)
        _ = try await fixture.service.setQuota(ofProject: "p", update, admin)
    }

    @Test func createsBeyondTheQuotaAreRefusedAndLeaveNothing() async throws {
        try await ControlPlaneFixture.run { fixture in
            let tree = try await fixture.create()
            try await limit(fixture) { update in
                update.loadBalancer = .set(1)
                update.listener = .set(1)
                update.pool = .set(0)
            }
            await #expect(throws: OctaviaFault.quotaExceeded(.loadBalancer)) {
                _ = try await fixture.create()
            }
            #expect(try await fixture.vipPorts() == 1)
            var listener = ListenerCreate(listenerProtocol: .http, protocolPort: 8080)
            listener.loadBalancerID = tree.loadBalancer.id
            _ = try await fixture.service.createListener(listener, fixture.caller)
            listener.protocolPort = 8081
            let second = listener
            await #expect(throws: OctaviaFault.quotaExceeded(.listener)) {
                _ = try await fixture.service.createListener(second, fixture.caller)
            }
            var pool = PoolCreate()
            pool.loadBalancerID = tree.loadBalancer.id
            pool.poolProtocol = .http
            pool.algorithm = .roundRobin
            let request = pool
            await #expect(throws: OctaviaFault.quotaExceeded(.pool)) {
                _ = try await fixture.service.createPool(request, fixture.caller)
            }
            try await limit(fixture) { $0.pool = .set(nil) }
            _ = try await fixture.service.createPool(request, fixture.caller)
        }
    }

    @Test func batchesCountWhatTheyAddLessWhatTheyRemove() async throws {
        try await ControlPlaneFixture.run { fixture in
            let tree = try await fixture.create()
            var request = PoolCreate()
            request.loadBalancerID = tree.loadBalancer.id
            request.poolProtocol = .http
            request.algorithm = .roundRobin
            let pool = try await fixture.service.createPool(request, fixture.caller).pool.id
            try await limit(fixture) { $0.member = .set(2) }
            func members(_ addresses: ClosedRange<Int>) -> [MemberCreate] {
                addresses.map { MemberCreate(address: "192.0.2.\($0)", protocolPort: 80) }
            }
            try await fixture.service.replaceMembers(members(1...2), pool: pool, isAdditive: false, fixture.caller)
            await #expect(throws: OctaviaFault.quotaExceeded(.member)) {
                try await fixture.service.replaceMembers(
                    members(1...3), pool: pool, isAdditive: false, fixture.caller)
            }
            await #expect(throws: OctaviaFault.quotaExceeded(.member)) {
                try await fixture.service.replaceMembers(members(3...3), pool: pool, isAdditive: true, fixture.caller)
            }
        }
    }

    @Test func projectsWithoutARowHaveDefaults() async throws {
        try await ControlPlaneFixture.run { fixture in
            #expect(try await fixture.service.quotas(ListQuery(), admin).isEmpty)
            #expect(try await fixture.service.quota(ofProject: "nobody", admin).limits.isEmpty)
            try await limit(fixture) { $0.l7Rule = .set(3) }
            #expect(try await fixture.service.quota(ofProject: "p", admin).limits == [.l7Rule: 3])
            for _ in 0..<2 { try await fixture.service.deleteQuota(ofProject: "p", admin) }
            #expect(try await fixture.service.quota(ofProject: "p", admin).limits.isEmpty)
            // The project stays in the list, as in the original.
            #expect(try await fixture.service.quotas(ListQuery(), admin).map(\.projectID) == ["p"])
            await #expect(throws: OctaviaFault.notFound("Quotas", "nobody")) {
                try await fixture.service.deleteQuota(ofProject: "nobody", admin)
            }
        }
    }
}
