// Requests a second through a listener and straight to its backend, if wrk is installed.

internal import Foundation
internal import JSON
internal import TestSupport

enum ThroughputBenchmark {
    private static let runs = 3

    static func run(_ program: String) async throws -> [Measurement] {
        guard let wrk = Files.program("wrk"), let haproxy = Files.program("haproxy") else {
            Output.line("  wrk or haproxy is not installed: no request rates")
            return []
        }
        let backend = try await FastBackend(haproxy)
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let place = try await createLoadBalancer(client, memberPort: backend.port)
        var direct: [Double] = []
        var balanced: [Double] = []
        for _ in 0..<runs {
            direct.append(try await rate(wrk, "127.0.0.1", backend.port))
            balanced.append(try await rate(wrk, place.address, place.port))
        }
        try server.check()
        return [
            Measurement("wrk, 16 connections → listener → backend", balanced, unit: "/s"),
            Measurement("wrk, 16 connections → backend", direct, unit: "/s"),
        ]
    }

    private static func createLoadBalancer(_ client: KeptClient, memberPort: Int) async throws -> VirtualIP {
        let template = LoadBalancerTemplate(subnet: try client.privateSubnet(), backends: [])
        var pool = template.pool
        pool["name"] = "pool"
        pool["members"] = [["address": "127.0.0.1", "protocol_port": .integer(Int64(memberPort))]]
        var listener = template.listener
        listener["default_pool"] = .object(pool)
        var loadBalancer = template.loadBalancer
        loadBalancer["listeners"] = [.object(listener)]
        _ = try client.create(.loadBalancers, .object(loadBalancer))
        try await template.virtualIP.waitForAnswer()
        return template.virtualIP
    }

    /// Requests a second, as wrk counts them.
    private static func rate(_ wrk: String, _ host: String, _ port: Int) async throws -> Double {
        let result = try await ChildProcess.run(
            wrk, ["-t", "1", "-c", "16", "-d", "3s", "http://\(host):\(port)/"], within: .seconds(30))
        let lines = result.output.split(separator: "\n")
        guard result.status == 0, !lines.contains(where: { $0.contains("Non-2xx") || $0.contains("Socket errors") }),
            let line = lines.first(where: { $0.hasPrefix("Requests/sec:") }),
            let rate = Double(line.dropFirst(13).trimmingCharacters(in: .whitespaces))
        else { throw UnexpectedAnswer(description: "wrk: \(result.output) \(result.errors)") }
        return rate
    }
}
