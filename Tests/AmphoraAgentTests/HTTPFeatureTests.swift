// What clients and members feel of the fields of listeners, pools and members, with the real HAProxy and curl.

import Foundation
import Glibc
import LoadBalancing
import ProviderDrivers
import Synchronization
import Testing

@testable import AmphoraAgent

@Suite(.serialized, .enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(4)))
struct HTTPFeatureTests {
    private static let port = 18_082

    private static func plan(
        _ address: String, _ members: [String], generation: Int64 = 1,
        change: (inout ListenerPlan, inout PoolPlan) -> Void = { _, _ in }
    ) -> LoadBalancerPlan {
        var listener = ListenerPlan(id: id(10), listenerProtocol: .http, port: port, defaultPoolID: id(20))
        var pool = PoolPlan(
            id: id(20), poolProtocol: .http,
            members: members.enumerated().map { .init(id: id(30 + $0), address: $1, port: 9_000) })
        change(&listener, &pool)
        return AmphoraAgentTests.plan(
            addresses: [address], generation: generation, listeners: [listener], pools: [pool])
    }

    private static func url(_ address: String, _ path: String = "/") -> String { "http://\(address):\(port)\(path)" }

    @Test func cookiesKeepClientsWithTheirMember() async throws {
        let backends = try (1...3).map { try HTTPBackend("b\($0)", "127.66.51.\($0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.1"
            var plan = Self.plan(address, backends.map(\.address)) { $1.sessionPersistence = .init(type: .httpCookie) }
            _ = try await fixture.agent.apply(plan)
            let first = try await Curl.get(Self.url(address))
            let cookie = try #require(first.headers["set-cookie"]?.split(separator: ";").first)
            for _ in 0..<5 {
                let answer = try await Curl.get(Self.url(address), "-H", "Cookie: \(cookie)")
                #expect(answer.body == first.body)
                #expect(answer.headers["set-cookie"] == nil, "it is set once")
            }
            // The member does not see the cookie, and a client with that of a member that is gone gets another.
            #expect(backends.allSatisfy { !$0.lastRequest.contains("SRV=") })
            plan.generation = 2
            plan.pools[0].members.removeAll { $0.id.string == cookie.dropFirst(4) }
            #expect(plan.pools[0].members.count == 2)
            _ = try await fixture.agent.apply(plan)
            let moved = try await Curl.get(Self.url(address), "-H", "Cookie: \(cookie)")
            #expect(moved.body != first.body)
            #expect(moved.headers["set-cookie"] != nil)
        }
    }

    @Test func theCookieOfTheApplicationKeepsClientsWithTheirMember() async throws {
        let count = Mutex(0)
        let backends = try (1...3).map { number in
            try RawBackend("127.66.51.\(10 + number)", port: 9_000) { connection in
                while true {
                    let head = String(decoding: connection.receive(until: "\r\n\r\n"), as: UTF8.self)
                    guard !head.isEmpty else { return }
                    let session = count.withLock {
                        $0 += 1
                        return "s\($0)"
                    }
                    let cookie = head.contains("sid=") ? "" : "Set-Cookie: sid=\(session); Path=/\r\n"
                    connection.send("HTTP/1.1 200 OK\r\n\(cookie)Content-Length: 2\r\n\r\nb\(number)")
                }
            }
        }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.2"
            let plan = Self.plan(address, (11...13).map { "127.66.51.\($0)" }) {
                $1.sessionPersistence = .init(type: .appCookie, cookieName: "sid")
            }
            _ = try await fixture.agent.apply(plan)
            var members: Set<String> = []
            for _ in 0..<3 {
                let first = try await Curl.get(Self.url(address))
                members.insert(first.body)
                let cookie = try #require(first.headers["set-cookie"]?.split(separator: ";").first)
                for _ in 0..<4 {
                    #expect(try await Curl.get(Self.url(address), "-H", "Cookie: x=y; \(cookie)").body == first.body)
                }
            }
            #expect(members.count > 1, "sessions are spread")
        }
    }

