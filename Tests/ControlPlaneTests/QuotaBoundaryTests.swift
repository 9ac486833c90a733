// Quotas exactly at the limit and one above, for each kind of resource.

import LoadBalancing
import OctaviaWire
import Testing

@Suite struct QuotaBoundaryTests {
    /// Creates two of a kind where two are allowed, and a third that is one too many.
    private func check(
        _ fixture: BoundaryFixture, _ field: String, already: Int = 0, _ create: (Int) async throws -> Void
    ) async throws {
        try await fixture.limit(#""\#(field)":\#(already + 2)"#)
        for number in 1...3 {
            let one = BoundaryCase(fields: field, fault: number < 3 ? nil : 403, word: "quota")
            await one.check { _ in try await create(number) }
        }
        try await fixture.limit(#""\#(field)":\#(already + 3)"#)
        await BoundaryCase.passes(field).check { _ in try await create(3) }
        try await fixture.limit(#""\#(field)":-1"#)
        await BoundaryCase.passes(field).check { _ in try await create(4) }
    }

    @Test func eachKindHasItsLimit() async throws {
        try await BoundaryFixture.run { fixture in
            let vip = #""vip_subnet_id":"\#(fixture.base.subnet)""#
            try await check(fixture, "load_balancer", already: 1) { _ in try await fixture.loadBalancer(vip) }
            try await check(fixture, "listener") { number in
                try await fixture.listener(#""protocol":"HTTP","protocol_port":\#(number)"#)
            }
            try await check(fixture, "pool") { _ in try await fixture.pool(#""protocol":"HTTP""#) }
            let pool = try await fixture.pool(#""protocol":"HTTP""#)
            try await check(fixture, "member") { number in
                try await fixture.member(of: pool, #""address":"192.0.2.\#(number)","protocol_port":80"#)
            }
            try await check(fixture, "health_monitor") { _ in
                let pool = try await fixture.pool(#""protocol":"HTTP""#)
                try await fixture.monitor(of: pool, #""type":"PING""#)
            }
            let listener = try await fixture.listener(#""protocol":"HTTP","protocol_port":80"#)
            try await check(fixture, "l7policy") { _ in
                try await fixture.policy(of: listener, #""action":"REJECT""#)
            }
            let policy = try await fixture.policy(of: listener, #""action":"REJECT""#)
            try await check(fixture, "l7rule") { number in
                try await fixture.rule(
                    of: policy.id, #""type":"PATH","compare_type":"EQUAL_TO","value":"/\#(number)""#)
            }
        }
    }

    @Test func treesCountAllThatTheyHave() async throws {
        try await BoundaryFixture.run { fixture in
            func tree(members: Int) -> String {
                let list = (1...members).map { #"{"address":"192.0.2.\#($0)","protocol_port":80}"# }
                return #"""
                    "vip_subnet_id":"\#(fixture.base.subnet)","listeners":[{"protocol":"HTTP","protocol_port":80,
                    "default_pool":{"name":"p","protocol":"HTTP","lb_algorithm":"ROUND_ROBIN",
                    "members":[\#(list.joined(separator: ","))]}}]
                    """#
            }
            try await fixture.limit(#""member":2"#)
            let ports = try await fixture.base.vipPorts()
            await BoundaryCase.fails(tree(members: 3), 403, naming: "quota").check {
                try await fixture.loadBalancer($0)
            }
            #expect(try await fixture.base.vipPorts() == ports)
            await BoundaryCase.passes(tree(members: 2)).check { try await fixture.loadBalancer($0) }
            await BoundaryCase.fails(tree(members: 1), 403, naming: "quota").check {
                try await fixture.loadBalancer($0)
            }
        }
    }
}
