// Layer 7 policies with the real HAProxy and curl.

import Foundation
import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

/// A rule for tests.
func rule(
    _ number: Int, _ type: L7RuleType, _ compare: L7RuleCompareType, _ value: String, key: String? = nil,
    invert: Bool = false
) -> L7RulePlan {
    L7RulePlan(id: id(number), type: type, compareType: compare, key: key, value: value, invert: invert)
}

@Suite(.serialized, .enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(3)))
struct L7PolicyTests {
    private static let port = 18_081

    /// A listener whose default pool is `main`; requests that match are sent to the pool `other`.
    private static func plan(
        _ address: String, _ policies: [L7PolicyPlan], generation: Int64 = 1,
        change: (inout ListenerPlan) -> Void = { _ in }
    ) -> LoadBalancerPlan {
        var listener = ListenerPlan(
            id: id(10), listenerProtocol: .http, port: port, defaultPoolID: id(20), l7Policies: policies)
        change(&listener)
        return AmphoraAgentTests.plan(
            addresses: [address], generation: generation, listeners: [listener],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http, members: [.init(id: id(30), address: "127.66.50.1", port: 9_000)]),
                .init(
                    id: id(21), poolProtocol: .http, members: [.init(id: id(31), address: "127.66.50.2", port: 9_000)]),
            ])
    }

    private static func toPool(_ number: Int, _ rules: [L7RulePlan]) -> L7PolicyPlan {
        L7PolicyPlan(id: id(number), action: .redirectToPool, redirectPoolID: id(21), rules: rules)
    }

    /// Runs with the two pools' members.
    private static func withMembers(_ body: (AgentFixture) async throws -> Void) async throws {
        let main = try HTTPBackend("main", "127.66.50.1")
        let other = try HTTPBackend("other", "127.66.50.2")
        defer {
            main.stop()
            other.stop()
        }
        try await AgentFixture.run(body)
    }

    /// What one rule does with requests.
    struct Case: Sendable, CustomStringConvertible {
        var rule: L7RulePlan
        /// Arguments of curl; the first is the path.
        var matching: [[String]]
        var others: [[String]]
        var description: String { "\(rule.type) \(rule.compareType) \(rule.value)" }

        init(_ rule: L7RulePlan, matching: [[String]], others: [[String]]) {
            (self.rule, self.matching, self.others) = (rule, matching, others)
        }
    }

    static let cases = [
        Case(
            rule(50, .hostName, .equalTo, "www.Example.com"),
            matching: [["/", "-H", "Host: WWW.example.com"], ["/", "-H", "Host: www.example.com:18081"]],
            others: [["/", "-H", "Host: www.example.com.evil"], ["/"]]),
        Case(
            rule(50, .hostName, .startsWith, "api."), matching: [["/", "-H", "Host: API.example.com"]],
            others: [["/", "-H", "Host: xapi.example.com"]]),
        Case(
            rule(50, .hostName, .endsWith, ".example.com"), matching: [["/", "-H", "Host: a.b.example.com:80"]],
            others: [["/", "-H", "Host: example.com"]]),
        Case(
            rule(50, .hostName, .contains, "shop"), matching: [["/", "-H", "Host: my.SHOP.de"]], others: [["/"]]),
        Case(
            rule(50, .hostName, .regex, "^(a|b)[0-9]+\\.example\\.com$"),
            matching: [["/", "-H", "Host: A12.example.com"]], others: [["/", "-H", "Host: c12.example.com"]]),
        Case(
            rule(50, .path, .equalTo, "/exact"), matching: [["/exact"], ["/exact?a=b"]],
            others: [["/Exact"], ["/exact/"]]),
        Case(rule(50, .path, .startsWith, "/api/"), matching: [["/api/x"]], others: [["/API/x"], ["/api"]]),
        Case(rule(50, .path, .endsWith, "/end"), matching: [["/a/end"]], others: [["/end/"]]),
        Case(rule(50, .path, .contains, "middle"), matching: [["/a/middle/b"]], others: [["/a?middle"]]),
        Case(rule(50, .path, .regex, "^/v[0-9]+/[^ ]+$"), matching: [["/v12/x"]], others: [["/vx/x"]]),
        Case(rule(50, .path, .regex, "#x|^/y z?$|;"), matching: [["/a;b"]], others: [["/ab"]]),
        Case(rule(50, .path, .regex, " |^/blank"), matching: [["/blank"]], others: [["/a"]]),
        Case(
            rule(50, .fileType, .equalTo, "jpg"), matching: [["/a/b.jpg"], ["/a.b.jpg?x=1"]],
            others: [["/jpg"], ["/a.jpeg"], ["/ajpg"]]),
        Case(rule(50, .fileType, .regex, "\\.(png|gif)$"), matching: [["/a.gif"]], others: [["/a.jpg"]]),
        Case(
            rule(50, .header, .equalTo, "#1", key: "X-Test"),
            matching: [["/", "-H", "x-test: #1"], ["/", "-H", "X-Test: a, #1"]],
            others: [["/", "-H", "x-test: #12"], ["/"]]),
        Case(
            rule(50, .header, .startsWith, "Moz", key: "User-Agent"), matching: [["/", "-A", "Mozilla"]],
            others: [["/", "-A", "mozilla"]]),
        Case(
            rule(50, .header, .regex, "(?i)^json;|\\\\", key: "X-Test"),
            matching: [["/", "-H", "x-test: JSON;x"], ["/", "-H", "x-test: a\\b"]], others: [["/", "-H", "x-test: a"]]),
        Case(
            rule(50, .cookie, .equalTo, "blue", key: "color"),
            matching: [["/", "-H", "Cookie: a=b; color=blue; c=d"]],
            others: [["/", "-H", "Cookie: color=blue2"], ["/", "-H", "Cookie: xcolor=blue"]]),
        Case(
            rule(50, .cookie, .contains, "l", key: "color"), matching: [["/", "-H", "Cookie: color=blue"]],
            others: [["/", "-H", "Cookie: color=red"]]),
        Case(
            rule(50, .path, .startsWith, "/api", invert: true), matching: [["/x"]], others: [["/api"]]),
        // Nothing of TLS is true of a connection without it.
        Case(rule(50, .sslConnectionHasCertificate, .equalTo, "True", invert: true), matching: [["/"]], others: []),
        Case(rule(50, .sslVerifyResult, .equalTo, "10"), matching: [], others: [["/"]]),
        Case(rule(50, .sslDistinguishedNameField, .equalTo, "x y", key: "CN"), matching: [], others: [["/"]]),
    ]

    /// All cases one after the other in one process; each is put in place as it would be by an owner.
    @Test func rulesMatchWhatTheySay() async throws {
        try await Self.withMembers { fixture in
            let address = "127.66.13.1"
            for (index, test) in Self.cases.enumerated() {
                let plan = Self.plan(address, [Self.toPool(40, [test.rule])], generation: Int64(index + 1))
                #expect(try await fixture.agent.apply(plan) == ApplyOutcome(), "\(test)")
                let base = "http://\(address):\(Self.port)"
                for (requests, expected) in [(test.matching, "other"), (test.others, "main")] {
                    for request in requests {
                        let (_, text) = try await Curl.run(
                            "curl", ["-s", "--max-time", "10", "--path-as-is", base + request[0]] + request.dropFirst())
                        #expect(text == expected, "\(test): \(request)")
                    }
                }
            }
        }
    }

    @Test func actionsInTheirOrder() async throws {
        try await Self.withMembers { fixture in
            let address = "127.66.13.2"
            let base = "http://\(address):\(Self.port)"
            var policies = [
                L7PolicyPlan(
                    id: id(40), action: .reject,
                    rules: [rule(50, .path, .startsWith, "/a"), rule(51, .header, .equalTo, "1", key: "X-Bad")])
            ]
            for (index, code) in [nil, 301, 302, 303, 307, 308].enumerated() {
                policies.append(
                    L7PolicyPlan(
                        id: id(60 + index), action: .redirectToURL,
                        redirectURL: "https://www.example.com/%20%[src]?a='b'&c=#d", redirectHTTPCode: code,
                        rules: [rule(70 + index, .path, .equalTo, "/url\(index)")]))
                policies.append(
                    L7PolicyPlan(
                        id: id(80 + index), action: .redirectPrefix, redirectPrefix: "https://www.example.com/100%",
                        redirectHTTPCode: code, rules: [rule(90 + index, .path, .startsWith, "/prefix\(index)")]))
            }
            policies.append(Self.toPool(41, [rule(52, .path, .startsWith, "/a")]))
            // Never asked for what an earlier one has taken.
            policies.append(
                L7PolicyPlan(
                    id: id(42), action: .redirectToPool, redirectPoolID: id(20),
                    rules: [rule(53, .path, .startsWith, "/ab")]))
            // A header that the load balancer sets is not what policies see.
            policies.append(Self.toPool(43, [rule(54, .header, .equalTo, "\(Self.port)", key: "X-Forwarded-Port")]))
            let plan = Self.plan(address, policies) { $0.insertHeaders = ["X-Forwarded-Port": "true"] }
            #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            #expect(try await Curl.get("\(base)/ab", "-H", "X-Bad: 1").status == 403)
            #expect(try await Curl.get("\(base)/ab", "-H", "X-Bad: 2").body == "other")
            #expect(try await Curl.get("\(base)/b", "-H", "X-Bad: 1").body == "main")
            #expect(try await Curl.get("\(base)/b", "-H", "X-Forwarded-Port: \(Self.port)").body == "other")
            for (index, code) in [302, 301, 302, 303, 307, 308].enumerated() {
                let url = try await Curl.get("\(base)/url\(index)?x=y")
                #expect(url.status == code)
                #expect(url.headers["location"] == "https://www.example.com/%20%[src]?a='b'&c=#d")
                let prefix = try await Curl.get("\(base)/prefix\(index)/x?y=%20z")
                #expect(prefix.status == code)
                #expect(prefix.headers["location"] == "https://www.example.com/100%/prefix\(index)/x?y=%20z")
            }
        }
    }

    @Test func valuesChangeWithoutReload() async throws {
        try await Self.withMembers { fixture in
            let address = "127.66.13.3"
            let base = "http://\(address):\(Self.port)"
            func policies(_ path: String, _ header: String, _ expression: String) -> [L7PolicyPlan] {
                [
                    Self.toPool(40, [rule(50, .path, .startsWith, path)]),
                    Self.toPool(41, [rule(51, .header, .equalTo, header, key: "X-Test")]),
                    Self.toPool(42, [rule(52, .hostName, .regex, expression)]),
                ]
            }
            _ = try await fixture.agent.apply(Self.plan(address, policies("/one", "one", "^one")))
            let pid = try fixture.pid(of: id(1))
            let hostile = ["#a;b", "a\\b", "a<<b", "\"a 'b c\"", "$HOME", "%[src]", "a;show info", "\\", "@1", "-f"]
            for (index, value) in hostile.enumerated() {
                let plan = Self.plan(
                    address, policies("/\(value)", value, "^\(index)\\.([a-z ;#<]+)$"), generation: Int64(index + 2))
                #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
                #expect(try await Curl.get("\(base)/", "-H", "X-Test: \(value)").body == "other", "\(value)")
                #expect(try await Curl.get("\(base)/", "-H", "X-Test: one").body == "main", "\(value)")
                #expect(try await Curl.get("\(base)/", "-H", "Host: \(index).abc").body == "other", "\(value)")
                #expect(try await Curl.get("\(base)/", "-H", "Host: one").body == "main", "\(value)")
                // The files on the disk say what runs.
                for (number, expected) in [(50, "/\(value)"), (51, value)] {
                    let text = SmallFile.read("\(fixture.directory)/amphora/\(id(1))/acl-\(id(number))")
                    #expect(text == (expected.hasPrefix("#") ? " " : "") + expected + "\n")
                }
                #expect(try fixture.pid(of: id(1)) == pid, "\(value): no reload")
            }
            // What a new process reads from the files is the same.
            var last = Self.plan(
                address, policies("/-f", "#last x", "^last"), generation: 100)
            _ = try await fixture.agent.apply(last)
            #expect(try fixture.pid(of: id(1)) == pid)
            last.listeners[0].timeouts.clientData = 12_345
            _ = try await fixture.agent.apply(last)
            #expect(try fixture.pid(of: id(1)) != pid)
            #expect(try await Curl.get("\(base)/", "-H", "X-Test: #last x").body == "other")
            #expect(try await Curl.get("\(base)/", "-H", "Host: LAST").body == "other")
            // Nothing of rules that are gone stays.
            last.listeners[0].l7Policies = []
            _ = try await fixture.agent.apply(last)
            #expect(
                SmallFile.entries(of: "\(fixture.directory)/amphora/\(id(1))").filter { $0.hasPrefix("acl-") }
                    == ["acl-\(id(10))"])
        }
    }

    /// What its owner wanted to keep out must not come in because of a typing error.
    @Test func rejectionsFailClosed() async throws {
        try await Self.withMembers { fixture in
            let base = "http://127.66.13.14:\(Self.port)"
            func policy(_ number: Int, _ rules: [L7RulePlan]) -> L7PolicyPlan {
                L7PolicyPlan(id: id(number), action: .reject, rules: rules)
            }
            let broken = rule(51, .header, .regex, "(", key: "X-Test")
            let some = policy(40, [rule(50, .path, .startsWith, "/secret"), broken])
            let outcome = try await fixture.agent.apply(Self.plan("127.66.13.14", [some]))
            #expect(outcome.failedListeners.isEmpty)
            #expect(outcome.failedL7Policies[id(40)]?.contains("missing closing parenthesis") == true)
            #expect(try await Curl.get("\(base)/secret").status == 403, "the rest of the policy decides")
            #expect(try await Curl.get("\(base)/").body == "main")
            // Neither does a rule that is inverted let anybody in, and a policy of nothing else lets nobody in.
            var inverted = broken
            inverted.invert = true
            _ = try await fixture.agent.apply(Self.plan("127.66.13.14", [policy(41, [inverted])], generation: 2))
            #expect(try await Curl.get("\(base)/").status == 403)
            // Corrected, it asks again.
            inverted.value = "^yes$"
            let good = Self.plan("127.66.13.14", [policy(41, [inverted])], generation: 3)
            #expect(try await fixture.agent.apply(good) == ApplyOutcome())
            #expect(try await Curl.get("\(base)/", "-H", "X-Test: yes").body == "main")
            #expect(try await Curl.get("\(base)/").status == 403)
        }
    }

    @Test func expressionsCanBeTriedBeforehand() async throws {
        try await AgentFixture.run { fixture in
            let refused = await fixture.agent.refusedExpressions(among: ["^/good$", "(", "a\nb", "x{2,1}"])
            #expect(refused.keys.sorted() == ["(", "a\nb", "x{2,1}"])
            #expect(await fixture.agent.refusedExpressions(among: []).isEmpty)
        }
    }

    @Test func whatCannotBeAppliedFailsAlone() async throws {
        try await Self.withMembers { fixture in
            let address = "127.66.13.4"
            let base = "http://\(address):\(Self.port)"
            let good = Self.toPool(40, [rule(50, .path, .regex, "^/good")])
            let bad = [
                Self.toPool(41, [rule(51, .path, .regex, "(")]),
                Self.toPool(42, [rule(52, .path, .regex, "a**[")]),
                Self.toPool(43, [rule(53, .path, .regex, "/a\nb")]),
                Self.toPool(44, [rule(54, .path, .startsWith, String(repeating: "x", count: 20_000))]),
                Self.toPool(45, [rule(55, .header, .equalTo, "x")]),
                L7PolicyPlan(
                    id: id(46), action: .redirectToURL, redirectURL: "http://a/\r\nX: y",
                    rules: [rule(56, .path, .equalTo, "/x")]),
                L7PolicyPlan(id: id(47), action: .redirectPrefix, rules: [rule(57, .path, .equalTo, "/x")]),
            ]
            let outcome = try await fixture.agent.apply(Self.plan(address, bad + [good]))
            #expect(outcome.failedListeners.isEmpty)
            #expect(Set(outcome.failedL7Policies.keys) == Set((41...47).map { id($0) }))
            #expect(outcome.failedL7Policies[id(41)]?.contains("missing closing parenthesis") == true)
            print("MEASURED reasons: \(outcome.failedL7Policies.values.sorted().map { $0.prefix(160) })")
            #expect(try await Curl.get("\(base)/good").body == "other")
            #expect(try await Curl.get("\(base)/x").body == "main")
            // A good value that turns bad takes only its policy out, and the rest goes on.
            let pid = try fixture.pid(of: id(1))
            var turned = Self.plan(address, [good], generation: 2)
            #expect(try await fixture.agent.apply(turned) == ApplyOutcome())
            turned.listeners[0].l7Policies[0].rules[0].value = "^/good["
            #expect(try await fixture.agent.apply(turned).failedL7Policies.keys.sorted() == [id(40)])
            #expect(try await Curl.get("\(base)/good").body == "main")
            // The next agent knows that too, and leaves what runs alone.
            let now = try fixture.pid(of: id(1))
            #expect(now != pid)
            await fixture.agent.shutdown(stopDataPlane: false)
            let next = try await AgentFixture(directory: fixture.directory)
            #expect(try await next.agent.apply(turned).failedL7Policies.keys.sorted() == [id(40)])
            #expect(try next.pid(of: id(1)) == now)
            await next.agent.shutdown(stopDataPlane: true)
        }
    }

    @Test func poolsOfPoliciesAlone() async throws {
        try await Self.withMembers { fixture in
            let address = "127.66.13.5"
            let base = "http://\(address):\(Self.port)"
            var plan = Self.plan(address, [Self.toPool(40, [rule(50, .path, .startsWith, "/a")])])
            plan.listeners[0].defaultPoolID = nil
            plan.pools[1].sessionPersistence = .init(type: .httpCookie)
            #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            let answer = try await Curl.get("\(base)/a")
            #expect(answer.body == "other")
            #expect(answer.headers["set-cookie"]?.hasPrefix("SRV=") == true)
            #expect(try await Curl.get("\(base)/b").status == 503)
            // A pool that is switched off is passed over.
            plan.generation = 2
            plan.listeners[0].defaultPoolID = id(20)
            plan.pools[1].isEnabled = false
            #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            #expect(try await Curl.get("\(base)/a").body == "main")
            // Fifty rules, the most that a policy may have, fit into a line.
            plan.generation = 3
            plan.pools[1].isEnabled = true
            plan.listeners[0].l7Policies = [
                Self.toPool(40, (0..<50).map { rule(100 + $0, .path, .contains, "\($0)", invert: true) })
            ]
            #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            #expect(try await Curl.get("\(base)/a").body == "other")
            #expect(try await Curl.get("\(base)/49").body == "main")
        }
    }
}
