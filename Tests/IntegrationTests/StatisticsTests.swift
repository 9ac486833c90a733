// Counters and the status tree.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct StatisticsTests {
        @Test func statisticsMatchTheTraffic() async throws {
            let server = try currentServer()
            let served = try ServedLoadBalancer(server.demo(), makeBackends(2))
            func stats(_ path: String) throws -> [String: Int64] {
                let answer = try served.client.send("GET", path)
                #expect(answer.status == 200, "\(answer.text)")
                return (answer.json["stats"]?.object ?? [:]).compactMapValues(\.integer)
            }
            let zeros: [String: Int64] = [
                "bytes_in": 0, "bytes_out": 0, "active_connections": 0, "total_connections": 0, "request_errors": 0,
            ]
            let paths = ["listeners/\(served.listener)/stats", "loadbalancers/\(served.id)/stats"]
            for path in paths { #expect(try stats(path) == zeros) }

            for _ in 0..<25 { #expect(try served.fetch().status == 200) }
            for path in paths {
                try await eventually("25 connections at \(path)") { try stats(path)["total_connections"] == 25 }
                let now = try stats(path)
                // A request of this client and an answer of a backend are known to the byte, roughly.
                #expect((25 * 40...25 * 200).contains(now["bytes_in"] ?? 0), "\(now)")
                #expect((25 * 30...25 * 200).contains(now["bytes_out"] ?? 0), "\(now)")
                #expect(now["request_errors"] == 0 && now["active_connections"] == 0)
            }
            let before = try stats(paths[0])

            let open = try HTTPConnection(to: served.address, port: served.port)
            #expect(try open.request().status == 200)
            try await eventually("an active connection") { try stats(paths[1])["active_connections"] == 1 }
            let bad = try TCPSocket.connect(to: served.address, port: served.port)
            try bad.send(Array("NOT HTTP\r\n\r\n".utf8))
            _ = try? bad.receive()
            try await eventually("a request error") { try stats(paths[1])["request_errors"] == 1 }
            withExtendedLifetime(open) {}

            // Counters never go back: not by a reload, not by a crash of HAProxy.
            try await served.update(.listeners, served.listener, ["timeout_client_data": 40_000])
            #expect(try stats(paths[0])["total_connections"] ?? 0 >= 27)
            ProcessTable.kill(try #require(server.haproxy(of: served.id)))
            try await eventually("HAProxy is back") { (try? served.fetch().status) == 200 }
            try await eventually("the counters go on") { try stats(paths[0])["total_connections"] ?? 0 >= 28 }
            let after = try stats(paths[0])
            #expect(after["bytes_in"] ?? 0 > before["bytes_in"] ?? 0, "\(before) \(after)")

            let second = try served.client.create(
                .listeners,
                [
                    "loadbalancer_id": .string(served.id), "protocol": "HTTP",
                    "protocol_port": .integer(Int64(Ports.free())),
                ])
            let quiet = try #require(second["id"]?.string)
            #expect(try stats("listeners/\(quiet)/stats") == zeros)
            #expect(try served.client.send("GET", "loadbalancers/\(served.id)/stats?x=1").status == 400)
            try served.delete()
            for path in paths { #expect(try served.client.send("GET", path).status == 404) }
        }

        @Test func statusTreeHasItsShape() async throws {
            let backends = try makeBackends(1)
            let served = try ServedLoadBalancer(
                currentServer().demo(), backends, loadBalancer: ["name": "tree"], listener: ["name": "web"],
                pool: ["name": "servers"], member: ["name": "m1"], monitor: ["name": "check"])
            try await served.client.wait(for: "ONLINE", of: served.membersCollection, served.members[0])
            // A pool that no listener uses does not appear.
            _ = try served.client.create(
                .pools,
                ["loadbalancer_id": .string(served.id), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"])
            let empty = try served.client.create(
                .listeners,
                [
                    "loadbalancer_id": .string(served.id), "protocol": "HTTP", "name": "empty",
                    "protocol_port": .integer(Int64(Ports.free())),
                ])
            try await served.client.settle(served.id)
            func node(_ id: String?, _ name: String, _ more: [String: JSONValue]) -> JSONValue {
                let usual: [String: JSONValue] = [
                    "id": id.map { .string($0) } ?? .null, "name": .string(name), "operating_status": "ONLINE",
                    "provisioning_status": "ACTIVE",
                ]
                return .object(usual.merging(more) { $1 })
            }
            let monitor = node(served.monitor, "check", ["type": "HTTP"])
            let member = node(
                served.members[0], "m1",
                ["address": "127.0.0.1", "protocol_port": .integer(Int64(backends[0].port))])
            let pool = node(served.pool, "servers", ["health_monitor": monitor, "members": [member]])
            let expected = node(
                served.id, "tree",
                [
                    "listeners": [
                        node(served.listener, "web", ["pools": [pool]]),
                        node(empty["id"]?.string, "empty", ["pools": []]),
                    ]
                ])
            for path in ["status", "statuses"] {
                let answer = try served.client.send("GET", "loadbalancers/\(served.id)/\(path)")
                #expect(answer.json["statuses"]?["loadbalancer"] == expected, "\(answer.text)")
            }
            try served.delete()
        }
    }
}
