import JSON

@testable import OctaviaWire

/// The limits of all fields, as tables.
extension FieldLimitTests {
    static let named: [RequestKind] = [
        .loadBalancerCreate, .loadBalancerUpdate, .listenerCreate, .listenerUpdate, .poolCreate, .poolUpdate,
        .memberCreate, .memberUpdate, .monitorCreate, .monitorUpdate, .policyCreate, .policyUpdate,
    ]
    static let described = named.filter { !$0.testDescription.contains("m") }
    static let listeners = [RequestKind.listenerCreate, .listenerUpdate]
    static let pools = [RequestKind.poolCreate, .poolUpdate]
    static let monitors = [RequestKind.monitorCreate, .monitorUpdate]
    static let policies = [RequestKind.policyCreate, .policyUpdate]
    static let rules = [RequestKind.ruleCreate, .ruleUpdate]
    static let stored = 2_147_483_647

    static let shared: [Case] = [
        text(named, "name", 255), text(described, "description", 255),
        bool(RequestKind.all.filter { $0.key != "quota" }, "admin_state_up"),
        text(RequestKind.creates, "project_id", 36), text(RequestKind.creates, "tenant_id", 36),
        Case(
            RequestKind.all.filter { $0.key != "quota" }, "tags",
            good: [[], [""], ["a,b", "a"], ["a", "a"], [OctaviaWireTests.text(255)]],
            bad: [
                ("a", "Value not a valid list: a"), ([1], notText), ([nil], notText),
                ([OctaviaWireTests.text(256)], "\(tooLong) 255"),
            ]),
    ]

    static let loadBalancers: [Case] =
        ["vip_port_id", "vip_network_id", "vip_subnet_id", "flavor_id"].map { uuid([.loadBalancerCreate], $0) }
        + [
            uuid([.loadBalancerCreate, .loadBalancerUpdate], "vip_qos_policy_id"),
            address([.loadBalancerCreate], "vip_address"), text([.loadBalancerCreate], "provider", 64),
            text([.loadBalancerCreate], "availability_zone", 255),
            Case(
                [.loadBalancerCreate, .loadBalancerUpdate], "vip_sg_ids",
                good: [[], [.string(someID)], [.string(someID), .string(someID)]],
                bad: [(["x"], notUUID), (.string(someID), "valid list")]),
            Case(
                [.loadBalancerCreate], "additional_vips",
                good: [nil, [], [["subnet_id": .string(someID), "ip_address": "::1", "port_id": nil]]],
                bad: [
                    ([[:]], "attribute subnet_id. Value: 'None'. Mandatory"), ([1], "object"),
                    ([["subnet_id": .string(someID), "ip_address": "x"]], notIP),
                    (
                        [["subnet_id": .string(someID), "foo": 1]],
                        "Unknown attribute for argument load_balancer.loadbalancer.additional_vips: foo"
                    ),
                ]),
            Case([.loadBalancerCreate], "flavor_id", good: [], bad: [(nil, notUUID)]),
            Case([.loadBalancerCreate], "availability_zone", good: [], bad: [(nil, notText)]),
        ]

    static let references: [Case] =
        ["default_tls_container_ref", "client_ca_tls_container_ref", "client_crl_container_ref"]
        .map { text(listeners, $0, 255) }
        + ["tls_container_ref", "ca_tls_container_ref", "crl_container_ref"].map { text(pools, $0, 255) }

    static let tls: [Case] = [
        Case(
            listeners + pools, "tls_ciphers",
            good: [
                "", nil, "ECDHE-RSA-AES128-GCM-SHA256:!RC4+a@b=c_d.e", .string(String(repeating: "A", count: 2048)),
            ],
            bad: [
                (.string(String(repeating: "A", count: 2049)), "\(tooLong) 2048"),
                ("A B", "Validation failure: Invalid characters in cipher string"), ("é", "Invalid characters"),
                (1, notText),
            ]),
        Case(
            listeners + pools, "tls_versions", good: [nil, [], ["TLSv1.2", "anything"], [OctaviaWireTests.text(32)]],
            bad: [([OctaviaWireTests.text(33)], "\(tooLong) 32"), ("TLSv1.2", "valid list"), ([1], notText)]),
        Case(
            listeners + pools, "alpn_protocols", good: [nil, [], ["h2", "http/1.1", "http/1.0"]],
            bad: [
                (["h3"], "Value: 'h3'. Value should be a valid ALPN protocol ID"), (["H2"], "ALPN"),
                ("h2", "valid list"),
            ]),
    ]