    @Test func sourceAddressesKeepClientsWithTheirMember() async throws {
        let backends = try (1...3).map { try HTTPBackend("b\($0)", "127.66.51.\(20 + $0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.3"
            _ = try await fixture.agent.apply(
                Self.plan(address, backends.map(\.address)) { $1.sessionPersistence = .init(type: .sourceIP) })
            var members: Set<String> = []
            for client in 1...6 {
                let source = "127.66.60.\(client)"
                var answers: Set<String> = []
                for _ in 0..<4 {
                    answers.insert(try await Curl.get(Self.url(address), "--interface", source).body)
                }
                #expect(answers.count == 1, "client \(client)")
                members.formUnion(answers)
            }
            #expect(members.count > 1, "clients are spread")
        }
    }

    @Test func insertedHeaders() async throws {
        let backend = try HTTPBackend("b1", "127.66.51.31")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.4"
            let names = [
                "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-IP", "X-Client-IP",
                "X-Real-IP",
            ]
            _ = try await fixture.agent.apply(
                Self.plan(address, [backend.address]) { listener, _ in
                    listener.insertHeaders = Dictionary(uniqueKeysWithValues: names.map { ($0, "true") })
                })
            // What the client claims does not reach the member, but for the chain of X-Forwarded-For.
            _ = try await Curl.get(
                Self.url(address), "--interface", "127.66.60.9", "-H", "X-Real-IP: 6.6.6.6", "-H",
                "X-Forwarded-For: 6.6.6.6")
            let lines = Set(backend.lastRequest.lowercased().split(separator: "\r\n").map(String.init))
            for expected in [
                "x-forwarded-for: 6.6.6.6", "x-forwarded-for: 127.66.60.9", "x-forwarded-port: \(Self.port)",
                "x-forwarded-proto: http", "x-forwarded-ip: 127.66.60.9", "x-client-ip: 127.66.60.9",
                "x-real-ip: 127.66.60.9",
            ] {
                #expect(lines.contains(expected), "\(expected) is not in \(lines)")
            }
            #expect(!lines.contains("x-real-ip: 6.6.6.6"))
        }
    }

