// The schema of `ottava_load_balancer`: attributes have the names of the API's fields.

internal import LoadBalancing
internal import OctaviaClient
internal import TerraformPlugin

enum LoadBalancerSchema {
    static let schema = Schema(
        """
        A load balancer with everything below it: listeners, L7 policies, pools, members and health monitors.

        It is created by one call and one wait, changed by as few calls as possible, all members of a pool at once, and \
        deleted with everything below it. What somebody else adds to it is drift, and goes with the next apply.

        Listeners, pools and members are maps: the key is the object's name. Renaming a key of a listener or member renames the \
        object; a pool with another key is another pool.
        """,
        [
            .string("id", .computed, "Its id."),
            .string("name", .required, "Its name.", rules: [.length(1...255)]),
            .string("description", .optional, "What it is for.", default: "", rules: [.length(0...255)]),
            adminStateUp("load balancer"),
            tags,
            .string(
                "vip_subnet_id", .optionalComputed,
                "The subnet of its address. One of `vip_subnet_id`, `vip_network_id` and `vip_port_id` is needed.",
                requiresReplacement: true, rules: [uuid]),
            .string(
                "vip_network_id", .optionalComputed, "The network of its address.", requiresReplacement: true,
                rules: [uuid]),
            .string(
                "vip_port_id", .optionalComputed, "The port whose address it takes.", requiresReplacement: true,
                rules: [uuid]),
            .string(
                "vip_address", .optionalComputed, "Its address; a free one is taken if absent.",
                requiresReplacement: true, rules: [address]),
            .string("vip_qos_policy_id", .optional, "The QoS policy of its port.", rules: [uuid]),
            .collection(
                "vip_sg_ids", of: .set(.string), .optional, "The security groups of its port.", rules: [.each(uuid)]),
            .nested(
                "additional_vips", .list, .optional, "More addresses.",
                [
                    .string("subnet_id", .required, "The subnet.", rules: [uuid]),
                    .string(
                        "ip_address", .optionalComputed, "The address; a free one is taken if absent.", rules: [address]
                    ),
                ], requiresReplacement: true),
            .string(
                "loadbalancer_provider", .optionalComputed,
                "The provider that serves it, such as `amphora` or `kernel`; the flavor's or the service's own if absent.",
                requiresReplacement: true),
            .string("flavor_id", .optionalComputed, "Its flavor.", requiresReplacement: true, rules: [uuid])
                .stayingAbsent,
            .string(
                "availability_zone", .optional, "The availability zone that it is made in.", requiresReplacement: true),
            .string(
                "project_id", .optionalComputed, "The project that it belongs to; that of the login if absent.",
                requiresReplacement: true),
            .nested(
                "floating_ip", .single, .optional, "An address of an external network that leads to it.",
                [
                    .string("id", .computed, "Its id."),
                    .string("network_id", .required, "The external network.", rules: [uuid]),
                    .string("subnet_id", .optional, "The subnet of that network.", rules: [uuid]),
                    .string(
                        "address", .optionalComputed, "The address; a free one is taken if absent.", rules: [address]),
                ], identity: ["network_id", "subnet_id", "address"]),
            .nested(
                "listeners", .map, .optional, "Ports on which it answers, by name.", listener,
                identity: ["protocol", "protocol_port"]),
            .nested(
                "pools", .map, .optional, "Sets of members that share work, by name.", pool, identity: ["protocol"]),
        ],
        blocks: [.timeouts(create: "10m", update: "10m", delete: "10m")])

    private static func adminStateUp(_ term: String) -> Attribute {
        .bool("admin_state_up", .optional, "Whether the \(term) does its work.", default: true)
    }

    private static let tags = Attribute.collection(
        "tags", of: .set(.string), .optional, "Words by which it can be found.", rules: [.each(.length(1...255))])

