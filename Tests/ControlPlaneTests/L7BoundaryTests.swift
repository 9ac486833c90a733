// Policies and rules just inside and just outside of each rule of theirs.

import LoadBalancing
import OctaviaWire
import Testing

@Suite struct L7BoundaryTests {
    private static let certificate = #""default_tls_container_ref":"http://k/v1/containers/c""#

    @Test func listenersThatCanHavePolicies() async throws {
        try await BoundaryFixture.run { fixture in
            for (index, (proto, fault)) in [
                ("HTTP", nil), ("TERMINATED_HTTPS", nil), ("TCP", 501), ("HTTPS", 501), ("UDP", 501), ("SCTP", 501),
                ("PROMETHEUS", 400),
            ].enumerated() {
                let tls = proto == "TERMINATED_HTTPS" ? ",\(Self.certificate)" : ""
                let listener = try await fixture.listener(
                    #""protocol":"\#(proto)","protocol_port":\#(1_000 + index)\#(tls)"#)
                let one = BoundaryCase(fields: #""action":"REJECT""#, fault: fault, word: proto)
                await one.check { try await fixture.policy(of: listener, $0) }
            }
        }
    }

    @Test func actionsHaveWhatTheyNeed() async throws {
        try await BoundaryFixture.run { fixture in
            let listener = try await fixture.listener(#""protocol":"HTTP","protocol_port":80"#)
            let pool = try await fixture.pool(#""protocol":"HTTP""#)
            let datagrams = try await fixture.pool(#""protocol":"UDP""#)
            var cases: [BoundaryCase] = [
                .passes(#""action":"REJECT""#),
                .passes(#""action":"REDIRECT_TO_URL","redirect_url":"http://example.org/""#),
                .fails(#""action":"REDIRECT_TO_URL""#, naming: "redirect_url"),
                .fails(#""action":"REDIRECT_TO_URL","redirect_prefix":"http://example.org""#, naming: "redirect_url"),
                .passes(#""action":"REDIRECT_PREFIX","redirect_prefix":"http://example.org""#),
                .fails(#""action":"REDIRECT_PREFIX""#, naming: "redirect_prefix"),
                .passes(#""action":"REDIRECT_TO_POOL","redirect_pool_id":"\#(pool)""#),
                .fails(#""action":"REDIRECT_TO_POOL""#, naming: "redirect_pool"),
                .fails(#""action":"REDIRECT_TO_POOL","redirect_pool_id":"\#(datagrams)""#, naming: "UDP"),
                .fails(
                    #""action":"REDIRECT_TO_POOL","redirect_pool_id":"\#(ResourceID.random())""#, 404, naming: "pool"),
            ]
            for (code, isAllowed) in [
                (300, false), (301, true), (302, true), (303, true), (304, false), (306, false), (307, true),
                (308, true), (309, false),
            ] {
                let fields =
                    #""action":"REDIRECT_TO_URL","redirect_url":"http://example.org/","redirect_http_code":\#(code)"#
                cases.append(isAllowed ? .passes(fields) : .fails(fields, naming: "redirect_http_code"))
            }
            for one in cases { await one.check { try await fixture.policy(of: listener, $0) } }
        }
    }

    @Test func positionsAreDense() async throws {
        try await BoundaryFixture.run { fixture in
            let listener = try await fixture.listener(#""protocol":"HTTP","protocol_port":80"#)
            for (wanted, given) in [(1, 1), (3, 2), (2, 2), (1, 1), (4, 4), (2_147_483_647, 6)] {
                let policy = try await fixture.policy(of: listener, #""action":"REJECT","position":\#(wanted)"#)
                #expect(policy.position == given, "position \(wanted)")
            }
            for one in [
                BoundaryCase.fails(#""action":"REJECT","position":0"#, naming: "position"),
                .fails(#""action":"REJECT","position":2147483648"#, naming: "position"),
            ] { await one.check { try await fixture.policy(of: listener, $0) } }
        }
    }

    @Test func comparisonsThatTheTypeOfARuleHas() async throws {
        let comparisons = ["EQUAL_TO", "REGEX", "STARTS_WITH", "ENDS_WITH", "CONTAINS"]
        let types: [(name: String, key: String?, value: String, comparisons: Set<String>)] = [
            ("HOST_NAME", nil, "example.org", Set(comparisons)), ("PATH", nil, "/a", Set(comparisons)),
            ("FILE_TYPE", nil, "jpg", ["EQUAL_TO", "REGEX"]), ("HEADER", "X-A", "b", Set(comparisons)),
            ("COOKIE", "c", "b", Set(comparisons)), ("SSL_CONN_HAS_CERT", nil, "true", ["EQUAL_TO"]),
            ("SSL_VERIFY_RESULT", nil, "0", ["EQUAL_TO"]), ("SSL_DN_FIELD", "CN", "b", Set(comparisons)),
        ]
        try await BoundaryFixture.run { fixture in
            let listener = try await fixture.listener(#""protocol":"HTTP","protocol_port":80"#)
            for type in types {
                let policy = try await fixture.policy(of: listener, #""action":"REJECT""#)
                let key = type.key.map { #","key":"\#($0)""# } ?? ""
                let rest = #""type":"\#(type.name)","value":"\#(type.value)""#
                for comparison in comparisons {
                    let fields = #"\#(rest)\#(key),"compare_type":"\#(comparison)""#
                    // Of the types that have only EQUAL_TO, Octavia's text names the type.
                    let name = type.comparisons.count == 1 ? type.name : "comparison type"
                    let one: BoundaryCase =
                        type.comparisons.contains(comparison) ? .passes(fields) : .fails(fields, naming: name)
                    await one.check { try await fixture.rule(of: policy.id, $0) }
                }
                // A key where there must be one, and none where there must be none.
                guard ["HEADER", "COOKIE", "SSL_DN_FIELD"].contains(type.name) || type.name.hasPrefix("SSL_") else {
                    continue
                }
                let flipped = key.isEmpty ? #","key":"k""# : ""
                await BoundaryCase.fails(#"\#(rest)\#(flipped),"compare_type":"EQUAL_TO""#, naming: "key")
                    .check { try await fixture.rule(of: policy.id, $0) }
            }
        }
    }

    @Test func fiftyRulesForAPolicyAndNoMore() async throws {
        try await BoundaryFixture.run { fixture in
            let listener = try await fixture.listener(#""protocol":"HTTP","protocol_port":80"#)
            let policy = try await fixture.policy(of: listener, #""action":"REJECT""#)
            for number in 1...51 {
                let fields = #""type":"PATH","compare_type":"EQUAL_TO","value":"/\#(number)""#
                let one: BoundaryCase =
                    number <= 50 ? .passes(fields) : .fails(fields, 409, naming: policy.id.string)
                await one.check { try await fixture.rule(of: policy.id, $0) }
            }
        }
    }
}
