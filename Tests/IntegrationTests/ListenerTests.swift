// What a listener lets in, and what it adds.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct ListenerTests {
        @Test func allowedNetworksBlockOthers() async throws {
            let served = try ServedLoadBalancer(
                currentServer().demo(), makeBackends(1), listener: ["allowed_cidrs": ["10.0.0.0/8", "192.0.2.7"]])
            #expect(
                try served.client.get(.listeners, served.listener)["allowed_cidrs"] == ["10.0.0.0/8", "192.0.2.7/32"])
            #expect(throws: ConnectionFailure.closed) { try served.fetch() }
            try await served.update(.listeners, served.listener, ["allowed_cidrs": ["10.0.0.0/8", "127.0.0.0/8"]])
            #expect(try served.fetch().text == "b1")
            try await served.update(.listeners, served.listener, ["allowed_cidrs": ["10.0.0.0/8"]])
            #expect(throws: ConnectionFailure.closed) { try served.fetch() }
            try await served.update(.listeners, served.listener, ["allowed_cidrs": []])
            #expect(try served.client.get(.listeners, served.listener)["allowed_cidrs"] == .null)
            #expect(try served.fetch().text == "b1")
            try served.delete()
        }

        @Test func errorPagesAreTheOwners() async throws {
            let own = "<!DOCTYPE html><h1>We'll be \"back\" soon, 100% %[src] ${HOME} é</h1>\n"
            let served = try ServedLoadBalancer(
                currentServer().demo(), [], listener: ["error_pages": ["503": .string(own)]])
            func page(accepting type: String) throws -> HTTPAnswer {
                let answer = try served.fetch(headers: [("Accept", type)])
                #expect(answer.status == 503)
                return answer
            }
            #expect(
                try served.client.get(.listeners, served.listener)["error_pages"] == ["503": .string(own)])
            for type in ["text/html", "application/json"] {
                let answer = try page(accepting: type)
                #expect(answer.text == own)
                #expect(answer.header("content-type") == "text/html; charset=utf-8")
            }
            // Wrong ones change nothing.
            let wrong: [(JSONValue, String)] = [
                (["404": "x"], "404"), (["503": ""], "error_pages"),
                (["503": .string(String(repeating: "é", count: 4_097))], "8192"), ("x", "error_pages"),
            ]
            for (value, word) in wrong {
                let answer = try served.client.send(
                    "PUT", "\(Collection.listeners.path)/\(served.listener)",
                    ["listener": ["error_pages": value]])
                #expect(answer.status == 400)
                #expect(answer.text.contains(word), "\(answer.text)")
            }
            #expect(try page(accepting: "text/html").text == own)
            try await served.update(.listeners, served.listener, ["error_pages": ["503": "new", "403": "no"]])
            #expect(try page(accepting: "text/html").text == "new")
            // Without one there are the usual ones: HTML for people, JSON for programs.
            try await served.update(.listeners, served.listener, ["error_pages": nil])
            #expect(try served.client.get(.listeners, served.listener)["error_pages"] == nil)
            let html = try page(accepting: "text/html")
            #expect(html.header("content-type") == "text/html; charset=utf-8")
            #expect(html.text.contains("<h1>503 Service Unavailable</h1>"))
            let json = try page(accepting: "application/json")
            #expect(json.header("content-type") == "application/json")
            #expect(json.json["code"] == 503)
            try served.delete()
        }

        @Test func headersArriveAtTheBackend() async throws {
            let served = try ServedLoadBalancer(
                currentServer().demo(), makeBackends(1),
                listener: [
                    "insert_headers": [
                        "X-Forwarded-For": "true", "X-Forwarded-Port": "true", "X-Forwarded-Proto": "true",
                    ]
                ])
            let backend = served.backends[0]
            #expect(try served.fetch().status == 200)
            let request = backend.lastRequest
            #expect(request.contains("x-forwarded-for: 127."), "\(request)")
            #expect(request.contains("x-forwarded-port: \(served.port)"), "\(request)")
            #expect(request.contains("x-forwarded-proto: http"), "\(request)")
            try await served.update(.listeners, served.listener, ["insert_headers": [:]])
            #expect(try served.fetch().status == 200)
            #expect(!backend.lastRequest.contains("x-forwarded"), "\(backend.lastRequest)")
            try served.delete()
        }

        @Test func connectionLimitHolds() async throws {
            let served = try ServedLoadBalancer(
                currentServer().demo(), makeBackends(1), listener: ["connection_limit": 2])
            #expect(try served.fetch().status == 200)
            let first = try HTTPConnection(to: served.address, port: served.port)
            #expect(try first.request().status == 200)
            let second = try HTTPConnection(to: served.address, port: served.port)
            #expect(try second.request().status == 200)
            #expect(throws: ConnectionFailure.timedOut, "a third one waits") {
                try served.fetch(limit: .milliseconds(400))
            }
            // A higher limit lets it in at once, and costs those who are in nothing.
            let start = ContinuousClock.now
            try await served.update(.listeners, served.listener, ["connection_limit": -1])
            #expect(try served.fetch().status == 200)
            let duration = ContinuousClock.now - start
            #expect(duration < .seconds(2), "HAProxy must not hang when its limit changes")
            for connection in [first, second] {
                let answer = try? connection.request()
                #expect(answer?.status == 200, "a connection from before the change")
            }
            try served.delete()
        }

        @Test func disabledListenerRefusesConnections() async throws {
            let served = try ServedLoadBalancer(currentServer().demo(), makeBackends(1))
            try await served.update(.listeners, served.listener, ["admin_state_up": false])
            #expect(throws: ConnectionFailure.self) { try served.fetch() }
            #expect(try served.client.get(.listeners, served.listener)["operating_status"] == "OFFLINE")
            try await served.update(.listeners, served.listener, ["admin_state_up": true])
            #expect(try served.fetch().text == "b1")

            // The same for the whole load balancer.
            try await served.update(.loadBalancers, served.id, ["admin_state_up": false])
            #expect(throws: ConnectionFailure.self) { try served.fetch() }
            try await served.client.wait(for: "OFFLINE", of: .loadBalancers, served.id)
            try await served.update(.loadBalancers, served.id, ["admin_state_up": true])
            #expect(try served.fetch().text == "b1")
            try await served.client.wait(for: "ONLINE", of: .loadBalancers, served.id)
            try served.delete()
        }

        @Test func disabledPoolGetsNoTraffic() async throws {
            let served = try ServedLoadBalancer(currentServer().demo(), makeBackends(1))
            try await served.update(.pools, served.pool, ["admin_state_up": false])
            #expect(try served.fetch().status == 503)
            try await served.update(.pools, served.pool, ["admin_state_up": true])
            #expect(try served.fetch().text == "b1")
            try served.delete()
        }

        @Test func tcpListenerBalancesConnections() async throws {
            let served = try ServedLoadBalancer(
                currentServer().demo(), makeBackends(2), protocol: "TCP", monitor: ["type": "TCP"])
            try served.expectShare(of: 10, ["b1": 5, "b2": 5])
            // Here a connection, not a request, has a backend.
            let connection = try HTTPConnection(to: served.address, port: served.port)
            let answers = try (0..<5).map { _ in try connection.request().text }
            #expect(Set(answers).count == 1)
            try served.delete()
        }

        @Test func listenersShareAnAddressAndAPool() async throws {
            let served = try ServedLoadBalancer(currentServer().demo(), makeBackends(2))
            let port = Ports.free()
            let second = try served.client.create(
                .listeners,
                [
                    "loadbalancer_id": .string(served.id), "protocol": "HTTP", "protocol_port": .integer(Int64(port)),
                    "default_pool_id": .string(served.pool),
                ])
            try await served.client.settle(served.id)
            #expect(try fetch(served.address, port).status == 200)
            #expect(try served.fetch().status == 200)
            #expect(try served.client.get(.pools, served.pool)["listeners"]?.array?.count == 2)
            let clash = try served.client.send(
                "POST", "listeners",
                [
                    "listener": [
                        "loadbalancer_id": .string(served.id), "protocol": "TCP",
                        "protocol_port": .integer(Int64(port)),
                    ]
                ])
            #expect(clash.status == 409)
            try served.client.delete(.listeners, #require(second["id"]?.string))
            try await served.client.settle(served.id)
            #expect(throws: ConnectionFailure.self) { try fetch(served.address, port) }
            #expect(try served.fetch().status == 200)
            try served.delete()
        }
    }
}
