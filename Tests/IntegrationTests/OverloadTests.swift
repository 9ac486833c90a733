// Far more requests than the service takes: it says so, keeps its memory, and still tells how it is.

internal import Foundation
internal import Glibc
internal import JSON
internal import Synchronization
internal import TestSupport
internal import Testing

extension IntegrationTests {
    @Suite struct OverloadTests {
        private static let small = [
            "OTTAVA_NO_OP": "true", "OTTAVA_CONCURRENT_REQUESTS": "4", "OTTAVA_WAITING_REQUESTS": "8",
            "OTTAVA_REQUESTS_PER_TOKEN": "8", "OTTAVA_REQUESTS_PER_PROJECT": "2",
        ]

        @Test func aFloodIsAnsweredAndMemoryStays() async throws {
            var environment = Self.small
            // Changes that wait for work which nobody does hold their places.
            environment["OTTAVA_SETTLE_MILLISECONDS"] = "300"
            try await ServerProcess.with(environment: environment) { server in
                let clients = [try server.demo(), try server.admin()]
                let body: JSONValue = ["loadbalancer": ["vip_subnet_id": .string(UUID().uuidString)]]
                _ = try clients[0].send("POST", "loadbalancers", body)
                let before = try #require(ProcessTable.residentMemory(of: server.child?.pid ?? 0))
                let counts = Mutex<[Int: Int]>([:])
                let withoutRetry = Mutex(0)
                let end = ContinuousClock.now + .seconds(4)
                let threads = (0..<48).map { number in
                    Thread {
                        let client = clients[number % 2]
                        while ContinuousClock.now < end {
                            let isWrite = number % 3 == 0
                            let answer = try? client.send(
                                isWrite ? "POST" : "GET", "loadbalancers", isWrite ? body : nil)
                            counts.withLock { $0[answer?.status ?? 0, default: 0] += 1 }
                            if [429, 503].contains(answer?.status), answer?.header("retry-after") == nil {
                                withoutRetry.withLock { $0 += 1 }
                            }
                        }
                    }
                }
                for thread in threads { thread.start() }
                var slowest = Duration.zero
                var most = 0
                while ContinuousClock.now < end {
                    for path in ["/healthcheck", "/metrics"] {
                        let start = ContinuousClock.now
                        let answer = try HTTPConnection(to: "127.0.0.1", port: server.port, limit: .seconds(15))
                            .request("GET", path)
                        #expect(answer.status == 200, "\(path): \(answer.text.prefix(200))")
                        slowest = max(slowest, ContinuousClock.now - start)
                    }
                    most = max(most, ProcessTable.residentMemory(of: server.child?.pid ?? 0) ?? 0)
                    try await Task.sleep(for: .milliseconds(50))
                }
                try await eventually("clients end", within: .seconds(40)) { threads.allSatisfy(\.isFinished) }
                let found = counts.withLock { $0 }
                print(
                    "answers: \(found); status pages within \(slowest); memory \(before >> 20) MiB, then \(most >> 20)")
                #expect(Set(found.keys).isSubset(of: [200, 201, 429, 503]), "\(found)")
                #expect((found[429] ?? 0) + (found[503] ?? 0) > 0 && found[200, default: 0] > 0)
                #expect(withoutRetry.withLock { $0 } == 0)
                #expect(most < before + (96 << 20))
                let page = try StatusPage(port: server.port)
                let refused = ["busy", "caller", "project"].compactMap {
                    page.value("ottava_http_requests_refused_total", ["reason": $0])
                }
                #expect(Int(refused.reduce(0, +)) == (found[429] ?? 0) + (found[503] ?? 0))
                // Calm again: everything is answered.
                #expect(try clients[0].send("GET", "loadbalancers").status == 200)
                #expect(page.value("ottava_http_requests_waiting") == 0)
                #expect(page.value("ottava_http_body_bytes") == 0)
            }
        }

        @Test func bodiesThatComeSlowlyTakeNoMoreThanTheirShare() async throws {
            var environment = Self.small
            environment["OTTAVA_BODY_MEGABYTES"] = "1"
            environment["OTTAVA_REQUESTS_PER_TOKEN"] = "100"
            try await ServerProcess.with(environment: environment) { server in
                let client = try server.demo()
                let head =
                    "POST /load-balancer/v2.0/lbaas/loadbalancers HTTP/1.1\r\nHost: a\r\nX-Auth-Token: "
                    + "\(client.token ?? "")\r\nContent-Type: application/json\r\nContent-Length: 700000\r\n\r\n"
                let half = Array(head.utf8) + Array(repeating: UInt8(ascii: " "), count: 600_000)
                let first = try TCPSocket.connect(to: "127.0.0.1", port: server.port, limit: .seconds(10))
                try first.send(half)
                try await eventually("the first body is kept", within: .seconds(20)) {
                    (try StatusPage(port: server.port).value("ottava_http_body_bytes") ?? 0) == 600_000
                }
                let second = try TCPSocket.connect(to: "127.0.0.1", port: server.port, limit: .seconds(10))
                try? second.send(half)
                let answer = String(decoding: try second.receive(), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 503"), "\(answer.prefix(300))")
                #expect(answer.lowercased().contains("retry-after: 1"))
                // Short requests still pass, and what the client gives up is given back.
                #expect(try client.send("GET", "loadbalancers").status == 200)
                first.shutdown()
                try await eventually("the memory is given back", within: .seconds(20)) {
                    (try StatusPage(port: server.port).value("ottava_http_body_bytes") ?? 1) == 0
                }
            }
        }

        @Test func connectionsBeyondTheLimit() async throws {
            var environment = Self.small
            environment["OTTAVA_CONNECTIONS"] = "20"
            try await ServerProcess.with(environment: environment) { server in
                let client = try server.demo()
                let idle = try (0..<20).map { _ in try TCPSocket.connect(to: "127.0.0.1", port: server.port) }
                try await eventually("they count", within: .seconds(20)) {
                    (try? StatusPage(port: server.port).value("ottava_http_connections")) ?? 0 >= 20
                }
                let refused = try client.send("GET", "loadbalancers")
                #expect(refused.status == 503 && refused.header("retry-after") == "1", "\(refused.status)")
                #expect(refused.json["faultstring"]?.string?.contains("too many connections") == true)
                let health = try HTTPConnection(to: "127.0.0.1", port: server.port).request("GET", "/healthcheck")
                #expect(health.status == 200)
                for socket in idle { socket.shutdown() }
                try await eventually("there is room again", within: .seconds(20)) {
                    try client.send("GET", "loadbalancers").status == 200
                }
                // Two hundred at once: far beyond the limit they end at once, and nothing is left of them.
                let flood = (0..<200).compactMap { _ in try? TCPSocket.connect(to: "127.0.0.1", port: server.port) }
                #expect(flood.count == 200)
                try await eventually("status pages answer", within: .seconds(20)) {
                    (try? HTTPConnection(to: "127.0.0.1", port: server.port).request("GET", "/healthcheck").status)
                        == 200
                }
                for socket in flood { socket.shutdown() }
                try await eventually("all are gone", within: .seconds(20)) {
                    (try? StatusPage(port: server.port).value("ottava_http_connections")) == 1
                }
                withExtendedLifetime((idle, flood)) {}
            }
        }
    }
}

extension ProcessTable {
    /// The resident memory of a process in bytes.
    static func residentMemory(of process: Int32) -> Int? {
        Files.text("/proc/\(process)/statm").flatMap { Int($0.split(separator: " ")[1]) }.map { $0 * 4_096 }
    }
}
