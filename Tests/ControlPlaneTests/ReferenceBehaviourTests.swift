// Rules that are as they are because the real Octavia has them; `scripts/differential` compares them with it.

import ControlPlane
import LoadBalancing
import OctaviaWire
import ProviderDrivers
import Testing

@Suite struct ReferenceBehaviourTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func message(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch let fault as OctaviaFault {
            return "\(fault.status) \(fault.message)"
        } catch {
            return "\(error)"
        }
    }

    /// A listener with a policy that has a rule, and a pool with a monitor and a member.
    private func tree(_ fixture: ControlPlaneFixture) async throws -> LoadBalancerTree {
        let request = try LoadBalancerCreate(
            body: bytes(
                #"""
                {"loadbalancer":{"vip_subnet_id":"\#(fixture.subnet)","listeners":[
                  {"protocol":"HTTP","protocol_port":80,"default_pool":{
                    "name":"p","protocol":"HTTP","lb_algorithm":"ROUND_ROBIN",
                    "members":[{"address":"192.0.2.10","protocol_port":80}],
                    "healthmonitor":{"type":"HTTP","delay":5,"timeout":4,"max_retries":2}},
                   "l7policies":[{"action":"REDIRECT_TO_URL","redirect_url":"http://example.com/",
                    "rules":[{"type":"PATH","compare_type":"STARTS_WITH","value":"/a"}]}]},
                  {"protocol":"TERMINATED_HTTPS","protocol_port":443,"default_tls_container_ref":"c",
                   "hsts_max_age":10,"hsts_preload":true}],
                 "pools":[{"name":"q","protocol":"UDP","lb_algorithm":"ROUND_ROBIN",
                  "members":[{"address":"192.0.2.11","protocol_port":80}]}]}}
                """#))
        return try await fixture.service.createLoadBalancer(request, fixture.caller)
    }

    @Test func membersOfANewTreeWaitForTheirMonitor() async throws {
        try await ControlPlaneFixture.run { fixture in
            let members = try await tree(fixture).members
            #expect(members.first { $0.address == "192.0.2.10" }?.core.operatingStatus == .offline)
            #expect(members.first { $0.address == "192.0.2.11" }?.core.operatingStatus == .noMonitor)
        }
    }

    @Test func withoutADataPlanePoliciesOfANewTreeStayOfflineUntilTheyChange() async throws {
        let driver = NoOpDriver(name: "amphora", description: "")
        try await ControlPlaneFixture.run(driver: driver) { fixture in
            let tree = try await tree(fixture)
            let id = tree.loadBalancer.id
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            var now = try await fixture.tree(id)
            #expect(now.l7Policies[0].core.operatingStatus == .offline)
            #expect(now.l7Rules[0].core.operatingStatus == .offline)
            #expect(now.healthMonitors[0].core.operatingStatus == .online)
            // A change of something else leaves them; one of their own brings the changed ones online.
            let policy = now.l7Policies[0].id
            _ = try await fixture.service.updateLoadBalancer(
                id, LoadBalancerUpdate(body: bytes(#"{"loadbalancer":{"name":"n"}}"#)), fixture.caller)
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            now = try await fixture.tree(id)
            #expect(now.l7Policies[0].core.operatingStatus == .offline)
            _ = try await fixture.service.updateL7Policy(
                policy, L7PolicyUpdate(body: bytes(#"{"l7policy":{"name":"n"}}"#)), fixture.caller)
            #expect(try await fixture.eventually { try await fixture.status(id) == .active })
            now = try await fixture.tree(id)
            #expect(now.l7Policies[0].core.operatingStatus == .online)
            #expect(now.l7Rules[0].core.operatingStatus == .offline)
        }
    }

    @Test func anAgeOfStrictTransportSecurityCanGoAlone() async throws {
        try await ControlPlaneFixture.run { fixture in
            let listeners = try await tree(fixture).listeners
            let (plain, terminated) = (listeners[0].id, listeners[1].id)
            func update(_ id: ResourceID, _ fields: String) async throws -> Listener {
                try await fixture.service.updateListener(
                    id, ListenerUpdate(body: bytes(#"{"listener":{\#(fields)}}"#)), fixture.caller
                ).listener
            }
            let needsAge =
                "400 Validation failure: Cannot enable hsts_include_subdomains or hsts_preload if hsts_max_age was not set as well."
            let changed = try await update(terminated, #""hsts_max_age":null"#)
            #expect(changed.hstsMaxAge == nil && changed.hstsPreload)
            #expect(await message { _ = try await update(terminated, #""hsts_preload":true"#) } == needsAge)
            #expect(try await update(terminated, #""name":"n""#).hstsPreload)
            #expect(try await update(terminated, #""hsts_max_age":0,"hsts_preload":true"#).hstsMaxAge == 0)
            #expect(await message { _ = try await update(plain, #""hsts_include_subdomains":true"#) } == needsAge)
            #expect(
                await message { _ = try await update(plain, #""hsts_max_age":1"#) }
                    == "400 Validation failure: The HSTS feature can only be used for listeners using the TERMINATED_HTTPS protocol."
            )
        }
    }

    @Test func aVersionOfHTTPCanGoWhileADomainNameStays() async throws {
        try await ControlPlaneFixture.run { fixture in
            let monitor = try await tree(fixture).healthMonitors[0].id
            func update(_ fields: String) async throws -> HealthMonitor {
                try await fixture.service.updateHealthMonitor(
                    monitor, HealthMonitorUpdate(body: bytes(#"{"healthmonitor":{\#(fields)}}"#)), fixture.caller
                ).healthMonitor
            }
            let needsVersion =
                "400 Validation failure: 'http_version' must be specified when 'domain_name' is provided."
            let tooLow =
                "400 http_version 1.0 is not a valid option for health monitors HTTP 1.1 domain name health check"
            #expect(await message { _ = try await update(#""domain_name":"example.com""#) } == needsVersion)
            _ = try await update(#""domain_name":"example.com","http_version":1.1"#)
            #expect(await message { _ = try await update(#""http_version":1.0"#) } == tooLow)
            let changed = try await update(#""http_version":null"#)
            #expect(changed.httpVersion == nil && changed.domainName == "example.com")
            #expect(await message { _ = try await update(#""domain_name":"example.com""#) } == needsVersion)
            #expect(try await update(#""name":"n""#).domainName == "example.com")
            #expect(await message { _ = try await update(#""http_version":1.0,"domain_name":null"#) } == tooLow)
        }
    }

    @Test func policiesAndRulesAreLookedForBeforeTheirChange() async throws {
        try await ControlPlaneFixture.run { fixture in
            let tree = try await tree(fixture)
            let (policy, rule, nobody) = (tree.l7Policies[0].id, tree.l7Rules[0].id, ResourceID.random())
            let nothing = try L7PolicyUpdate(body: bytes(#"{"l7policy":{}}"#))
            #expect(
                await message { _ = try await fixture.service.updateL7Policy(nobody, nothing, fixture.caller) }
                    == "404 L7 Policy \(nobody) not found.")
            #expect(
                await message { _ = try await fixture.service.updateL7Policy(policy, nothing, fixture.caller) }
                    == "400 Invalid L7 Policy arguments: Invalid update options")
            for fields in [#""tags":null"#, #""position":null"#] {
                let change = try L7PolicyUpdate(body: bytes(#"{"l7policy":{\#(fields)}}"#))
                #expect(
                    await message { _ = try await fixture.service.updateL7Policy(policy, change, fixture.caller) }
                        == nil)
            }
            let rejected = try await fixture.service.updateL7Policy(
                policy,
                L7PolicyUpdate(body: bytes(#"{"l7policy":{"action":"REJECT","redirect_http_code":301}}"#)),
                fixture.caller)
            #expect(rejected.policy.redirectHTTPCode == nil && rejected.policy.redirectURL == nil)
            let keyed = try await fixture.service.updateL7Rule(
                rule, policy: policy, L7RuleUpdate(body: bytes(#"{"rule":{"key":"k","invert":true}}"#)),
                fixture.caller)
            #expect(keyed.rule.key == nil && keyed.rule.invert)
        }
    }

    @Test func listsFindSecondsAndSortByMonitors() async throws {
        try await ControlPlaneFixture.run { fixture in
            let tree = try await tree(fixture)
            func pools(_ query: [(String, String)]) async throws -> [String] {
                try await fixture.service.pools(
                    ListQuery(parsing: query.map { (name: $0.0, value: $0.1) }, kind: .pool), fixture.caller
                ).map(\.pool.name)
            }
            let created = tree.pools[0].core.createdAt
            let names = try await pools([("created_at", created.iso8601)])
            #expect(Set(names) == ["p", "q"])
            #expect(try await pools([("created_at", created.iso8601ZuluSeconds)]).count == 2)
            for other in [-1.0, 1.0] {
                #expect(try await pools([("created_at", created.advanced(bySeconds: other).iso8601)]).isEmpty)
            }
            #expect(try await pools([("created_at", "x")]).isEmpty)
            // The pool without a monitor comes first.
            #expect(try await pools([("sort", "healthmonitor_id")]) == ["q", "p"])
            #expect(try await pools([("sort", "healthmonitor_id:desc")]) == ["p", "q"])
            let last = try #require(tree.pools.first { $0.name == "q" }).id.string
            #expect(try await pools([("sort", "healthmonitor_id"), ("marker", last)]) == ["p"])
            #expect(
                await message { _ = try await pools([("marker", "")]) }
                    == "400 Supplied pagination marker '' is not valid.")
        }
    }

    @Test(
        "Faults of session persistence",
        arguments: [
            (
                "TCP", #"{"type":"SOURCE_IP","persistence_timeout":5}"#,
                "persistence_timeout and persistence_granularity is only for UDP and SCTP protocol pools."
            ),
            (
                "HTTP", #"{"type":"APP_COOKIE"}"#,
                #"Field "cookie_name" must be specified when using the "APP_COOKIE" session persistence type."#
            ),
            (
                "UDP", #"{"type":"SOURCE_IP","cookie_name":"c"}"#,
                "session_persistence SOURCE_IP type for UDP and SCTP protocols only accepts: type, persistence_timeout, persistence_granularity."
            ),
            (
                "UDP", #"{"type":"APP_COOKIE","cookie_name":"c"}"#, "Cookie names are not supported for UDP/SCTP pools."
            ),
            (
                "SCTP", #"{"type":"HTTP_COOKIE"}"#,
                "Session persistence of type HTTP_COOKIE is not supported for UDP/SCTP protocol pools."
            ),
        ])
    func sessionPersistence(poolProtocol: String, persistence: String, expected: String) async throws {
        try await ControlPlaneFixture.run { fixture in
            let id = try await fixture.create().loadBalancer.id
            let body =
                #"{"pool":{"loadbalancer_id":"\#(id)","protocol":"\#(poolProtocol)","lb_algorithm":"ROUND_ROBIN","session_persistence":\#(persistence)}}"#
            #expect(
                await message {
                    _ = try await fixture.service.createPool(PoolCreate(body: bytes(body)), fixture.caller)
                }
                    == "400 Validation failure: " + expected)
        }
    }

    @Test func headersOfDatagramsAreRefusedAsHeaders() async throws {
        try await ControlPlaneFixture.run { fixture in
            let id = try await fixture.create().loadBalancer.id
            let body =
                #"{"listener":{"loadbalancer_id":"\#(id)","protocol":"UDP","protocol_port":5,"insert_headers":{"X-Forwarded-For":"true"}}}"#
            #expect(
                await message {
                    _ = try await fixture.service.createListener(ListenerCreate(body: bytes(body)), fixture.caller)
                }
                    == "400 insert-headers is not a valid option for a UDP protocol listener.")
            let cidr =
                #"{"listener":{"loadbalancer_id":"\#(id)","protocol":"TCP","protocol_port":5,"allowed_cidrs":["2001:db8::/32"]}}"#
            let vip = try await fixture.tree(id).loadBalancer.vip.address ?? ""
            #expect(
                await message {
                    _ = try await fixture.service.createListener(ListenerCreate(body: bytes(cidr)), fixture.caller)
                }
                    == "400 Validation failure: CIDR 2001:db8::/32 IP version incompatible with all VIPs ['\(vip)'] IP version."
            )
        }
    }
}
