// Requests that must be refused: with Octavia's fault, and without any effect.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct BadInputTests {
        @Test func refusedRequestsChangeNothing() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let served = try ServedLoadBalancer(client, makeBackends(1), monitor: [:])
            try await client.wait(for: "ONLINE", of: served.membersCollection, served.members[0])
            let subnet = try client.privateSubnet()
            let before = try snapshot(client, served)
            let files = server.haproxyFiles
            #expect(!files.isEmpty)
            for test in RefusedRequest.typeCases(served) + RefusedRequest.ruleCases(served, subnet: subnet) {
                let what = "\(test.method) \(test.path) \(test.body?.prefix(200) ?? "")"
                let answer = try client.send(test.method, test.path, bytes: test.body.map { Array($0.utf8) })
                #expect(answer.status == test.status, "\(what): \(answer.status) \(answer.text)")
                #expect(answer.text.contains(test.text), "\(what): \(answer.text)")
                guard test.status != 413, test.method != "HEAD" else { continue }
                #expect(answer.header("Content-Type")?.hasPrefix("application/json") == true, "\(what)")
                let isFault =
                    answer.json["faultcode"] == "Client" && answer.json["debuginfo"] == .null
                    || answer.json["code"]?.integer == Int64(test.status)
                #expect(isFault, "\(what): \(answer.text)")
                #expect(answer.header("x-openstack-request-id")?.hasPrefix("req-") == true, "\(what)")
            }
            #expect(try snapshot(client, served) == before)
            #expect(server.haproxyFiles == files)
            #expect(try served.fetch().status == 200)
            try served.delete()
        }

        @Test func valuesJustInsideTheLimitsAreTaken() async throws {
            let served = try ServedLoadBalancer(currentServer().demo(), makeBackends(1), monitor: [:])
            let name = String(repeating: "n", count: 255)
            let changes: [(Collection, String, [String: JSONValue])] = [
                (.loadBalancers, served.id, ["name": .string(name), "description": .string(name)]),
                (.loadBalancers, served.id, ["tags": [.string(name), "", "a b"]]),
                (.listeners, served.listener, ["connection_limit": -1]),
                (.listeners, served.listener, ["connection_limit": "100"]),
                (.listeners, served.listener, ["timeout_client_data": 86_400_000]),
                (.listeners, served.listener, ["timeout_member_connect": 0]),
                (served.membersCollection, served.members[0], ["weight": 0]),
                (served.membersCollection, served.members[0], ["weight": 256]),
                (served.membersCollection, served.members[0], ["weight": nil]),
                (.healthMonitors, served.monitor ?? "", ["max_retries": 10, "max_retries_down": 1]),
                (.healthMonitors, served.monitor ?? "", ["delay": 1, "timeout": 5]),
                (.healthMonitors, served.monitor ?? "", ["expected_codes": "200, 404"]),
                (.pools, served.pool, [:]),
            ]
            for (collection, id, fields) in changes {
                let path = "\(collection.path)/\(id)"
                let answer = try served.client.send("PUT", path, .object([collection.key: .object(fields)]))
                #expect(answer.status == 200, "\(path) \(fields): \(answer.text)")
                try await served.client.settle(served.id)
            }
            for port in [1, 65_535] {
                let fields: JSONValue = ["address": "127.0.0.1", "protocol_port": .integer(Int64(port)), "weight": 0]
                _ = try served.client.create(served.membersCollection, fields)
            }
            try await served.client.settle(served.id)
            #expect(try served.fetch().status == 200)
            #expect(try served.client.get(.loadBalancers, served.id)["name"]?.string == name)
            try served.delete()
        }

        @Test func projectsAreApart() async throws {
            let server = try currentServer()
            let (demo, admin) = (try server.demo(), try server.admin())
            let served = try ServedLoadBalancer(admin, makeBackends(1), monitor: [:])
            let paths = [
                "loadbalancers/\(served.id)", "listeners/\(served.listener)", "pools/\(served.pool)",
                "pools/\(served.pool)/members/\(served.members[0])", "healthmonitors/\(served.monitor ?? "")",
            ]
            let keys = ["loadbalancer", "listener", "pool", "member", "healthmonitor"]
            for (path, key) in zip(paths, keys) {
                for (method, body) in [("GET", nil), ("PUT", "{\"\(key)\":{\"name\":\"mine\"}}"), ("DELETE", nil)] {
                    let answer = try demo.send(method, path, bytes: body.map { Array($0.utf8) })
                    #expect(answer.status == 403, "\(method) \(path): \(answer.status) \(answer.text)")
                }
            }
            for suffix in ["status", "stats"] {
                #expect(try demo.send("GET", "\(paths[0])/\(suffix)").status == 403)
            }
            #expect(try demo.send("GET", "listeners/\(served.listener)/stats").status == 403)
            #expect(try demo.send("GET", "pools/\(served.pool)/members").status == 403)
            #expect(try demo.send("PUT", "pools/\(served.pool)/members", ["members": []]).status == 403)
            #expect(try demo.send("GET", "loadbalancers?project_id=\(admin.projectID)").status == 403)
            for collection in [Collection.loadBalancers, .listeners, .pools, .healthMonitors] {
                let ids = try demo.list(collection).compactMap { $0["id"]?.string }
                #expect(Set(ids).isDisjoint(with: [served.id, served.listener, served.pool, served.monitor]))
            }
            // Children of what belongs to somebody else.
            let listener: JSONValue = [
                "loadbalancer_id": .string(served.id), "protocol": "HTTP", "protocol_port": 9,
            ]
            #expect(try demo.send("POST", "listeners", ["listener": listener]).status == 403)
            let foreign: JSONValue = [
                "vip_subnet_id": .string(try demo.privateSubnet()), "project_id": .string(admin.projectID),
            ]
            #expect(try demo.send("POST", "loadbalancers", ["loadbalancer": foreign]).status == 403)
            #expect(try admin.get(.loadBalancers, served.id)["name"] == "")
            #expect(try served.fetch().status == 200)
            // The administrator sees everything.
            let mine = try demo.createLoadBalancer("demo's")
            #expect(try admin.list(.loadBalancers).contains { $0["id"]?.string == mine.id })
            #expect(try admin.send("GET", "loadbalancers/\(mine.id)").status == 200)
            try served.delete()
        }

        @Test func tokensAreNeeded() async throws {
            let server = try currentServer()
            let revoked = try server.demo()
            #expect(try revoked.send("GET", "loadbalancers").status == 200)
            let gone = try revoked.send(
                "DELETE", "/identity/v3/auth/tokens", bytes: nil,
                headers: [("X-Subject-Token", revoked.token ?? "")])
            #expect(gone.status == 204)
            let token = try #require(server.demo().token)
            let tokens: [String?] = [
                nil, "", "x", revoked.token, token + "A", String(token.dropLast()), String(token.reversed()),
                String(repeating: "a", count: 4_000), "../../etc/passwd", "' OR 1=1 --",
            ]
            for token in tokens {
                let client = APIClient(port: server.port, token: token)
                for (method, path) in [
                    ("GET", "loadbalancers"), ("POST", "loadbalancers"), ("GET", "/network/v2.0/subnets"),
                    ("GET", "/identity/v3/projects"),
                ] {
                    let answer = try client.send(method, path, method == "POST" ? ["loadbalancer": [:]] : nil)
                    #expect(answer.status == 401, "\(method) \(path) with \(token?.prefix(20) ?? "no token")")
                    #expect(answer.header("WWW-Authenticate")?.hasPrefix("Keystone uri=") == true)
                    #expect(answer.json["error"]?["code"] == 401, "\(answer.text)")
                }
            }
            for password in ["", "wrong", String(repeating: "p", count: 100_000)] {
                #expect(throws: UnexpectedAnswer.self) {
                    try APIClient(port: server.port, user: "demo", password: password, project: "demo")
                }
            }
            #expect(try APIClient(port: server.port, token: token).send("GET", "loadbalancers").status == 200)
        }

        /// Everything that the API says about the load balancer.
        private func snapshot(_ client: APIClient, _ served: ServedLoadBalancer) throws -> [String] {
            try [
                "loadbalancers", "listeners", "pools", "healthmonitors", "pools/\(served.pool)/members",
                "loadbalancers/\(served.id)/status", "/network/v2.0/ports",
            ].map { try client.send("GET", $0).text }
        }
    }
}
