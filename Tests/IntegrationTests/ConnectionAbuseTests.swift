// Clients that do not speak HTTP, or do so slowly, or too many at once.

internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite(.server) struct ConnectionAbuseTests {
        @Test func garbageIsRefused() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let endless = String(repeating: "a", count: 200_000)
            let requests = [
                "\0\0\0\0", "\u{16}\u{3}\u{1}\0\u{5}hello", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
                "GET /\(endless) HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: \(endless)\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 20_000) + "\r\n",
                "CONNECT 127.0.0.1:22 HTTP/1.1\r\n\r\n", "GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: \"'<x>\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            ]
            for request in requests {
                let socket = try TCPSocket.connect(to: "127.0.0.1", port: server.port, limit: .seconds(1))
                try? socket.send(Array(request.utf8))
                let answer = String(decoding: (try? socket.receive()) ?? [], as: UTF8.self)
                #expect(!answer.hasPrefix("HTTP/1.1 5"), "\(request.prefix(60)): \(answer.prefix(200))")
                #expect(try client.send("GET", "loadbalancers").status == 200, "after \(request.prefix(60))")
            }
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<50 {
                let socket = try TCPSocket.connect(to: "127.0.0.1", port: server.port, limit: .milliseconds(50))
                try? socket.send(
                    (0..<Int.random(in: 1...2_000)).map { _ in UInt8.random(in: 0...255, using: &generator) })
                _ = try? socket.receive()
            }
            #expect(try client.send("GET", "loadbalancers").status == 200)
        }

        @Test func unknownMethodsAreNotAllowed() async throws {
            let server = try currentServer()
            let socket = try TCPSocket.connect(to: "127.0.0.1", port: server.port)
            // One that is known before it: its answer is not touched.
            try socket.send(
                Array(
                    "GET /load-balancer/ HTTP/1.1\r\nHost: a\r\n\r\nBREW /load-balancer/ HTTP/1.1\r\nHost: a\r\n\r\n"
                        .utf8))
            var answer = ""
            while !answer.contains("Method Not Allowed\""), let bytes = try? socket.receive(), !bytes.isEmpty {
                answer += String(decoding: bytes, as: UTF8.self)
            }
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
            #expect(answer.contains("HTTP/1.1 405 Method Not Allowed\r\n"), "\(answer)")
            #expect(answer.hasSuffix(#"{"code":405,"title":"Method Not Allowed","description":""}"#), "\(answer)")
        }

        @Test func bodiesAreRefusedBeforeTheyAreRead() async throws {
            let server = try currentServer()
            let client = try server.demo()
            // It never sends what it announces; the answer comes nevertheless.
            let socket = try TCPSocket.connect(to: "127.0.0.1", port: server.port)
            let head =
                "POST /load-balancer/v2.0/lbaas/loadbalancers HTTP/1.1\r\nHost: a\r\nX-Auth-Token: "
                + "\(client.token ?? "")\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n{"
            try socket.send(Array(head.utf8))
            let answer = String(decoding: try socket.receive(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer.prefix(300))")
            // Chunks without end.
            let chunked = try TCPSocket.connect(to: "127.0.0.1", port: server.port)
            try chunked.send(
                Array(
                    ("POST /load-balancer/v2.0/lbaas/loadbalancers HTTP/1.1\r\nHost: a\r\nX-Auth-Token: "
                        + "\(client.token ?? "")\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n").utf8))
            let chunk = Array(("10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n").utf8)
            var sent = 0
            for _ in 0..<200 {
                guard (try? chunked.send(chunk)) != nil else { break }
                sent += 65_536
            }
            let refused = String(decoding: (try? chunked.receive()) ?? [], as: UTF8.self)
            #expect(refused.hasPrefix("HTTP/1.1 413") || (refused.isEmpty && sent < 13_000_000), "\(refused)")
            for type in ["text/plain", "application/xml", "application/jsonx"] {
                let wrong = try client.send(
                    "POST", "loadbalancers", bytes: Array("{}".utf8), headers: [("Content-Type", type)])
                #expect(wrong.status == 415, "\(type): \(wrong.text)")
            }
            let accept = try client.send("GET", "loadbalancers", bytes: nil, headers: [("Accept", "text/html")])
            #expect(accept.status == 406)
        }

        @Test func slowAndHalfRequestsHinderNobody() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let half = try (0..<100).map { index in
                let socket = try TCPSocket.connect(to: "127.0.0.1", port: server.port)
                let text = "POST /load-balancer/v2.0/lbaas/loadbalancers HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n"
                try socket.send(Array(index % 2 == 0 ? text.utf8 : (text + "\r\n{\"a").utf8))
                return socket
            }
            let slow = try TCPSocket.connect(to: "127.0.0.1", port: server.port)
            for byte in Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8) {
                try slow.send([byte])
                let start = ContinuousClock.now
                #expect(try client.send("GET", "loadbalancers").status == 200)
                #expect(ContinuousClock.now - start < .seconds(1))
                try await Task.sleep(for: .milliseconds(10))
            }
            let answer = String(decoding: try slow.receive(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 "), "\(answer)")
            for socket in half[..<50] { socket.shutdown() }
            #expect(try client.send("GET", "loadbalancers").status == 200)
            withExtendedLifetime(half) {}
        }

        @Test func twoHundredConnectionsAtOnce() async throws {
            let server = try currentServer()
            let client = try server.demo()
            let request =
                "GET /load-balancer/v2.0/lbaas/loadbalancers HTTP/1.1\r\nHost: a\r\nX-Auth-Token: \(client.token ?? "")"
                + "\r\n\r\n"
            let sockets = try (0..<200).map { _ in try TCPSocket.connect(to: "127.0.0.1", port: server.port) }
            for _ in 0..<3 {
                for socket in sockets { try socket.send(Array(request.utf8)) }
                for socket in sockets {
                    let answer = String(decoding: try socket.receive(), as: UTF8.self)
                    #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer.prefix(200))")
                }
            }
        }
    }
}