    static let listenerCases: [Case] = [
        uuid([.listenerCreate], "loadbalancer_id"), uuid(listeners, "default_pool_id"),
        choice(
            [.listenerCreate], "protocol", ["TCP", "HTTP", "HTTPS", "TERMINATED_HTTPS", "UDP", "SCTP", "PROMETHEUS"]),
        integer([.listenerCreate], "protocol_port", 1...65_535), integer(listeners, "connection_limit", -1...stored),
        integer(listeners, "timeout_client_data", 0...2_073_600_000),
        integer(listeners, "timeout_member_connect", 0...2_073_600_000),
        integer(listeners, "timeout_member_data", 0...2_073_600_000),
        integer(listeners, "timeout_tcp_inspect", 0...2_073_600_000),
        choice(listeners, "client_authentication", ["NONE", "OPTIONAL", "MANDATORY"]),
        integer(listeners, "hsts_max_age", 0...stored), bool(listeners, "hsts_include_subdomains"),
        bool(listeners, "hsts_preload"),
        Case(
            listeners, "insert_headers", good: [nil, [:], ["X-Forwarded-For": "true", "anything": "é"]],
            bad: [
                (["X-Forwarded-For": true], notText), ("x", "Value not a valid dict"), ([], "Value not a valid dict"),
                (["a": OctaviaWireTests.text(256)], "\(tooLong) 255"),
            ]),
        Case(
            listeners, "error_pages",
            good: [
                nil, [:], ["503": "<h1>é \"%[src]\"\n${HOME}</h1>", "400": "x"],
                ["504": .string(String(repeating: "x", count: 8_192))],
                ["403": .string(String(repeating: "é", count: 4_096))],
            ],
            bad: [
                ("x", "Value not a valid dict"), ([], "Value not a valid dict"), (["503": 1], notText),
                (["503": nil], notText), (["503": ""], "minimum character requirement of 1"),
                (["404": "x"], "Value: '404'. A status code should be one of: 400, 403, 408, 500, 502, 503, 504"),
                (["0503": "x"], "one of: 400"), (["page": "x"], "one of: 400"),
                (["503": .string(String(repeating: "x", count: 8_193))], "\(tooLong) 8192"),
                (["503": .string(String(repeating: "é", count: 4_097))], "A page should have at most 8192 bytes"),
                (["503": "a\u{0}"], "U+0000"),
            ]),
        Case(
            listeners, "sni_container_refs", good: [nil, [], ["a", "a", ""]],
            bad: [([1], notText), ([OctaviaWireTests.text(256)], "\(tooLong) 255")]),
        Case(
            listeners, "allowed_cidrs", good: [nil, [], ["10.0.0.1", "10.0.0.1/8", "::/0", "2001:db8::1/128"]],
            bad: [
                (["10.0.0.0/33"], "Value should be IPv4 or IPv6 CIDR format"), (["10.0.0.0/"], "CIDR"),
                (["::/129"], "CIDR"),
                (["x"], "CIDR"), ([1], "CIDR"), ("10.0.0.0/8", "valid list"),
            ]),
        Case([.listenerCreate], "client_authentication", good: [], bad: [(nil, "Value should be one of: NONE")]),
        Case(
            [.listenerCreate], "l7policies", good: [nil, []],
            bad: [([["action": "REJECT"]], "Validation failure: l7policies can only be specified")]),
        Case(
            [.listenerCreate], "default_pool", good: [nil, [:]],
            bad: [(["name": "a"], "Validation failure: default_pool")]),
    ]

