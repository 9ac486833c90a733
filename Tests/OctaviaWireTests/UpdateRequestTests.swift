import JSON
import LoadBalancing
import OctaviaWire
import Testing

/// What bodies of PUT become: nothing mentioned, null, values.
@Suite struct UpdateRequestTests {
    private func nulls(_ names: String...) -> [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: names.map { ($0, .null) })
    }

    @Test("An empty object changes nothing")
    func empty() throws {
        #expect(try decode(.loadBalancerUpdate, as: LoadBalancerUpdate.init(body:)) == LoadBalancerUpdate())
        #expect(try decode(.listenerUpdate, as: ListenerUpdate.init(body:)) == ListenerUpdate())
        #expect(try decode(.poolUpdate, as: PoolUpdate.init(body:)) == PoolUpdate())
        #expect(try decode(.memberUpdate, as: MemberUpdate.init(body:)) == MemberUpdate())
        #expect(try decode(.monitorUpdate, as: HealthMonitorUpdate.init(body:)) == HealthMonitorUpdate())
        #expect(try decode(.ruleUpdate, as: L7RuleUpdate.init(body:)) == L7RuleUpdate())
        #expect(try decode(.quota, as: QuotaUpdate.init(body:)) == QuotaUpdate())
    }

    @Test("An empty policy is for the control plane to refuse")
    func emptyPolicy() throws {
        #expect(try L7PolicyUpdate(body: Array(#"{"l7policy":{}}"#.utf8)).isBlank)
        #expect(try !L7PolicyUpdate(body: Array(#"{"l7policy":{"tags":null}}"#.utf8)).isBlank)
        #expect(
            fault { _ = try L7PolicyUpdate(body: Array(#"{"l7policy":{"action":null}}"#.utf8)) }
                == OctaviaFault(400, "Invalid L7 Policy action specified: None"))
    }

    @Test func loadBalancer() throws {
        let cleared = try decode(
            .loadBalancerUpdate,
            nulls("name", "description", "admin_state_up", "tags", "vip_qos_policy_id", "vip_sg_ids"),
            as: LoadBalancerUpdate.init(body:))
        var expected = LoadBalancerUpdate()
        expected.name = .set("")
        expected.description = .set("")
        expected.adminStateUp = .set(false)
        expected.vipQoSPolicyID = .set(nil)
        expected.vipSecurityGroupIDs = .set([])
        #expect(cleared == expected)
        let tags = try decode(.loadBalancerUpdate, ["tags": []], as: LoadBalancerUpdate.init(body:)).tags
        #expect(tags == .set([]))
    }

    @Test func listener() throws {
        let cleared = try decode(
            .listenerUpdate,
            nulls(
                "connection_limit", "default_pool_id", "insert_headers", "timeout_client_data",
                "timeout_member_connect",
                "timeout_member_data", "timeout_tcp_inspect", "default_tls_container_ref", "sni_container_refs",
                "client_authentication", "client_ca_tls_container_ref", "client_crl_container_ref", "allowed_cidrs",
                "tls_ciphers", "tls_versions", "alpn_protocols", "hsts_max_age", "hsts_include_subdomains",
                "hsts_preload", "error_pages"), as: ListenerUpdate.init(body:))
        var expected = ListenerUpdate()
        expected.connectionLimit = .set(-1)
        expected.defaultPoolID = .set(nil)
        expected.insertHeaders = .set([:])
        expected.timeoutClientData = .set(50_000)
        expected.timeoutMemberConnect = .set(5_000)
        expected.timeoutMemberData = .set(50_000)
        expected.timeoutTCPInspect = .set(0)
        expected.defaultTLSContainerRef = .set(nil)
        expected.sniContainerRefs = .set([])
        expected.clientAuthentication = .set(nil)
        expected.clientCAContainerRef = .set(nil)
        expected.clientCRLContainerRef = .set(nil)
        expected.allowedCIDRs = .set([])
        expected.tlsCiphers = .set(nil)
        expected.tlsVersions = .set(nil)
        expected.alpnProtocols = .set(nil)
        expected.hstsMaxAge = .set(nil)
        expected.hstsIncludeSubdomains = .set(false)
        expected.hstsPreload = .set(false)
        expected.errorPages = .set([:])
        #expect(cleared == expected)

        let given = try decode(
            .listenerUpdate,
            [
                "allowed_cidrs": ["10.0.0.1/8", "10.0.0.0/8"], "default_tls_container_ref": "", "tls_ciphers": "",
                "client_authentication": "MANDATORY", "connection_limit": "5", "alpn_protocols": ["h2"],
            ], as: ListenerUpdate.init(body:))
        #expect(given.allowedCIDRs == .set(["10.0.0.0/8"]))
        #expect(given.defaultTLSContainerRef == .set(nil))
        #expect(given.tlsCiphers == .set(nil))
        #expect(given.clientAuthentication == .set(.mandatory))
        #expect(given.connectionLimit == .set(5))
        #expect(given.alpnProtocols == .set(["h2"]))
    }

    @Test func pool() throws {
        let cleared = try decode(
            .poolUpdate,
            nulls(
                "session_persistence", "tls_container_ref", "ca_tls_container_ref", "crl_container_ref", "tls_ciphers",
                "tls_versions", "alpn_protocols"), as: PoolUpdate.init(body:))
        var expected = PoolUpdate()
        expected.sessionPersistence = .set(nil)
        expected.tlsContainerRef = .set(nil)
        expected.caTLSContainerRef = .set(nil)
        expected.crlContainerRef = .set(nil)
        expected.tlsCiphers = .set(nil)
        expected.tlsVersions = .set(nil)
        expected.alpnProtocols = .set(nil)
        #expect(cleared == expected)
        let empty = try decode(.poolUpdate, ["session_persistence": [:]], as: PoolUpdate.init(body:))
        #expect(empty.sessionPersistence == .set(SessionPersistenceUpdate()))
        let given = try decode(
            .poolUpdate,
            ["lb_algorithm": "SOURCE_IP", "session_persistence": ["cookie_name": "c"], "tls_enabled": false],
            as: PoolUpdate.init(body:))
        var persistence = SessionPersistenceUpdate()
        persistence.cookieName = "c"
        #expect(given.sessionPersistence == .set(persistence))
        #expect(given.algorithm == .set(.sourceIP))
        #expect(given.tlsEnabled == .set(false))
    }

    @Test func member() throws {
        let cleared = try decode(
            .memberUpdate, nulls("name", "weight", "backup", "monitor_address", "monitor_port"),
            as: MemberUpdate.init(body:))
        var expected = MemberUpdate()
        expected.name = .set("")
        expected.weight = .set(1)
        expected.isBackup = .set(false)
        expected.monitorAddress = .set(nil)
        expected.monitorPort = .set(nil)
        #expect(cleared == expected)
        let unset = try decode(.memberUpdate, ["monitor_address": ""], as: MemberUpdate.init(body:))
        #expect(unset.monitorAddress == .set(nil))
    }

    @Test func healthMonitor() throws {
        let cleared = try decode(
            .monitorUpdate,
            nulls("max_retries_down", "http_method", "url_path", "expected_codes", "http_version", "domain_name"),
            as: HealthMonitorUpdate.init(body:))
        var expected = HealthMonitorUpdate()
        expected.maxRetriesDown = .set(3)
        expected.httpMethod = .set(nil)
        expected.urlPath = .set(nil)
        expected.expectedCodes = .set(nil)
        expected.httpVersion = .set(nil)
        expected.domainName = .set(nil)
        #expect(cleared == expected)
    }

    @Test func policyAndRule() throws {
        let policy = try decode(
            .policyUpdate,
            nulls("redirect_pool_id", "redirect_url", "redirect_prefix", "redirect_http_code", "position"),
            as: L7PolicyUpdate.init(body:))
        var expected = L7PolicyUpdate()
        expected.name = .set("a")
        expected.redirectPoolID = .set(nil)
        expected.redirectURL = .set(nil)
        expected.redirectPrefix = .set(nil)
        expected.redirectHTTPCode = .set(nil)
        #expect(policy == expected)
        let rule = try decode(.ruleUpdate, nulls("key", "invert", "tags"), as: L7RuleUpdate.init(body:))
        var expectedRule = L7RuleUpdate()
        expectedRule.key = .set(nil)
        expectedRule.invert = .set(false)
        #expect(rule == expectedRule)
    }

    @Test func quota() throws {
        let update = try decode(
            .quota,
            ["loadbalancer": 1, "load_balancer": 2, "health_monitor": "3", "pool": nil, "l7rule": -1],
            as: QuotaUpdate.init(body:))
        var expected = QuotaUpdate()
        expected.loadBalancer = .set(1)
        expected.healthMonitor = .set(3)
        expected.pool = .set(nil)
        expected.l7Rule = .set(-1)
        #expect(update == expected)
    }
}
