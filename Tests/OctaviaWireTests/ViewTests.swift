import JSON
import LoadBalancing
import OctaviaWire
import Testing

/// The exact shape of each resource.
@Suite struct ViewTests {
    private func json(_ view: some ResourceView, fields: FieldSelection = .all) throws -> JSONValue {
        let document = try JSONValue(parsing: view.body(fields: fields))
        #expect(document.object?.count == 1)
        return try #require(document[type(of: view).key])
    }

    private func object(_ number: Int, _ members: [String: JSONValue]) -> JSONValue {
        .object(Example.coreMembers(number).merging(members) { $1 })
    }

    private let loadBalancerMembers: [String: JSONValue] = [
        "name": "lb", "description": "d", "vip_address": "192.0.2.1", "vip_subnet_id": .string(Example.id(101).string),
        "vip_network_id": .string(Example.id(102).string), "vip_port_id": .string(Example.id(103).string),
        "vip_qos_policy_id": nil, "vip_vnic_type": "normal", "vip_sg_ids": [.string(Example.id(104).string)],
        "additional_vips": [
            [
                "subnet_id": .string(Example.id(105).string), "ip_address": "2001:db8::1",
                "port_id": .string(Example.id(103).string),
            ]
        ],
        "provider": "octavia", "flavor_id": nil, "availability_zone": nil,
    ]
    private let listenerMembers: [String: JSONValue] = [
        "name": "l", "description": "", "protocol": "HTTP", "protocol_port": 80, "connection_limit": -1,
        "default_pool_id": .string(Example.id(3).string), "insert_headers": ["X-Forwarded-For": "true"],
        "timeout_client_data": 50000, "timeout_member_connect": 5000, "timeout_member_data": 50000,
        "timeout_tcp_inspect": 0, "default_tls_container_ref": nil, "sni_container_refs": [],
        "client_authentication": "NONE", "client_ca_tls_container_ref": nil, "client_crl_container_ref": nil,
        "allowed_cidrs": nil, "tls_ciphers": nil, "tls_versions": nil, "alpn_protocols": nil, "hsts_max_age": nil,
        "hsts_include_subdomains": false, "hsts_preload": false,
    ]
    private let poolMembers: [String: JSONValue] = [
        "name": "p", "description": "", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
        "session_persistence": [
            "type": "HTTP_COOKIE", "cookie_name": nil, "persistence_timeout": nil, "persistence_granularity": nil,
        ],
        "tls_enabled": false, "tls_container_ref": nil, "ca_tls_container_ref": nil, "crl_container_ref": nil,
        "tls_ciphers": nil, "tls_versions": nil, "alpn_protocols": nil,
    ]
    private let memberMembers: [String: JSONValue] = [
        "name": "m", "address": "192.0.2.4", "protocol_port": 8080, "weight": 1, "backup": false, "subnet_id": nil,
        "monitor_address": nil, "monitor_port": nil, "vnic_type": "normal",
    ]
    private let monitorMembers: [String: JSONValue] = [
        "name": "", "type": "HTTP", "delay": 5, "timeout": 3, "max_retries": 2, "max_retries_down": 3,
        "http_method": "GET", "url_path": "/", "expected_codes": "200", "http_version": 1.0, "domain_name": nil,
    ]
    private let policyMembers: [String: JSONValue] = [
        "name": "", "description": "", "listener_id": .string(Example.id(2).string), "action": "REDIRECT_TO_URL",
        "redirect_pool_id": nil, "redirect_url": "http://a/", "redirect_prefix": nil, "redirect_http_code": 302,
        "position": 2,
    ]
    private let ruleMembers: [String: JSONValue] = [
        "type": "HEADER", "compare_type": "EQUAL_TO", "key": "k", "value": "v", "invert": false,
    ]

    private func adding(_ members: [String: JSONValue], _ more: [String: JSONValue]) -> [String: JSONValue] {
        members.merging(more) { $1 }
    }