    private static let listener: [Attribute] = [
        .string("id", .computed, "Its id."),
        .string(
            "protocol", .required, "What it speaks with clients. Another one makes a new listener.",
            rules: [.oneOf(ListenerProtocol.allCases.map(\.rawValue))]),
        .number("protocol_port", .required, "Its port. Another one makes a new listener.", rules: [port]),
        .string("description", .optional, "What it is for.", default: "", rules: [.length(0...255)]),
        adminStateUp("listener"),
        tags,
        .number(
            "connection_limit", .optional, "The most connections at a time; -1 is no limit.", default: -1,
            rules: [.atLeast(-1)]),
        .string("default_pool", .optional, "The name of the pool that gets what no policy takes."),
        .collection(
            "insert_headers", of: .map(.string), .optional, "Headers to insert, such as `X-Forwarded-For = \"true\"`."),
        timeout("timeout_client_data", "a client may say nothing", 50_000),
        timeout("timeout_member_connect", "a connection to a member may take", 5_000),
        timeout("timeout_member_data", "a member may say nothing", 50_000),
        timeout("timeout_tcp_inspect", "to wait for data before a decision", 0),
        .string("default_tls_container_ref", .optional, "The certificate: a reference of the key manager."),
        .collection(
            "sni_container_refs", of: .list(.string), .optional,
            "Certificates for other names: references of the key manager."),
        .string(
            "client_authentication", .optional, "Whether clients show certificates.", default: "NONE",
            rules: [.oneOf(ClientAuthentication.allCases.map(\.rawValue))]),
        .string("client_ca_tls_container_ref", .optional, "The authorities of clients' certificates."),
        .string("client_crl_container_ref", .optional, "Clients' certificates that are revoked."),
        .collection(
            "allowed_cidrs", of: .list(.string), .optional, "Networks that may connect; everybody if absent.",
            rules: [.each(network)]),
        .string("tls_ciphers", .optionalComputed, "Ciphers as OpenSSL names them, with colons between.").stayingAbsent,
        .collection(
            "tls_versions", of: .set(.string), .optionalComputed, "Versions of TLS.",
            rules: [.each(.oneOf(["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]))]
        ).stayingAbsent,
        .collection(
            "alpn_protocols", of: .list(.string), .optionalComputed, "Protocols inside TLS, the best first.",
            rules: [.each(.oneOf(["h2", "http/1.1", "http/1.0"]))]
        ).stayingAbsent,
        .number(
            "hsts_max_age", .optional, "For so many seconds browsers use HTTPS only (RFC 6797).", rules: [.atLeast(0)]),
        .bool("hsts_include_subdomains", .optional, "That holds for subdomains, too.", default: false),
        .bool("hsts_preload", .optional, "Browsers may know it beforehand.", default: false),
        .nested(
            "l7_policies", .list, .optional,
            "What happens to some requests before the default pool gets them; the first that matches counts.", l7Policy,
            identity: ["name"]),
    ]

    private static func timeout(_ name: String, _ meaning: String, _ standard: Int) -> Attribute {
        .number(
            name, .optional, "Milliseconds that \(meaning).", default: .integer(standard),
            rules: [.range(0...2_073_600_000)])
    }

    private static let l7Policy: [Attribute] = [
        .string("id", .computed, "Its id."),
        .string("name", .required, "Its name, which no other policy of the listener has.", rules: [.length(1...255)]),
        .string("description", .optional, "What it is for.", default: "", rules: [.length(0...255)]),
        adminStateUp("policy"),
        tags,
        .string(
            "action", .required, "What happens.", rules: [.oneOf(L7PolicyAction.allCases.map(\.rawValue))]),
        .string("redirect_pool", .optional, "For `REDIRECT_TO_POOL`: the name of the pool."),
        .string("redirect_url", .optional, "For `REDIRECT_TO_URL`: the URL."),
        .string("redirect_prefix", .optional, "For `REDIRECT_PREFIX`: what takes the place of scheme and host."),
        .number(
            "redirect_http_code", .optionalComputed, "The status of a redirection; 302 if absent.",
            rules: [
                Rule(allowed: "301, 302, 303, 307, 308") { value in
                    [301, 302, 303, 307, 308].contains(value.integer ?? 0)
                        ? nil : "\(value) must be one of 301, 302, 303, 307, 308."
                }
            ]),
        .nested("rules", .list, .optional, "Conditions, all of which must hold.", l7Rule),
    ]

    private static let l7Rule: [Attribute] = [
        .string("type", .required, "What is looked at.", rules: [.oneOf(L7RuleType.allCases.map(\.rawValue))]),
        .string(
            "compare_type", .required, "How it is compared.",
            rules: [.oneOf(L7RuleCompareType.allCases.map(\.rawValue))]),
        .string("key", .optional, "The name of the header, cookie or part of the certificate's name."),
        .string("value", .required, "What it is compared with.", rules: [.length(1...255)]),
        .bool("invert", .optional, "The condition holds when it does not match.", default: false),
        adminStateUp("rule"),
        tags,
    ]

    private static let pool: [Attribute] = [
        .string("id", .computed, "Its id."),
        .string(
            "protocol", .required, "What it speaks with members. Another one makes a new pool.",
            rules: [.oneOf(PoolProtocol.allCases.map(\.rawValue))]),
        .string(
            "lb_algorithm", .optional, "Which member gets the next client.", default: "ROUND_ROBIN",
            rules: [.oneOf(LoadBalancingAlgorithm.allCases.map(\.rawValue))]),
        .string("description", .optional, "What it is for.", default: "", rules: [.length(0...255)]),
        adminStateUp("pool"),
        tags,
        .nested(
            "session_persistence", .single, .optional, "How clients get the same member again.",
            [
                .string(
                    "type", .required, "How clients are known.",
                    rules: [.oneOf(SessionPersistenceType.allCases.map(\.rawValue))]),
                .string("cookie_name", .optional, "For `APP_COOKIE`: the name of the cookie."),
                .number("persistence_timeout", .optional, "For `SOURCE_IP` of UDP and SCTP: seconds."),
                .string("persistence_granularity", .optional, "For `SOURCE_IP` of UDP and SCTP: a mask."),
            ]),
        .bool("tls_enabled", .optional, "Whether members are spoken to by TLS.", default: false),
        .string("tls_container_ref", .optional, "The certificate shown to members: a reference of the key manager."),
        .string("ca_tls_container_ref", .optional, "The authorities of members' certificates."),
        .string("crl_container_ref", .optional, "Members' certificates that are revoked."),
        .string("tls_ciphers", .optionalComputed, "Ciphers as OpenSSL names them, with colons between."),
        .collection("tls_versions", of: .set(.string), .optionalComputed, "Versions of TLS."),
        .collection("alpn_protocols", of: .list(.string), .optionalComputed, "Protocols inside TLS, the best first."),
        .nested("health_monitor", .single, .optional, "How members are watched.", healthMonitor, identity: ["type"]),
        .nested(
            "members", .map, .optional, "The servers that do the work, by name.", member,
            identity: ["address", "protocol_port", "subnet_id"]),
    ]

    private static let healthMonitor: [Attribute] = [
        .string("id", .computed, "Its id."),
        .string("name", .optional, "Its name.", default: "", rules: [.length(0...255)]),
        .string(
            "type", .required, "How members are asked. Another one makes a new monitor.",
            rules: [.oneOf(HealthMonitorType.allCases.map(\.rawValue))]),
        .number("delay", .required, "Seconds between two checks.", rules: [.atLeast(1)]),
        .number("timeout", .required, "Seconds that one check may take.", rules: [.atLeast(1)]),
        .number("max_retries", .required, "Successes in a row that bring a member back.", rules: [.range(1...10)]),
        .number(
            "max_retries_down", .optional, "Failures in a row that take a member out.", default: 3,
            rules: [.range(1...10)]),
        .string(
            "http_method", .optionalComputed, "How it asks by HTTP; `GET` if absent.",
            rules: [.oneOf(HealthMonitorMethod.allCases.map(\.rawValue))]),
        .string("url_path", .optionalComputed, "What it asks for by HTTP; `/` if absent."),
        .string(
            "expected_codes", .optionalComputed,
            "Statuses that mean health: `200`, `200,202` or `200-204`; `200` if absent."),
        .string(
            "http_version", .optionalComputed, "The version of HTTP.", rules: [.oneOf(["1.0", "1.1"])]),
        .string("domain_name", .optional, "The host that it asks by HTTP 1.1."),
        adminStateUp("monitor"),
        tags,
    ]

    private static let member: [Attribute] = [
        .string("id", .computed, "Its id."),
        .string("address", .required, "Its address. Another one makes a new member.", rules: [address]),
        .number("protocol_port", .required, "Its port. Another one makes a new member.", rules: [port]),
        .number(
            "weight", .optional, "Its share of the work: 0 takes no new clients.", default: 1, rules: [.range(0...256)]),
        .bool("backup", .optional, "Whether it works only while all others are down.", default: false),
        .string(
            "subnet_id", .optional, "The subnet from which it can be reached. Another one makes a new member.",
            rules: [uuid]),
        .string("monitor_address", .optional, "The address that is watched instead.", rules: [address]),
        .number("monitor_port", .optional, "The port that is watched instead.", rules: [port]),
        adminStateUp("member"),
        tags,
    ]

    static let port = Rule.range(1...65_535)
    static let uuid = Rule.text("an id (UUID)") { ResourceID($0) != nil }
    static let address = Rule.text("an IPv4 or IPv6 address") { IPAddress($0) != nil }
    static let network = Rule.text("a network such as 192.0.2.0/24") { IPNetwork($0) != nil }
}