    @Test func limitsAndTimeouts() async throws {
        let silent = try RawBackend("127.66.51.41", port: 9_000) { connection in
            _ = connection.receive(until: "\r\n\r\n")
            sleep(3)
        }
        let backend = try HTTPBackend("b1", "127.66.51.42")
        defer {
            silent.stop()
            backend.stop()
        }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.5"
            var plan = Self.plan(address, ["127.66.51.41"]) { listener, _ in
                listener.timeouts = .init(clientData: 700, memberConnect: 300, memberData: 600)
            }
            _ = try await fixture.agent.apply(plan)
            // A member that says nothing.
            var start = ContinuousClock.now
            #expect(try await Curl.get(Self.url(address)).status == 504)
            #expect((.milliseconds(500)...(.seconds(3))).contains(ContinuousClock.now - start))
            // A client that says nothing.
            start = .now
            let client = try #require(RawConnection(address, Self.port))
            client.send("GET / HT")
            #expect(String(decoding: client.receive(until: "\r\n\r\n"), as: UTF8.self).contains(" 408 "))
            #expect((.milliseconds(500)...(.seconds(3))).contains(ContinuousClock.now - start))

            // Two connections at a time; the third waits in the kernel until one ends.
            plan.generation = 2
            plan.listeners[0].connectionLimit = 2
            plan.listeners[0].timeouts = .init()
            plan.pools[0].members = [.init(id: id(31), address: backend.address, port: 9_000)]
            _ = try await fixture.agent.apply(plan)
            var one = HTTPConnection(address, Self.port)
            let two = HTTPConnection(address, Self.port)
            #expect(one?.get("/")?.body == "b1" && two?.get("/")?.body == "b1")
            let report10 = await fixture.agent.report(of: id(1))
            #expect(report10?.listeners[id(10)]?.state == .full)
            let third = try #require(RawConnection(address, Self.port))
            third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            var entry = pollfd(fd: third.descriptor, events: Int16(POLLIN), revents: 0)
            #expect(poll(&entry, 1, 500) == 0, "the third gets no answer yet")
            one = nil
            #expect(String(decoding: third.receive(until: "b1"), as: UTF8.self).hasSuffix("b1"))
            withExtendedLifetime(two) {}
        }
    }

    @Test func backupsAndWeights() async throws {
        let backends = try (1...3).map { try HTTPBackend("b\($0)", "127.66.51.\(50 + $0)") }
        // Where the monitor of the first asks.
        let monitor = try HTTPBackend("monitor", "127.66.51.59", port: 9_001)
        defer { for backend in backends + [monitor] { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.6"
            var plan = Self.plan(address, backends.map(\.address)) {
                $1.members[2].isBackup = true
                $1.members[0].monitorAddress = monitor.address
                $1.members[0].monitorPort = 9_001
                $1.healthMonitor = .init(
                    id: id(40), type: .http, delay: 1, timeout: 1, maxRetries: 1, maxRetriesDown: 1)
            }
            _ = try await fixture.agent.apply(plan)
            func answers() async throws -> Set<String> {
                var bodies: Set<String> = []
                for _ in 0..<6 { bodies.insert(try await Curl.get(Self.url(address)).body) }
                return bodies
            }
            #expect(try await answers() == ["b1", "b2"])
            monitor.answer(with: 500)
            #expect(await eventually(within: .seconds(10)) { (try? await answers()) == ["b2"] } != nil)
            backends[1].answer(with: 500)
            #expect(await eventually(within: .seconds(10)) { (try? await answers()) == ["b3"] } != nil)
            monitor.answer(with: 200)
            backends[1].answer(with: 200)
            #expect(await eventually(within: .seconds(10)) { (try? await answers()) == ["b1", "b2"] } != nil)

            // A member that drains keeps its sessions and gets no new ones.
            plan.generation = 2
            plan.pools[0].sessionPersistence = .init(type: .httpCookie)
            _ = try await fixture.agent.apply(plan)
            var cookie = ""
            while cookie.isEmpty {
                let answer = try await Curl.get(Self.url(address))
                if answer.body == "b1" {
                    cookie = answer.headers["set-cookie"].map { String($0.prefix { $0 != ";" }) } ?? ""
                }
            }
            let pid = try fixture.pid(of: id(1))
            plan.generation = 3
            plan.pools[0].members[0].weight = 0
            _ = try await fixture.agent.apply(plan)
            #expect(try await answers() == ["b2"])
            #expect(try await Curl.get(Self.url(address), "-H", "Cookie: \(cookie)").body == "b1")
            #expect(try fixture.pid(of: id(1)) == pid)
        }
    }

    @Test func theProxyProtocolTellsMembersWhoAsks() async throws {
        let received = Mutex<[UInt8]>([])
        let backend = try RawBackend("127.66.51.61", port: 9_000) { connection in
            // The signature of version 2 holds an empty line; the last header of curl is `Accept`.
            let bytes = connection.receive(until: "*/*\r\n\r\n")
            received.withLock { $0 = bytes }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nb1")
        }
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.7"
            for (index, kind) in [PoolProtocol.proxy, .proxyV2].enumerated() {
                _ = try await fixture.agent.apply(
                    Self.plan(address, ["127.66.51.61"], generation: Int64(index + 1)) { $1.poolProtocol = kind })
                #expect(try await Curl.get(Self.url(address), "--interface", "127.66.60.7").body == "b1")
                let bytes = received.withLock { $0 }
                if kind == .proxy {
                    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("PROXY TCP4 127.66.60.7 \(address) "))
                } else {
                    // Signature, version 2 PROXY, TCP over IPv4, 12 bytes of addresses.
                    let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, 0x21, 0x11]
                    #expect(Array(bytes.prefix(14)) == signature)
                    #expect(Array(bytes.dropFirst(16).prefix(8)) == [127, 66, 60, 7, 127, 66, 14, 7])
                }
            }
        }
    }

    @Test func webSocketsPass() async throws {
        let backend = try RawBackend("127.66.51.71", port: 9_000) { connection in
            let head = String(decoding: connection.receive(until: "\r\n\r\n"), as: UTF8.self).lowercased()
            guard head.contains("upgrade: websocket") else { return }
            connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
            while true {
                let bytes = connection.receive()
                if bytes.isEmpty { return }
                connection.send(bytes)
            }
        }
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.8"
            var plan = Self.plan(address, ["127.66.51.71"])
            _ = try await fixture.agent.apply(plan)
            let client = try #require(RawConnection(address, Self.port))
            client.send(
                "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            #expect(String(decoding: client.receive(until: "\r\n\r\n"), as: UTF8.self).hasPrefix("HTTP/1.1 101 "))
            let frame: [UInt8] = [0x81, 0x82, 1, 2, 3, 4, 0x69, 0x6B]
            client.send(frame)
            #expect(client.receive() == frame)
            // It outlives a reload.
            plan.generation = 2
            plan.listeners[0].timeouts.clientData = 12_345
            _ = try await fixture.agent.apply(plan)
            client.send(frame)
            #expect(client.receive() == frame)
        }
    }

    @Test func http2WithPriorKnowledge() async throws {
        let backend = try HTTPBackend("b1", "127.66.51.81")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.9"
            _ = try await fixture.agent.apply(
                Self.plan(address, [backend.address]) { listener, _ in
                    listener.l7Policies = [
                        .init(
                            id: id(40), action: .reject, rules: [rule(50, .hostName, .equalTo, "no.example.com")])
                    ]
                })
            let (_, text) = try await Curl.run(
                "curl", ["-s", "--http2-prior-knowledge", "-w", " %{http_version}", Self.url(address)])
            #expect(text == "b1 2")
            let refused = try await Curl.get(
                Self.url(address), "--http2-prior-knowledge", "-H", "Host: no.example.com")
            #expect(refused.status == 403)
        }
    }

    @Test func thousandsOfNetworks() async throws {
        let backend = try HTTPBackend("b1", "127.66.51.91")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.10"
            var networks: [String] = []
            for number in 0..<2_500 {
                networks.append("10.\(number / 250).\(number % 250).0/24")
                networks.append("2001:db8:\(String(number, radix: 16))::/48")
            }
            func apply(_ more: [String], _ generation: Int64) async throws {
                let plan = Self.plan(address, [backend.address], generation: generation) { listener, _ in
                    listener.allowedCIDRs = networks + more
                }
                let start = ContinuousClock.now
                #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
                print("MEASURED \(networks.count + more.count) networks: \(ContinuousClock.now - start)")
            }
            try await apply(["127.66.61.1/32"], 1)
            let pid = try fixture.pid(of: id(1))
            func passes(_ source: String) async throws -> Bool {
                try await Curl.get(Self.url(address), "--interface", source).body == "b1"
            }
            #expect(try await passes("127.66.61.1"))
            #expect(try await !passes("127.66.61.2"))
            try await apply(["127.66.61.2/32", "127.66.62.0/25"], 2)
            #expect(try await !passes("127.66.61.1"))
            #expect(try await passes("127.66.61.2"))
            #expect(try await passes("127.66.62.127"))
            #expect(try await !passes("127.66.62.128"))
            #expect(try fixture.pid(of: id(1)) == pid, "no reload")
            let file = SmallFile.read("\(fixture.directory)/amphora/\(id(1))/acl-\(id(10))")
            #expect(file?.split(separator: "\n").count == 5_002)
            // HAProxy knows what the file says.
            let client = HAProxyRuntimeClient(folder: "\(fixture.directory)/amphora/\(id(1))")
            let shown = try await client.ask("show acl ../acl-\(id(10))")
            #expect(
                Set(shown.split(separator: "\n").compactMap { $0.split(separator: " ").last })
                    == Set(try #require(file).split(separator: "\n")))
        }
    }

    @Test func metrics() async throws {
        let backend = try HTTPBackend("b1", "127.66.51.101")
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.11"
            var plan = Self.plan(address, [backend.address])
            plan.listeners.append(
                .init(
                    id: id(11), listenerProtocol: .prometheus, port: Self.port + 1000, allowedCIDRs: ["127.66.61.0/24"])
            )
            var other = Self.plan("127.66.14.12", [backend.address])
            other.loadBalancerID = id(2)
            other.listeners[0].id = id(12)
            #expect(try await fixture.agent.apply(plan) == ApplyOutcome())
            #expect(try await fixture.agent.apply(other) == ApplyOutcome())
            for _ in 0..<3 { #expect(try await Curl.get(Self.url(address)).body == "b1") }
            let url = "http://\(address):\(Self.port + 1000)"
            let answer = try await Curl.get("\(url)/metrics", "--interface", "127.66.61.5")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"]?.hasPrefix("text/plain") == true)
            let pool = "pool=\"\(id(20)):\(id(10))\""
            for line in [
                "# TYPE octavia_listener_http_requests_total counter",
                "octavia_listener_http_requests_total{listener=\"\(id(10))\"} 3",
                "octavia_listener_status{listener=\"\(id(10))\",state=\"UP\"} 1",
                "octavia_listener_http_responses_total{listener=\"\(id(10))\",code=\"2xx\"} 3",
                "octavia_pool_status{\(pool),state=\"UP\"} 1", "octavia_pool_active_members{\(pool)} 1",
                "octavia_pool_backup_members{\(pool)} 0", "octavia_pool_member_aborts_total{\(pool)} 0",
                "octavia_member_status{\(pool),member=\"\(id(30))\",state=\"UP\"} 1",
                "octavia_member_sessions_total{\(pool),member=\"\(id(30))\"} 3",
                "octavia_member_server_aborts_total{\(pool),member=\"\(id(30))\"} 0",
                "# TYPE octavia_loadbalancer_current_connections gauge", "# TYPE octavia_loadbalancer_cpu gauge",
                "# TYPE octavia_loadbalancer_memory gauge", "# TYPE octavia_memory_pool_used_bytes gauge",
            ] { #expect(answer.body.contains("\n\(line)"), "\(line)") }
            // Every line is a comment or a sample of Octavia's (Prometheus, "Text-based format").
            let foreign = answer.body.split(separator: "\n").filter {
                !$0.hasPrefix("octavia_") && !$0.hasPrefix("# HELP octavia_") && !$0.hasPrefix("# TYPE octavia_")
            }
            #expect(foreign == [])
            #expect(!answer.body.contains("prometheus-exporter") && !answer.body.contains("haproxy_"))
            #expect(!answer.body.contains("\(id(12))"), "nothing of other load balancers")
            #expect(try await Curl.get("\(url)/", "--interface", "127.66.61.5").status == 404)
            let stranger = try await Curl.get("\(url)/metrics", "--interface", "127.66.62.5")
            #expect(stranger.status == 0)
            let report11 = await fixture.agent.report(of: id(1))
            #expect(report11?.listeners[id(11)]?.state == .open)
        }
    }

    @Test func errorsHaveAPage() async throws {
        let broken = try RawBackend("127.66.51.111", port: 9_000) { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send("no HTTP\r\n\r\n")
        }
        // A member's own errors are not touched, whatever they look like.
        let failing = try RawBackend("127.66.51.112", port: 9_000) { connection in
            _ = connection.receive(until: "\r\n\r\n")
            connection.send(
                "HTTP/1.1 503 X\r\nContent-Type: text/x-own\r\nContent-Length: 3\r\nConnection: close\r\n\r\nown")
        }
        defer {
            broken.stop()
            failing.stop()
        }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.13"
            var plan = Self.plan(address, []) { listener, _ in
                listener.l7Policies = [
                    .init(id: id(40), action: .reject, rules: [rule(50, .path, .startsWith, "/no")])
                ]
            }
            _ = try await fixture.agent.apply(plan)
            func check(_ path: String, _ status: Int, _ words: String) async throws {
                let page = try await Curl.get(Self.url(address, path), "-H", "Accept: text/html,*/*;q=0.8")
                #expect(page.status == status)
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["x-ottava-page"] == nil)
                #expect(page.body == ErrorPage.html(status))
                #expect(page.body.contains(words))
                let json = try await Curl.get(Self.url(address, path), "-H", "Accept: application/json, text/plain")
                #expect(json.status == status)
                #expect(json.headers["content-type"] == "application/json")
                let object = try JSONSerialization.jsonObject(with: Data(json.body.utf8)) as? [String: Any]
                #expect(object?["code"] as? Int == status)
                #expect((object?["message"] as? String)?.contains(words) == true)
            }
            try await check("/", 503, "No server is available")
            try await check("/no", 403, "does not let this request through")
            plan.generation = 2
            plan.pools[0].members = [.init(id: id(30), address: "127.66.51.111", port: 9_000)]
            _ = try await fixture.agent.apply(plan)
            try await check("/", 502, "no valid answer")
            plan.generation = 3
            plan.pools[0].members = [.init(id: id(31), address: "127.66.51.112", port: 9_000)]
            _ = try await fixture.agent.apply(plan)
            let own = try await Curl.get(Self.url(address), "-H", "Accept: application/json")
            #expect(own.body == "own")
            #expect(own.headers["content-type"] == "text/x-own")

            // An owner's own pages; what cannot be one is left out.
            let page = "<h1>We'll be \"back\" 100% %[src]\n${HOME} \\ é</h1>\n"
            plan.generation = 4
            plan.pools[0].members = []
            plan.listeners[0].errorPages = [503: page, 999: "x", 502: String(repeating: "x", count: 8_193)]
            _ = try await fixture.agent.apply(plan)
            let shown = try await Curl.get(Self.url(address), "-H", "Accept: application/json")
            #expect(shown.status == 503)
            #expect(shown.body == page)
            #expect(shown.headers["content-type"] == "text/html; charset=utf-8")
            plan.generation = 5
            plan.listeners[0].errorPages = [503: "new", 403: String(repeating: "é", count: 4_096)]
            _ = try await fixture.agent.apply(plan)
            #expect(try await Curl.get(Self.url(address)).body == "new")
            #expect(try await Curl.get(Self.url(address, "/no")).body.utf8.count == 8_192)
            plan.generation = 6
            plan.listeners[0].errorPages = [:]
            _ = try await fixture.agent.apply(plan)
            #expect(try await Curl.get(Self.url(address)).body == ErrorPage.html(503))
            #expect(
                !SmallFile.entries(of: "\(fixture.directory)/amphora/\(id(1))").contains { $0.hasPrefix("error-") })
        }
    }

    @Test func nothingIsLostFromTheCountersOfOldConnections() async throws {
        let size = 300_000
        let backend = try RawBackend("127.66.51.121", port: 9_000) { connection in
            while !connection.receive(until: "\n").isEmpty {
                connection.send([UInt8](repeating: 0x78, count: size))
            }
        }
        defer { backend.stop() }
        try await AgentFixture.run { fixture in
            let address = "127.66.14.14"
            var plan = Self.plan(address, ["127.66.51.121"]) { listener, pool in
                listener.listenerProtocol = .tcp
                pool.poolProtocol = .tcp
            }
            _ = try await fixture.agent.apply(plan)
            func exchange(_ client: RawConnection) {
                client.send("give me\n")
                var count = 0
                while count < size {
                    let bytes = client.receive()
                    if bytes.isEmpty { break }
                    count += bytes.count
                }
                #expect(count == size)
            }
            func statistics() async -> ListenerStatistics {
                (await fixture.agent.report(of: id(1)))?.listeners[id(10)]?.statistics ?? .init()
            }
            var clients: [RawConnection] = []
            var pids: [Int32] = []
            var last = ListenerStatistics()
            // Each reload leaves a process with a connection behind.
            for round in 1...3 {
                let client = try #require(RawConnection(address, Self.port))
                exchange(client)
                clients.append(client)
                pids.append(try fixture.pid(of: id(1)))
                plan.generation += 1
                plan.listeners[0].timeouts.clientData = 50_000 + round
                _ = try await fixture.agent.apply(plan)
                let now = await statistics()
                #expect(now.activeConnections == Int64(round), "old connections are open connections")
                #expect(now.totalConnections >= last.totalConnections && now.bytesOut >= last.bytesOut)
                last = now
            }
            #expect(Set(pids).count == 3)
            for client in clients { exchange(client) }
            clients = []
            let expected = ListenerStatistics(
                bytesIn: 6 * 8, bytesOut: Int64(6 * size), activeConnections: 0, totalConnections: 3, requestErrors: 0)
            let complete = await eventually(within: .seconds(10)) { await statistics() == expected }
            let reached = await statistics()
            #expect(complete != nil, "\(reached)")
            // Nothing keeps them any more.
            let gone = await eventually(within: .seconds(10)) { pids.allSatisfy { ProcessIdentity(pid: $0) == nil } }
            #expect(gone != nil)
            // The next agent goes on from there.
            await fixture.agent.shutdown(stopDataPlane: false)
            let next = try await AgentFixture(directory: fixture.directory)
            let report10 = await next.agent.report(of: id(1))
            #expect(report10?.listeners[id(10)]?.statistics == expected)
            await next.agent.shutdown(stopDataPlane: true)
        }
    }
}