    static let poolCases: [Case] = [
        uuid([.poolCreate], "loadbalancer_id"), uuid([.poolCreate], "listener_id"),
        choice([.poolCreate], "protocol", ["TCP", "HTTP", "HTTPS", "PROXY", "PROXYV2", "UDP", "SCTP"]),
        choice(pools, "lb_algorithm", ["ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP", "SOURCE_IP_PORT"]),
        bool(pools, "tls_enabled"),
        Case(
            pools, "session_persistence",
            good: [
                nil, ["type": "SOURCE_IP", "persistence_timeout": "-5", "persistence_granularity": "255.255.0.0"],
                ["type": "APP_COOKIE", "cookie_name": .string(String(repeating: "c", count: 255))],
                ["type": "HTTP_COOKIE", "cookie_name": nil, "persistence_timeout": nil],
            ],
            bad: [
                ([], "object"), (["type": "X"], "Value should be one of: SOURCE_IP, HTTP_COOKIE, APP_COOKIE"),
                (["type": "APP_COOKIE", "cookie_name": ""], "Value should match the pattern"),
                (["type": "APP_COOKIE", "cookie_name": "a b"], #"Value should match the pattern ^[^\s,;\\]+$"#),
                (["type": "APP_COOKIE", "cookie_name": "a;b"], "pattern"),
                (["type": "APP_COOKIE", "cookie_name": #"a\b"#], "pattern"),
                (["type": "APP_COOKIE", "cookie_name": .string(String(repeating: "c", count: 256))], "\(tooLong) 255"),
                (["type": "SOURCE_IP", "persistence_granularity": "/16"], notIP),
                (["type": "SOURCE_IP", "persistence_timeout": "x"], "integer"),
                (
                    ["type": "SOURCE_IP", "foo": 1],
                    "Unknown attribute for argument pool_.pool.session_persistence: foo"
                ),
            ]),
        Case([.poolCreate], "session_persistence", good: [], bad: [([:], "attribute type. Value: 'None'. Mandatory")]),
        Case([.poolUpdate], "session_persistence", good: [[:]], bad: []),
        Case([.poolCreate], "members", good: [nil, []], bad: [([[:]], "Validation failure: members")]),
        Case(
            [.poolCreate], "healthmonitor", good: [nil],
            bad: [(["type": "TCP"], "Validation failure: healthmonitor"), ([:], "Mandatory field missing")]),
    ]

    static let memberCases: [Case] = [
        address([.memberCreate], "address"), address([.memberCreate, .memberUpdate], "monitor_address"),
        Case([.memberCreate, .memberUpdate], "monitor_address", good: ["", nil], bad: []),
        integer([.memberCreate], "protocol_port", 1...65_535),
        integer([.memberCreate, .memberUpdate], "monitor_port", 1...65_535),
        integer([.memberCreate, .memberUpdate], "weight", 0...256), bool([.memberCreate, .memberUpdate], "backup"),
        Case([.memberCreate], "backup", good: [], bad: [(nil, notBool)]), uuid([.memberCreate], "subnet_id"),
        bool([.memberCreate], "request_sriov"),
    ]

    static let monitorCases: [Case] = [
        uuid([.monitorCreate], "pool_id"),
        choice([.monitorCreate], "type", ["HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO", "UDP-CONNECT", "SCTP"]),
        integer(monitors, "delay", 0...stored), integer(monitors, "timeout", 0...stored),
        integer(monitors, "max_retries", 1...10), integer(monitors, "max_retries_down", 1...10),
        Case([.monitorCreate], "max_retries_down", good: [], bad: [(nil, "integer")]),
        Case([.monitorUpdate], "max_retries_down", good: [nil], bad: []),
        choice(
            monitors, "http_method", ["GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH"]),
        Case(
            monitors, "url_path",
            good: ["/", "/a?b=c#d", "/é", .string("/" + String(repeating: "a", count: 2047)), nil],
            bad: [
                ("", "Value must be a valid URL Path string"), ("a", "Path"), ("//host/a", "Path"), ("/a b", "Path"),
                ("http://a/", "Path"), ("/a\r\nb", "Path"), ("/a\u{A0}", "Path"), ("/a\u{7F}", "Path"),
                (.string("/" + String(repeating: "a", count: 2048)), "\(tooLong) 2048"), (1, notText),
            ]),
        Case(
            monitors, "expected_codes", good: ["200", "000", "200,201 , 202", "200-204", "999-000", nil],
            bad: [
                ("20", "Value should match the pattern"), ("2000", "pattern"), ("200-", "pattern"),
                ("200-204,205", "pattern"),
                ("200,", "pattern"), (" 200", "pattern"), ("200 ", "pattern"), ("", "pattern"), ("200 201", "pattern"),
                ("200 - 204", "pattern"), ("٢٠٠", "pattern"), (200, notText),
                (.string(Array(repeating: "200", count: 17).joined(separator: ",")), "\(tooLong) 64"),
            ]),
        Case(
            monitors, "http_version", good: [1.0, 1.1, 1, "1.0", "1.1", " 1 ", nil],
            bad: [
                (2, "Value should be one of: 1.0, 1.1"), (1.2, "one of"), ("x", "one of"), ("", "one of"),
                ([], "one of"),
            ]),
        Case(
            monitors, "domain_name",
            good: [
                "a", "www.example.com", "www.example.com.", "_a._b-c.d", "1",
                .string(String(repeating: "a", count: 63)), .string(String(repeating: "a.", count: 127)), nil,
            ],
            bad: [
                ("", "minimum character requirement of 1"), (".", "pattern"), ("a..b", "pattern"), ("-a", "pattern"),
                ("a-", "pattern"), ("a_b", "pattern"), ("a b", "pattern"), ("é", "pattern"),
                (.string(String(repeating: "a", count: 64)), "pattern"),
                (.string(String(repeating: "a.", count: 127) + "a"), "pattern"),
                (.string(String(repeating: "a.", count: 128)), "\(tooLong) 255"),
            ]),
    ]

    static func url(_ field: String) -> Case {
        Case(
            policies, field,
            good: [
                "http://a", "https://example.com:8080/a?b#c", "https://[2001:db8::1]:443/", "http://u:p@host/", nil,
                .string("http://a/" + String(repeating: "x", count: 246)),
            ],
            bad: [
                ("", "Value must be a valid URL string"), ("example.com", "URL"), ("/path", "URL"), ("ftp://a/", "URL"),
                ("HTTP://a/", "URL"),
                ("http://", "URL"), ("http:///a", "URL"), ("http://a b/", "URL"), ("http://a:x/", "URL"),
                ("http://a:65536/", "URL"), ("http://[::1/", "URL"), ("http://[x]/", "URL"), ("http://a/\u{85}", "URL"),
                ("http://a/\r\nSet-Cookie:x", "URL"), ("http://a\"b/", "URL"), (1, notText),
                (.string("http://a/" + String(repeating: "x", count: 247)), "\(tooLong) 255"),
            ])
    }

    static let policyCases: [Case] = [
        uuid([.policyCreate], "listener_id"), uuid(policies, "redirect_pool_id"), url("redirect_url"),
        url("redirect_prefix"),
        choice(policies, "action", ["REJECT", "REDIRECT_TO_POOL", "REDIRECT_TO_URL", "REDIRECT_PREFIX"]),
        Case(
            policies, "redirect_http_code", good: [301, 302, 303, 307, 308, "302", 302.9, nil],
            bad: [(300, "Value should be one of: 301, 302, 303, 307, 308"), (304, "one of"), ("x", "one of")]),
        integer(policies, "position", 1...stored),
        Case([.policyCreate], "rules", good: [nil, []], bad: [([[:]], "Validation failure: rules")]),
    ]

    static let ruleCases: [Case] = [
        choice(
            rules, "type",
            [
                "HOST_NAME", "PATH", "FILE_TYPE", "HEADER", "COOKIE", "SSL_CONN_HAS_CERT", "SSL_VERIFY_RESULT",
                "SSL_DN_FIELD",
            ]),
        choice(rules, "compare_type", ["REGEX", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "EQUAL_TO"]),
        Case(
            rules, "key", good: ["", "a b", nil, OctaviaWireTests.text(255)],
            bad: [
                ("a\rb", "pattern"), ("a\n", "pattern"), ("a\r\nb", "pattern"),
                (OctaviaWireTests.text(256), "\(tooLong) 255"), (1, notText),
            ]),
        Case(
            rules, "value", good: ["a", " ", OctaviaWireTests.text(255)],
            bad: [
                ("", "Value should have a minimum character requirement of 1"), ("a\nb", "pattern"),
                ("a\r\n", "pattern"),
                (OctaviaWireTests.text(256), "\(tooLong) 255"), (1, notText),
            ]),
        bool(rules, "invert"),
    ]

    static let quotaCases: [Case] =
        [
            "loadbalancer", "load_balancer", "listener", "pool", "member", "healthmonitor", "health_monitor",
            "l7policy", "l7rule",
        ]
        .map { integer([.quota], $0, -1...2_000_000_000) }
}
