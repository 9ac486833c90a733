// Strings that try to be something else: a line of HAProxy's configuration, a variable, the end of a string.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct HostileInputTests {
        private static let strings = [
            "a\n    server evil 127.0.0.1:1\n", "\r\nX: y\r\n", "\"quoted\" 'twice'", "# comment", "${HOME} $(id) `id`",
            "%[src] %{+Q}o", "back\\slash \\n", "\u{0}nul", "ünïcödé \u{1F600} \u{202E}", "{\"a\":1}", "' OR 1=1; --",
            "../../../etc/passwd", String(repeating: "x", count: 10_000),
        ]

        /// The fields that are strings, by the key of their object.
        private static let fields: [(kind: String, field: String)] = [
            ("loadbalancer", "name"), ("loadbalancer", "description"), ("listener", "name"),
            ("listener", "description"), ("pool", "name"), ("pool", "description"), ("member", "name"),
            ("healthmonitor", "name"), ("member", "monitor_address"), ("healthmonitor", "url_path"),
            ("healthmonitor", "expected_codes"), ("healthmonitor", "http_method"), ("healthmonitor", "domain_name"),
            ("listener", "tls_ciphers"), ("listener", "default_tls_container_ref"), ("listener", "default_pool_id"),
            ("listener", "client_authentication"), ("pool", "lb_algorithm"), ("pool", "tls_ciphers"),
            ("pool", "ca_tls_container_ref"), ("pool", "tls_container_ref"), ("loadbalancer", "vip_qos_policy_id"),
        ]

        @Test func stringsStayStrings() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let served = try ServedLoadBalancer(client, makeBackends(1), monitor: [:])
            try await client.wait(for: "ONLINE", of: served.membersCollection, served.members[0])
            let places: [String: (Collection, String)] = [
                "loadbalancer": (.loadBalancers, served.id), "listener": (.listeners, served.listener),
                "pool": (.pools, served.pool), "member": (served.membersCollection, served.members[0]),
                "healthmonitor": (.healthMonitors, served.monitor ?? ""),
            ]
            let files = server.haproxyFiles
            for (kind, field) in Self.fields {
                let (collection, id) = try #require(places[kind])
                for text in Self.strings {
                    let path = "\(collection.path)/\(id)"
                    let what = "\(kind).\(field) = \(String(reflecting: text.prefix(40)))"
                    let before = try client.get(collection, id)
                    let answer = try client.send("PUT", path, .object([kind: .object([field: .string(text)])]))
                    #expect(answer.status == 200 || (400..<500).contains(answer.status), "\(what): \(answer.text)")
                    try await client.settle(served.id)
                    let after = try client.get(collection, id)
                    if answer.status == 200 {
                        #expect(after[field]?.string == text, "\(what)")
                        #expect(text.utf8.count < 2_048, "\(what)")
                        #expect(after["provisioning_status"] == "ACTIVE", "\(what): \(after)")
                    } else {
                        #expect(after[field] == before[field], "\(what)")
                        #expect(after["updated_at"] == before["updated_at"], "\(what)")
                    }
                }
                if ["name", "description"].contains(field) {
                    try await served.update(collection, id, .object([field: ""]))
                }
                if ["name", "description"].contains(field) || kind == "member" {
                    #expect(server.haproxyFiles == files, "\(kind).\(field)")
                }
            }
            try expectCleanConfiguration(server)
            #expect(try served.fetch().status == 200)
            // One that would be kept must not fail on the next start.
            try await server.killNow()
            try await server.start()
            try await served.update(.listeners, served.listener, ["timeout_client_data": 40_000])
            #expect(try served.fetch().status == 200)
            try served.delete()
        }

        @Test func hostileCreatesAndListsAndLogins() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let served = try ServedLoadBalancer(client, makeBackends(1))
            let subnet = try client.privateSubnet()
            let files = server.haproxyFiles
            for text in Self.strings {
                let value = JSONValue.string(text)
                let bodies: [(String, JSONValue)] = [
                    ("loadbalancers", ["loadbalancer": ["vip_subnet_id": value]]),
                    ("loadbalancers", ["loadbalancer": ["vip_subnet_id": .string(subnet), "vip_address": value]]),
                    ("loadbalancers", ["loadbalancer": ["vip_subnet_id": .string(subnet), "provider": value]]),
                    (
                        "loadbalancers",
                        ["loadbalancer": ["vip_subnet_id": .string(subnet), "availability_zone": value]]
                    ),
                    ("loadbalancers", ["loadbalancer": ["vip_subnet_id": .string(subnet), "flavor_id": value]]),
                    ("listeners", listener(served, ["protocol": value])),
                    ("listeners", listener(served, ["allowed_cidrs": [value]])),
                    ("listeners", listener(served, ["insert_headers": .object([text: "true"])])),
                    ("pools", pool(served, ["protocol": value])),
                    ("pools", pool(served, ["session_persistence": ["type": value]])),
                    ("pools/\(served.pool)/members", ["member": ["address": value, "protocol_port": 80]]),
                    ("pools/\(served.pool)/members", ["member": ["address": "127.0.0.1", "protocol_port": value]]),
                    ("/identity/v3/auth/tokens", ["auth": ["identity": ["methods": [value]]]]),
                ]
                for (path, body) in bodies {
                    let answer = try client.send("POST", path, body)
                    let what = "POST \(path) \(String(reflecting: text.prefix(40)))"
                    #expect((400..<500).contains(answer.status), "\(what): \(answer.status) \(answer.text)")
                }
                let encoded = text.prefix(500).utf8.map { byte in
                    let hexadecimal = String(byte, radix: 16)
                    return "%" + (hexadecimal.count == 1 ? "0" : "") + hexadecimal
                }.joined()
                for path in [
                    "loadbalancers?name=\(encoded)", "loadbalancers?tags=\(encoded)", "loadbalancers?\(encoded)=1",
                    "loadbalancers?sort=\(encoded)", "loadbalancers?limit=\(encoded)",
                    "loadbalancers?marker=\(encoded)", "loadbalancers/\(encoded)", "pools/\(encoded)/members",
                    "/network/v2.0/subnets?name=\(encoded)", "/identity/v3/\(encoded)", "/\(encoded)",
                ] {
                    let answer = try client.send("GET", path)
                    #expect(answer.status < 500, "GET \(path): \(answer.status) \(answer.text)")
                }
                #expect(throws: UnexpectedAnswer.self) {
                    try APIClient(port: server.port, user: text, password: text, project: text)
                }
            }
            #expect(server.haproxyFiles == files)
            #expect(try served.fetch().status == 200)
            try served.delete()
        }

        @Test func hostileValuesThatAreAllowedAreQuoted() async throws {
            let server = try currentServer()
            let served = try ServedLoadBalancer(server.demo(), makeBackends(2), monitor: [:])
            // All of these are allowed, and get into the configuration.
            for path in ["/a'b", "/a\"b", "/#a", "/${HOME}", "/%[src]", "/a\\nb", "/\\", "/a;b?c=%20&d=$x"] {
                try await served.update(
                    .healthMonitors, #require(served.monitor), ["url_path": .string(path)])
                #expect(try served.client.get(.healthMonitors, #require(served.monitor))["url_path"]?.string == path)
                try await eventually("the check asks for \(path)", within: .seconds(5)) {
                    served.backends[0].lastRequest.hasPrefix("get \(path.lowercased()) ")
                }
            }
            for name in ["a'b", "a$HOME", "a#b", "%[src]", "a!b~c^d|e"] {
                let answer = try served.client.send(
                    "PUT", "pools/\(served.pool)",
                    ["pool": ["session_persistence": ["type": "APP_COOKIE", "cookie_name": .string(name)]]])
                #expect(answer.status == 200 || answer.status == 400, "\(name): \(answer.text)")
                try await served.client.settle(served.id)
                for backend in served.backends where answer.status == 200 {
                    backend.setCookie(name)
                }
                _ = try served.share(of: 4)
                let share = try served.share(of: 4, headers: [("Cookie", "\(name)=b2")])
                if answer.status == 200 { #expect(share == ["b2": 4], "\(name)") }
            }
            try expectCleanConfiguration(server)
            try served.delete()
        }

        private func listener(_ served: ServedLoadBalancer, _ fields: [String: JSONValue]) -> JSONValue {
            let usual: [String: JSONValue] = [
                "loadbalancer_id": .string(served.id), "protocol": "HTTP", "protocol_port": 99,
            ]
            return ["listener": .object(usual.merging(fields) { $1 })]
        }

        private func pool(_ served: ServedLoadBalancer, _ fields: [String: JSONValue]) -> JSONValue {
            let usual: [String: JSONValue] = [
                "loadbalancer_id": .string(served.id), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
            ]
            return ["pool": .object(usual.merging(fields) { $1 })]
        }

        /// No line of a configuration is anything that a client has written.
        private func expectCleanConfiguration(_ server: ServerProcess) throws {
            for (name, text) in server.haproxyFiles where name.hasSuffix(".cfg") {
                for line in text.split(separator: "\n") {
                    #expect(!line.contains("evil") && !line.hasPrefix("X:") && !line.contains("/etc/passwd"), "\(line)")
                }
            }
        }
    }
}
