// Pools, members and health monitors just inside and just outside of each rule.

import LoadBalancing
import OctaviaWire
import Testing

@Suite struct PoolBoundaryTests {
    private func check(_ cases: [BoundaryCase]) async throws {
        try await BoundaryFixture.run { fixture in
            for one in cases { await one.check { try await fixture.pool($0) } }
        }
    }

    @Test func defaultPoolsSpeakWhatTheirListenerCanSend() async throws {
        let partners: [(String, inside: [String], outside: [String])] = [
            ("HTTP", ["HTTP", "PROXY", "PROXYV2"], ["TCP", "HTTPS", "UDP", "SCTP"]),
            ("TCP", ["TCP", "HTTP", "HTTPS", "PROXY", "PROXYV2"], ["UDP", "SCTP"]),
            ("HTTPS", ["HTTPS", "TCP", "PROXY", "PROXYV2"], ["HTTP", "UDP", "SCTP"]),
            ("UDP", ["UDP"], ["TCP", "SCTP", "HTTP"]), ("SCTP", ["SCTP"], ["UDP", "TCP", "PROXY"]),
        ]
        try await BoundaryFixture.run { fixture in
            var port = 100
            for (proto, inside, outside) in partners {
                for (index, pool) in (inside + outside).enumerated() {
                    port += 1
                    let listener = try await fixture.listener(#""protocol":"\#(proto)","protocol_port":\#(port)"#)
                    let fields = #""protocol":"\#(pool)","listener_id":"\#(listener)""#
                    let one: BoundaryCase =
                        index < inside.count ? .passes(fields) : .fails(fields, naming: "protocol")
                    await one.check { try await fixture.pool($0) }
                }
            }
            let listener = try await fixture.listener(#""protocol":"HTTP","protocol_port":80"#)
            let fields = #""protocol":"HTTP","listener_id":"\#(listener)""#
            await BoundaryCase.passes(fields).check { try await fixture.pool($0) }
            await BoundaryCase.fails(fields, 409, naming: "default pool").check { try await fixture.pool($0) }
        }
    }

    @Test func sessionPersistenceFitsTheProtocol() async throws {
        func fields(_ proto: String, _ persistence: String) -> String {
            #""protocol":"\#(proto)","session_persistence":{\#(persistence)}"#
        }
        var cases: [BoundaryCase] = []
        for proto in ["HTTP", "TCP", "HTTPS", "PROXY", "PROXYV2"] {
            cases.append(.passes(fields(proto, #""type":"SOURCE_IP""#)))
            cases.append(.fails(fields(proto, #""type":"SOURCE_IP","persistence_timeout":5"#), naming: "timeout"))
        }
        for proto in ["UDP", "SCTP"] {
            cases += [
                .passes(fields(proto, #""type":"SOURCE_IP""#)),
                .passes(
                    fields(
                        proto,
                        #""type":"SOURCE_IP","persistence_timeout":5,"persistence_granularity":"255.255.255.0""#)),
                .fails(fields(proto, #""type":"HTTP_COOKIE""#), naming: "HTTP_COOKIE"),
                .fails(fields(proto, #""type":"APP_COOKIE","cookie_name":"c""#), naming: "cookie"),
            ]
        }
        cases += [
            .passes(fields("HTTP", #""type":"HTTP_COOKIE""#)),
            .fails(fields("HTTP", #""type":"HTTP_COOKIE","cookie_name":"c""#), naming: "cookie_name"),
            .fails(fields("HTTP", #""type":"SOURCE_IP","cookie_name":"c""#), naming: "cookie_name"),
            .passes(fields("HTTP", #""type":"APP_COOKIE","cookie_name":"c""#)),
            .fails(fields("HTTP", #""type":"APP_COOKIE""#), naming: "cookie_name"),
            .fails(fields("HTTP", #""type":"APP_COOKIE","cookie_name":"""#), naming: "cookie_name"),
            .fails(fields("HTTP", #""type":"APP_COOKIE","cookie_name":"a b""#), naming: "cookie_name"),
            .fails(fields("HTTP", #""type":"APP_COOKIE","cookie_name":"a;b""#), naming: "cookie_name"),
            .passes(fields("HTTP", #""type":"APP_COOKIE","cookie_name":"a-b_c.d""#)),
        ]
        try await check(cases)
    }

    @Test func encryptionTowardsMembers() async throws {
        let authority = #""ca_tls_container_ref":"http://k/v1/secrets/a""#
        let list = #""crl_container_ref":"http://k/v1/secrets/l""#
        try await check([
            .passes(#""protocol":"HTTP","tls_enabled":true"#),
            .passes(#""protocol":"HTTP","tls_enabled":true,\#(authority)"#),
            .passes(#""protocol":"HTTP","tls_enabled":true,\#(authority),\#(list)"#),
            .fails(#""protocol":"HTTP","tls_enabled":true,\#(list)"#, naming: "CA"),
            .passes(#""protocol":"HTTP","tls_enabled":true,"tls_versions":["TLSv1.3"]"#),
            .fails(#""protocol":"HTTP","tls_enabled":true,"tls_versions":[]"#, naming: "TLS version"),
            .fails(#""protocol":"HTTP","tls_enabled":true,"alpn_protocols":[]"#, naming: "ALPN"),
            .passes(#""protocol":"HTTP","tls_enabled":true,"alpn_protocols":["http/1.1"]"#),
        ])
    }

    @Test func algorithmsThatTheProviderHas() async throws {
        try await check([
            .passes(#""protocol":"HTTP","lb_algorithm":"ROUND_ROBIN""#),
            .passes(#""protocol":"HTTP","lb_algorithm":"LEAST_CONNECTIONS""#),
            .passes(#""protocol":"HTTP","lb_algorithm":"SOURCE_IP""#),
            .fails(#""protocol":"HTTP","lb_algorithm":"SOURCE_IP_PORT""#, 501, naming: "SOURCE_IP_PORT"),
        ])
    }

    @Test func membersAreUniqueByAddressAndPort() async throws {
        try await BoundaryFixture.run { fixture in
            let pool = try await fixture.pool(#""protocol":"HTTP""#)
            for one in [
                BoundaryCase.passes(#""address":"192.0.2.1","protocol_port":80"#),
                .fails(#""address":"192.0.2.1","protocol_port":80"#, 409, naming: "192.0.2.1"),
                .passes(#""address":"192.0.2.1","protocol_port":81"#),
                .passes(#""address":"192.0.2.2","protocol_port":80"#),
                .passes(#""address":"2001:db8::1","protocol_port":80"#),
                .fails(#""address":"2001:db8::1","protocol_port":80"#, 409, naming: "2001:db8::1"),
                .passes(#""address":"169.254.169.253","protocol_port":80"#),
                .fails(#""address":"169.254.169.254","protocol_port":80"#, naming: "169.254.169.254"),
            ] { await one.check { try await fixture.member(of: pool, $0) } }
            let other = try await fixture.pool(#""protocol":"HTTP""#)
            await BoundaryCase.passes(#""address":"192.0.2.1","protocol_port":80"#)
                .check { try await fixture.member(of: other, $0) }
        }
    }

    @Test func datagramsReachMembersOfAFamilyThatSomeVIPHas() async throws {
        try await BoundaryFixture.run { fixture in
            let listener = try await fixture.listener(#""protocol":"UDP","protocol_port":53"#)
            let used = try await fixture.pool(#""protocol":"UDP","listener_id":"\#(listener)""#)
            let unused = try await fixture.pool(#""protocol":"UDP""#)
            let plain = try await fixture.pool(#""protocol":"TCP""#)
            let old = #""address":"192.0.2.1","protocol_port":53"#
            let new = #""address":"2001:db8::1","protocol_port":53"#
            for (pool, one) in [
                (used, BoundaryCase.passes(old)), (used, .fails(new, 501, naming: "2001:db8::1")),
                (unused, .passes(new)), (plain, .passes(new)),
            ] { await one.check { try await fixture.member(of: pool, $0) } }
        }
    }

    @Test func monitorsThatThePoolCanHave() async throws {
        let all = ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO", "UDP-CONNECT", "SCTP"]
        let allowed: [String: Set<String>] = [
            "HTTP": ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO"],
            "TCP": ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO"],
            "HTTPS": ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO"],
            "PROXY": ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO"],
            "PROXYV2": ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO"], "UDP": ["HTTP", "TCP", "UDP-CONNECT", "SCTP"],
            "SCTP": ["HTTP", "TCP", "UDP-CONNECT", "SCTP"],
        ]
        try await BoundaryFixture.run { fixture in
            for (proto, types) in allowed {
                for type in all {
                    let pool = try await fixture.pool(#""protocol":"\#(proto)""#)
                    let fields = #""type":"\#(type)""#
                    let one: BoundaryCase = types.contains(type) ? .passes(fields) : .fails(fields, naming: "pool")
                    await one.check { try await fixture.monitor(of: pool, $0) }
                }
            }
        }
    }

    @Test func fieldsThatTheMonitorCanHave() async throws {
        let web = #""http_version":1.1,"domain_name":"example.org""#
        let cases: [(String, BoundaryCase)] = [
            ("HTTP", .passes(#""type":"HTTP","http_method":"HEAD","url_path":"/a","expected_codes":"200-204""#)),
            ("HTTP", .passes(#""type":"HTTPS","http_method":"GET""#)),
            ("HTTP", .fails(#""type":"TCP","http_method":"GET""#, naming: "http_method")),
            ("HTTP", .fails(#""type":"PING","url_path":"/""#, naming: "url_path")),
            ("HTTP", .fails(#""type":"TLS-HELLO","expected_codes":"200""#, naming: "expected_codes")),
            ("HTTP", .passes(#""type":"HTTP",\#(web)"#)),
            ("HTTP", .passes(#""type":"HTTP","http_version":1.0"#)),
            ("HTTP", .fails(#""type":"HTTP","http_version":1.0,"domain_name":"example.org""#, naming: "http_version")),
            ("HTTP", .fails(#""type":"HTTP","domain_name":"example.org""#, naming: "http_version")),
            ("UDP", .passes(#""type":"UDP-CONNECT","delay":3"#)),
            ("UDP", .fails(#""type":"UDP-CONNECT","delay":2"#, naming: "delay")),
            ("HTTP", .passes(#""type":"TCP","delay":2"#)),
        ]
        try await BoundaryFixture.run { fixture in
            for (proto, one) in cases {
                let pool = try await fixture.pool(#""protocol":"\#(proto)""#)
                await one.check { try await fixture.monitor(of: pool, $0) }
            }
            let pool = try await fixture.pool(#""protocol":"HTTP""#)
            await BoundaryCase.passes(#""type":"PING""#).check { try await fixture.monitor(of: pool, $0) }
            await BoundaryCase.fails(#""type":"PING""#, 409, naming: "health monitor")
                .check { try await fixture.monitor(of: pool, $0) }
        }
    }
}