    @Test func loadBalancer() throws {
        let references: [String: JSONValue] = [
            "listeners": [Example.reference(2)], "pools": [Example.reference(3), Example.reference(9)],
        ]
        #expect(
            try json(LoadBalancerView(Example.tree)) == object(1, adding(loadBalancerMembers, references)))
    }

    @Test func listener() throws {
        let references: [String: JSONValue] = [
            "loadbalancers": [Example.reference(1)], "l7policies": [Example.reference(7), Example.reference(6)],
        ]
        let view = ListenerView(Example.listener, in: Example.tree)
        #expect(try json(view) == object(2, adding(listenerMembers, references)))
        var other = view
        other.listener.insertHeaders = [:]
        other.listener.allowedCIDRs = ["10.0.0.0/8"]
        other.listener.connectionLimit = nil
        let shown = try json(other)
        #expect(shown["insert_headers"] == [:])
        #expect(shown["allowed_cidrs"] == ["10.0.0.0/8"])
        #expect(shown["connection_limit"] == .null)
    }

    @Test func pool() throws {
        let references: [String: JSONValue] = [
            "loadbalancers": [Example.reference(1)], "listeners": [Example.reference(2)],
            "members": [Example.reference(4)], "healthmonitor_id": .string(Example.id(5).string),
        ]
        #expect(
            try json(PoolView(Example.pool, in: Example.tree)) == object(3, adding(poolMembers, references)))
        let spare = try json(PoolView(Example.sparePool, in: Example.tree))
        #expect(spare.object?.keys.contains("healthmonitor_id") == false)
        #expect(spare["session_persistence"] == .null)
        // Its policy has no rule.
        #expect(spare["listeners"] == [])
    }

    @Test func children() throws {
        #expect(try json(MemberView(Example.member)) == object(4, memberMembers))
        #expect(
            try json(HealthMonitorView(Example.monitor))
                == object(5, adding(monitorMembers, ["pools": [Example.reference(3)]])))
        #expect(
            try json(L7PolicyView(Example.policy, in: Example.tree))
                == object(6, adding(policyMembers, ["rules": [Example.reference(8)]])))
        #expect(try json(L7RuleView(Example.rule)) == object(8, ruleMembers))
    }

    @Test("A reason is shown only if there is one, and times only when known")
    func statusReason() throws {
        var rule = Example.rule
        rule.core.updatedAt = nil
        #expect(try json(L7RuleView(rule))["updated_at"] == .null)
        #expect(try json(L7RuleView(rule))["status_reason"] == nil)
        rule.core.statusReason = "no"
        #expect(try json(L7RuleView(rule))["status_reason"] == "no")
    }

    @Test("The numbers of HTTP versions have one decimal")
    func httpVersion() {
        #expect(
            String(decoding: HealthMonitorView(Example.monitor).body(), as: UTF8.self).contains("\"http_version\":1.0,")
        )
    }

    @Test("The answer to a creation nests everything and refers back nowhere")
    func full() throws {
        var first = policyMembers
        first["action"] = "REDIRECT_TO_POOL"
        first["redirect_pool_id"] = .string(Example.id(9).string)
        first["redirect_url"] = .null
        first["redirect_http_code"] = .null
        first["position"] = 1
        first["rules"] = []
        let rule = object(8, ruleMembers)
        let listener = object(
            2,
            adding(
                listenerMembers,
                ["l7policies": [object(7, first), object(6, adding(policyMembers, ["rules": [rule]]))]]))
        let pool = object(
            3,
            adding(
                poolMembers,
                [
                    "listeners": [Example.reference(2)], "members": [object(4, memberMembers)],
                    "healthmonitor": object(5, monitorMembers),
                ]))
        let spare = object(
            9,
            adding(
                poolMembers,
                [
                    "name": "", "protocol": "TCP", "lb_algorithm": "SOURCE_IP", "session_persistence": nil,
                    "listeners": [], "members": [], "healthmonitor": nil,
                ]))
        #expect(
            try json(FullLoadBalancerView(Example.tree))
                == object(1, adding(loadBalancerMembers, ["listeners": [listener], "pools": [pool, spare]])))
    }

    @Test("Selected fields")
    func fields() throws {
        let view = LoadBalancerView(Example.tree)
        #expect(
            try json(view, fields: ["id", "name", "nonsense"])
                == ["id": .string(Example.id(1).string), "name": "lb"])
        #expect(try json(view, fields: ["id,name"]) == [:])
        #expect(try json(view, fields: ["tenant_id"]) == [:])
        #expect(try json(view, fields: ["project_id"]) == ["project_id": "project"])
        #expect(try json(view, fields: ["pools"])["pools"]?.array?.count == 2)
        #expect(try json(FullLoadBalancerView(Example.tree), fields: ["id"]).object?.count == 1)
        // Each field can be selected alone, and selects nothing else.
        let views: [any ResourceView] = [
            view, ListenerView(Example.listener, in: Example.tree), PoolView(Example.pool, in: Example.tree),
            MemberView(Example.member), HealthMonitorView(Example.monitor),
            L7PolicyView(Example.policy, in: Example.tree),
            L7RuleView(Example.rule), FullLoadBalancerView(Example.tree),
        ]
        for view in views {
            let all = try #require(try json(view).object)
            for (name, value) in all where name != "tenant_id" {
                #expect(try json(view, fields: [name]) == [name: value])
            }
        }
    }

    @Test("Lists have their resources and links and nothing else")
    func lists() throws {
        let link = ListLink(reference: "http://a/?marker=x", relation: "next")
        let list = try JSONValue(
            parsing: MemberView.listBody([MemberView(Example.member)], links: [link], fields: ["name"]))
        #expect(
            list == ["members": [["name": "m"]], "members_links": [["href": "http://a/?marker=x", "rel": "next"]]])
        #expect(
            String(decoding: L7PolicyView.listBody([]), as: UTF8.self) == #"{"l7policies":[],"l7policies_links":[]}"#)
        let keys = [
            LoadBalancerView.collectionKey, ListenerView.collectionKey, PoolView.collectionKey,
            MemberView.collectionKey,
            HealthMonitorView.collectionKey, L7PolicyView.collectionKey, L7RuleView.collectionKey,
            QuotaView.collectionKey,
        ]
        #expect(
            keys == [
                "loadbalancers", "listeners", "pools", "members", "healthmonitors", "l7policies", "rules", "quotas",
            ])
    }

    @Test("A thousand load balancers")
    func thousand() throws {
        let views = Array(repeating: LoadBalancerView(Example.tree), count: 1000)
        let clock = ContinuousClock()
        var body: [UInt8] = []
        let duration = clock.measure { body = LoadBalancerView.listBody(views) }
        #expect(try JSONValue(parsing: body)["loadbalancers"]?.array?.count == 1000)
        // Generous: builds for debugging take 30 times as long.
        #expect(duration < .seconds(5), "\(duration)")
    }
}
