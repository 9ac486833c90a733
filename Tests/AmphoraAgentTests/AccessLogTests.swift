// Access logs with the real HAProxy and curl.

import Foundation
import Glibc
import LoadBalancing
import PacketForwarding
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite(.serialized, .enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(2)))
struct AccessLogTests {
    private static let port = 18_083

    @Test(
        arguments: [
            ("/var/log/a b.log", .file("/var/log/a b.log")),
            ("192.0.2.1:514", .syslog(address: "192.0.2.1", port: 514)),
            ("[2001:db8::1]:1514", .syslog(address: "2001:db8::1", port: 1_514)), ("relative.log", nil),
            ("/folder/", nil),
            ("192.0.2.1", nil), ("192.0.2.1:0", nil), ("2001:db8::1:514", nil), ("name:514", nil), ("", nil),
        ] as [(String, AccessLogTarget?)])
    func targets(text: String, target: AccessLogTarget?) {
        #expect(AccessLogTarget(text) == target)
    }

    private static func plan(_ address: String) -> LoadBalancerPlan {
        var plan = AmphoraAgentTests.plan(
            addresses: [address],
            listeners: [
                .init(id: id(10), listenerProtocol: .http, port: port, defaultPoolID: id(20)),
                .init(id: id(11), listenerProtocol: .tcp, port: port + 1, defaultPoolID: id(20)),
            ],
            pools: [
                .init(
                    id: id(20), poolProtocol: .http, members: [.init(id: id(30), address: "127.66.52.1", port: 9_000)])
            ])
        plan.projectID = "5f3b1d0c9e8a4b7c8d6e5f4a3b2c1d0e"
        return plan
    }

    private static func agent(_ folder: String, _ target: AccessLogTarget) async throws -> AmphoraAgent {
        let agent = try AmphoraAgent(
            configuration: .init(
                dataDirectory: "\(folder)/amphora", pollInterval: .milliseconds(200), accessLog: target))
        try await agent.start()
        return agent
    }

    @Test func linesOfAFile() async throws {
        let backend = try HTTPBackend("b1", "127.66.52.1")
        defer { backend.stop() }
        try await AgentFixture.withFolder { folder in
            let file = "\(folder)/access.log"
            let address = "127.66.15.1"
            func lines(_ count: Int) async -> [String] {
                _ = await eventually(within: .seconds(10)) {
                    (SmallFile.read(file) ?? "").split(separator: "\n").count >= count
                }
                return (SmallFile.read(file) ?? "").split(separator: "\n").map(String.init)
            }
            let first = try await Self.agent(folder, .file(file))
            _ = try await first.apply(Self.plan(address))
            let base = "http://\(address):\(Self.port)"
            // A request that would like to be two lines.
            _ = try await Curl.get("\(base)/a%0Ab?x=%22y%22", "--interface", "127.66.60.3")
            let fields = try #require(await lines(1).first).split(separator: " ").map(String.init)
            #expect(
                Array(fields[..<4]) == ["5f3b1d0c9e8a4b7c8d6e5f4a3b2c1d0e", "\(id(1))", "\(id(10))", "127.66.60.3"])
            #expect(fields[6...8].joined(separator: " ") == "\"GET /a%0Ab?x=%22y%22 HTTP/1.1\"")
            #expect(fields[9] == "200")
            #expect(fields.suffix(4).first == "\(id(20)):\(id(10))")
            #expect(fields.suffix(3).first == "\(id(30))")
            #expect(fields.last == "----")
            // A stream of bytes has no request.
            _ = try await Curl.get("http://\(address):\(Self.port + 1)/")
            let stream = try #require(await lines(2).last).split(separator: " ").map(String.init)
            #expect(stream[2] == "\(id(11))")
            #expect(stream[6...7] == ["-", "-"])
            // The file may be rotated at any time.
            #expect(rename(file, "\(file).1") == 0)
            _ = try await Curl.get("\(base)/rotated")
            #expect(await lines(1).count == 1)
            var status = stat()
            stat(file, &status)
            #expect(status.st_mode & 0o077 == 0)

            // The next agent takes over; traffic goes on without one.
            await first.shutdown(stopDataPlane: false)
            #expect(try await Curl.get("\(base)/lost").body == "b1")
            let second = try await Self.agent(folder, .file(file))
            _ = try await Curl.get("\(base)/again")
            let again = await lines(2)
            #expect(again.count == 2 && again[1].contains("GET /again "))
            await second.shutdown(stopDataPlane: true)
        }
    }

    @Test func messagesToASyslogServer() async throws {
        let backend = try HTTPBackend("b1", "127.66.52.1")
        defer { backend.stop() }
        let server = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(server) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let bound = IPAddress("127.66.52.2")!.withSocketAddress(port: 15_140) { bind(server, $0, $1) }
        try #require(bound == 0)
        try await AgentFixture.withFolder { folder in
            let agent = try await Self.agent(folder, .syslog(address: "127.66.52.2", port: 15_140))
            _ = try await agent.apply(Self.plan("127.66.15.2"))
            _ = try await Curl.get("http://127.66.15.2:\(Self.port)/to-syslog")
            var buffer = [UInt8](repeating: 0, count: 9_000)
            let count = recv(server, &buffer, buffer.count, 0)
            let message = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
            #expect(message.hasPrefix("<134>1 - "))
            #expect(message.contains(" ottava - - - 5f3b1d0c9e8a4b7c8d6e5f4a3b2c1d0e \(id(1)) \(id(10)) 127.0.0.1 "))
            #expect(message.contains("\"GET /to-syslog HTTP/1.1\" 200 "))
            await agent.shutdown(stopDataPlane: true)
        }
    }
}
