// How a pool chooses a member: algorithms and session persistence.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct PoolTests {
        @Test(arguments: ["LEAST_CONNECTIONS", "SOURCE_IP"])
        func algorithm(_ name: String) async throws {
            let served = try ServedLoadBalancer(
                currentServer().demo(), makeBackends(3), pool: ["lb_algorithm": .string(name)])
            let share = try served.share(of: 12)
            if name == "SOURCE_IP" {
                #expect(share.count == 1, "one client, one member: \(share)")
            } else {
                #expect(Set(share.keys) == ["b1", "b2", "b3"], "\(share)")
                // A member that is busy gets fewer.
                let slow = served.backends[0]
                slow.delay(.milliseconds(300))
                let load = LoadGenerator(to: served.address, port: served.port, keeping: 0, fresh: 6)
                try await Task.sleep(for: .seconds(1.5))
                let result = try await load.stop()
                #expect(result.failed == 0, "\(result)")
                #expect(result.answers["b1", default: 0] * 3 < result.answers["b2", default: 0], "\(result.answers)")
            }
            // Another algorithm, while it serves.
            try await served.update(.pools, served.pool, ["lb_algorithm": "ROUND_ROBIN"])
            served.backends[0].delay(.zero)
            try served.expectShare(of: 12, ["b1": 4, "b2": 4, "b3": 4])
            try served.delete()
        }

        @Test func sourceAddressSticks() async throws {
            let served = try ServedLoadBalancer(
                currentServer().demo(), makeBackends(3), pool: ["session_persistence": ["type": "SOURCE_IP"]])
            let share = try served.share(of: 12)
            #expect(share.count == 1, "\(share)")
            // The choice outlives a reload.
            try await served.update(.listeners, served.listener, ["timeout_client_data": 40_000])
            #expect(try served.share(of: 6).keys == share.keys)

            try await served.update(.pools, served.pool, ["session_persistence": nil])
            #expect(try served.client.get(.pools, served.pool)["session_persistence"] == .null)
            #expect(try served.share(of: 12).count == 3)
            try served.delete()
        }

        @Test func httpCookieSticks() async throws {
            let served = try ServedLoadBalancer(
                currentServer().demo(), makeBackends(3), pool: ["session_persistence": ["type": "HTTP_COOKIE"]],
                monitor: [:])
            #expect(
                try served.client.get(.pools, served.pool)["session_persistence"]
                    == [
                        "type": "HTTP_COOKIE", "cookie_name": nil, "persistence_timeout": nil,
                        "persistence_granularity": nil,
                    ])
            try served.expectShare(of: 9, ["b1": 3, "b2": 3, "b3": 3], "clients without the cookie")
            let cookies = try (0..<3).map { _ in
                let answer = try served.fetch()
                return (answer.text, try #require(answer.header("Set-Cookie")?.split(separator: ";").first))
            }
            #expect(Set(cookies.map(\.0)) == ["b1", "b2", "b3"])
            for (name, cookie) in cookies {
                let share = try served.share(of: 6, headers: [("Cookie", String(cookie))])
                #expect(share == [name: 6])
            }
            // When the member is gone, its clients go to another.
            let (name, cookie) = cookies[0]
            let backend = try #require(served.backends.first { $0.name == name })
            backend.stop()
            let moved = try served.share(of: 6, headers: [("Cookie", String(cookie))])
            #expect(moved[name] == nil && moved["503"] == nil, "\(moved)")
            try served.delete()
        }

        @Test func applicationCookieSticks() async throws {
            let backends = try makeBackends(3)
            for backend in backends { backend.setCookie("JSESSIONID") }
            let served = try ServedLoadBalancer(
                currentServer().demo(), backends,
                pool: ["session_persistence": ["type": "APP_COOKIE", "cookie_name": "JSESSIONID"]])
            try served.expectShare(of: 9, ["b1": 3, "b2": 3, "b3": 3], "clients without the cookie")
            for backend in backends {
                let share = try served.share(of: 6, headers: [("Cookie", "a=b; JSESSIONID=\(backend.name)")])
                #expect(share == [backend.name: 6])
            }
            try served.delete()
        }
    }
}
