// A load balancer with a listener of each protocol, and changes of each kind.

internal import JSON
internal import TestSupport
internal import Testing

/// HTTP, HTTPS, TCP and UDP listeners at one address.
struct BusyLoadBalancer {
    /// The name in its certificates.
    static let name = "www.example.test"

    /// What can be changed about it.
    enum Change: CaseIterable {
        case members, weights, adminStates, monitors, policies, ruleValues, certificates, listeners, limits, accessLists
        case algorithms, datagramMembers

        /// Whether HAProxy can make the change only by starting anew.
        var mayReload: Bool {
            switch self {
            case .members, .weights, .adminStates, .ruleValues, .certificates, .accessLists, .datagramMembers: false
            case .monitors, .policies, .listeners, .limits, .algorithms: true
            }
        }
    }

    let api: APIClient
    let id: String
    let address: String
    private let backends: [HTTPBackend]
    private let extraBackend: HTTPBackend
    private let echo: [Traffic.EchoBackend]
    private let certificates: [String]
    /// Name → id of the listeners and pools.
    private let listeners: [String: String]
    private let pools: [String: String]
    private let ports: [String: Int]
    private let rule: (policy: String, id: String)

    init(_ server: ServerProcess, _ authority: CertificateAuthority, _ echo: [Traffic.EchoBackend]) async throws {
        let api = try server.demo()
        self.api = api
        self.echo = echo
        backends = try makeBackends(3)
        extraBackend = try HTTPBackend("extra")
        var certificates: [String] = []
        for label in ["first", "second"] {
            let bundle = try await authority.bundle(for: Self.name, label: label)
            certificates.append(try api.storeSecret(bundle, name: label))
        }
        self.certificates = certificates
        let ports = ["http": Ports.free(), "https": Ports.free(), "tcp": Ports.free(), "udp": Ports.free()]
        self.ports = ports
        let web = JSONValue.array(backends.map { .object(ServedLoadBalancer.member($0)) })
        func listener(_ name: String, _ protocol: JSONValue, _ fields: ServedLoadBalancer.Fields) -> JSONValue {
            .object(
                ServedLoadBalancer.merge(
                    [
                        "name": .string(name), "protocol": `protocol`,
                        "protocol_port": .integer(Int64(ports[name] ?? 0)),
                    ], fields))
        }
        func pool(_ name: String, _ protocol: JSONValue, _ members: JSONValue) -> ServedLoadBalancer.Fields {
            [
                "name": .string(name), "protocol": `protocol`, "lb_algorithm": "ROUND_ROBIN", "members": members,
            ]
        }
        func echoes(_ port: (Traffic.EchoBackend) -> Int) -> JSONValue {
            .array(
                echo.prefix(1).map { ["address": "127.0.0.1", "protocol_port": .integer(Int64(port($0)))] })
        }
        let monitored = ServedLoadBalancer.merge(
            pool("http", "HTTP", web), ["healthmonitor": .object(ServedLoadBalancer.monitor)])
        let created = try api.create(
            .loadBalancers,
            [
                "vip_subnet_id": .string(try api.privateSubnet()), "vip_address": .string(VirtualAddresses.next()),
                "listeners": [
                    listener(
                        "http", "HTTP",
                        [
                            "default_pool": .object(monitored),
                            "l7policies": [
                                [
                                    "name": "kept", "action": "REDIRECT_TO_URL",
                                    "redirect_url": "http://elsewhere.example.test/",
                                    "rules": [["type": "PATH", "compare_type": "STARTS_WITH", "value": "/away"]],
                                ]
                            ],
                        ]),
                    listener(
                        "https", "TERMINATED_HTTPS",
                        [
                            "default_tls_container_ref": .string(certificates[0]),
                            "default_pool": .object(pool("https", "HTTP", web)),
                        ]),
                    listener("tcp", "TCP", ["default_pool": .object(pool("tcp", "TCP", echoes(\.tcpPort)))]),
                    listener("udp", "UDP", ["default_pool": .object(pool("udp", "UDP", echoes(\.udpPort)))]),
                ],
            ])
        id = try #require(created["id"]?.string)
        address = try #require(created["vip_address"]?.string)
        func ids(_ key: String) -> [String: String] {
            Dictionary(
                (created[key]?.array ?? []).map { ($0["name"]?.string ?? "", $0["id"]?.string ?? "") },
                uniquingKeysWith: { $1 })
        }
        listeners = ids("listeners")
        pools = ids("pools")
        let policy = try #require(
            try api.list(.l7Policies, query: "?listener_id=\(listeners["http"] ?? "")").first)
        rule = (
            try #require(policy["id"]?.string), try #require(policy["rules"]?[0]?["id"]?.string)
        )
        try await api.settle(id)
    }

    /// Clients of every protocol.
    var clients: [Traffic.Clients] {
        func clients(_ kind: String, _ listener: String, _ count: Int) -> Traffic.Clients {
            Traffic.Clients(kind: kind, address: address, port: ports[listener] ?? 0, count: count)
        }
        return [
            clients("http-kept", "http", 4), clients("http-fresh", "http", 2), clients("https-kept", "https", 2),
            clients("https-fresh", "https", 1), clients("h2-kept", "https", 2), clients("tcp-long", "tcp", 4),
            clients("tcp-fresh", "tcp", 1), clients("udp-flow", "udp", 2), clients("udp-fresh", "udp", 1),
        ]
    }

    /// Changes something; each second something else.
    func change(_ kind: Change, _ second: Int) throws {
        let isEven = second % 2 == 0
        switch kind {
        case .members:
            try toggle("http", ServedLoadBalancer.member(extraBackend), isEven)
        case .weights:
            try updateMember("http", of: 0, ["weight": .integer(Int64(second % 5 + 1))])
            try updateMember("https", of: 1, ["weight": .integer(Int64(second % 4))])
        case .adminStates:
            try updateMember("https", of: 2, ["admin_state_up": .bool(!isEven)])
        case .monitors:
            let monitor = try #require(
                try api.list(.healthMonitors, query: "?pool_id=\(pools["http"] ?? "")").first?["id"]?.string)
            try api.update(.healthMonitors, monitor, ["max_retries_down": .integer(isEven ? 2 : 3)])
        case .policies:
            try togglePolicy(isEven)
        case .ruleValues:
            try api.update(
                .l7Rules(of: rule.policy), rule.id, ["value": .string("/away-\(second)")])
        case .certificates:
            try api.update(
                .listeners, listeners["https"] ?? "",
                ["default_tls_container_ref": .string(certificates[isEven ? 1 : 0])])
        case .listeners:
            try toggleListener(isEven)
        case .limits:
            try api.update(
                .listeners, listeners["http"] ?? "", ["connection_limit": .integer(Int64(10_000 + second))])
        case .accessLists:
            for name in ["http", "tcp", "udp"] {
                try api.update(
                    .listeners, listeners[name] ?? "",
                    ["allowed_cidrs": isEven ? ["127.0.0.0/8"] : ["127.0.0.0/8", "10.0.0.0/8"]])
            }
        case .algorithms:
            try api.update(
                .pools, pools["https"] ?? "", ["lb_algorithm": isEven ? "LEAST_CONNECTIONS" : "ROUND_ROBIN"])
        case .datagramMembers:
            try toggle(
                "udp", ["address": "127.0.0.1", "protocol_port": .integer(Int64(echo[1].udpPort))], isEven)
        }
    }

    private func updateMember(_ pool: String, of backend: Int, _ fields: JSONValue) throws {
        let members = Collection.members(of: pools[pool] ?? "")
        let found = try api.list(members, query: "?protocol_port=\(backends[backend].port)")
        try api.update(members, #require(found.first?["id"]?.string), fields)
    }

    /// Adds a member, or removes it again.
    private func toggle(_ pool: String, _ member: ServedLoadBalancer.Fields, _ isThere: Bool) throws {
        let members = Collection.members(of: pools[pool] ?? "")
        if isThere {
            _ = try api.create(members, .object(member))
        } else {
            let port = member["protocol_port"]?.integer ?? 0
            let found = try api.list(members, query: "?protocol_port=\(port)")
            try api.delete(members, #require(found.first?["id"]?.string))
        }
    }

    private func togglePolicy(_ isThere: Bool) throws {
        if isThere {
            let created = try api.create(
                .l7Policies,
                ["listener_id": .string(listeners["http"] ?? ""), "action": "REJECT", "name": "extra"])
            let policy = try #require(created["id"]?.string)
            _ = try api.create(
                .l7Rules(of: policy),
                ["type": "HEADER", "compare_type": "EQUAL_TO", "key": "X-Evil", "value": "yes"])
        } else {
            let found = try api.list(.l7Policies, query: "?name=extra")
            try api.delete(.l7Policies, #require(found.first?["id"]?.string))
        }
    }

    private func toggleListener(_ isThere: Bool) throws {
        if isThere {
            _ = try api.create(
                .listeners,
                [
                    "loadbalancer_id": .string(id), "protocol": "HTTP", "name": "extra",
                    "protocol_port": .integer(Int64(Ports.free())), "default_pool_id": .string(pools["https"] ?? ""),
                ])
        } else {
            let found = try api.list(.listeners, query: "?name=extra")
            try api.delete(.listeners, #require(found.first?["id"]?.string))
        }
    }
}
