// Requests a second through our listeners and through a HAProxy that was configured by hand for the same job.

internal import Foundation
internal import JSON
internal import TestSupport

enum ThroughputBenchmark {
    private static let runs = 9
    private static let seconds = 2

    static func run(_ program: String) async throws -> [Measurement] {
        guard let wrk = Files.program("wrk"), let haproxy = Files.program("haproxy"),
            let openssl = Files.program("openssl")
        else {
            Output.line("  wrk, haproxy or openssl is not installed: no request rates")
            return []
        }
        let folder = try CleanUp.makeFolder("ottava-certificate")
        let certificate = try await makeCertificate(openssl, in: folder)
        let backend = try await FastBackend(haproxy)
        let peer = try await PeerHAProxy(haproxy, backend: backend.port, certificate: certificate)
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let ours = try await createLoadBalancer(
            client, memberPort: backend.port, bundle: Data(contentsOf: URL(filePath: folder.file("bundle.p12"))))
        var measurements: [Measurement] = []
        for kind in ListenerKind.allCases {
            var rates: (ours: [Rate], peer: [Rate]) = ([], [])
            // In turns, each first as often as the other, so that both see the same machine.
            for run in 0..<runs {
                for isOurs in run % 2 == 0 ? [false, true] : [true, false] {
                    if isOurs {
                        rates.ours.append(try await rate(wrk, kind, ours.address, ours.ports[kind] ?? 0))
                    } else {
                        rates.peer.append(try await rate(wrk, kind, "127.0.0.1", peer.ports[kind] ?? 0))
                    }
                }
            }
            let ratios = zip(rates.ours, rates.peer).map { $0.requests / $1.requests }
            measurements += [
                Measurement("\(kind.rawValue) listener", rates.ours.map(\.requests), unit: "/s"),
                Measurement("  HAProxy by hand", rates.peer.map(\.requests), unit: "/s"),
                Measurement("  ratio of neighbouring runs", ratios, unit: "×", goal: .atLeast(0.97)),
                Measurement("  latency", rates.ours.map(\.latency), unit: "ms"),
                Measurement("  latency by hand", rates.peer.map(\.latency), unit: "ms"),
            ]
        }
        try server.check()
        return measurements
    }

    /// A certificate with its key in one file, and `bundle.p12` beside it.
    private static func makeCertificate(_ openssl: String, in folder: TemporaryFolder) async throws -> String {
        let (key, certificate, both) = (folder.file("key"), folder.file("certificate"), folder.file("both.pem"))
        for arguments in [
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
                + ["-subj", "/CN=benchmark.test", "-keyout", key, "-out", certificate],
            ["pkcs12", "-export", "-in", certificate, "-inkey", key, "-passout", "pass:"]
                + ["-out", folder.file("bundle.p12")],
        ] {
            let result = try await ChildProcess.run(openssl, arguments, within: .seconds(30))
            guard result.status == 0 else { throw CannotStart(description: "openssl: \(result.errors)") }
        }
        try Files.write((Files.text(certificate) ?? "") + (Files.text(key) ?? ""), to: both)
        return both
    }

    /// A load balancer with a listener of each kind in front of the backend.
    private static func createLoadBalancer(
        _ client: KeptClient, memberPort: Int, bundle: Data
    ) async throws -> (address: String, ports: [ListenerKind: Int]) {
        let secret = try client.send(
            "POST", "/key-manager/v1/secrets",
            [
                "payload": .string(bundle.base64EncodedString()), "payload_content_type": "application/octet-stream",
                "payload_content_encoding": "base64",
            ], expecting: 201)
        let template = LoadBalancerTemplate(subnet: try client.privateSubnet(), backends: [])
        var ports: [ListenerKind: Int] = [:]
        var listeners: [JSONValue] = []
        for kind in ListenerKind.allCases {
            let port = Ports.free()
            ports[kind] = port
            let poolProtocol: JSONValue = kind == .tcp ? "TCP" : "HTTP"
            var listener: [String: JSONValue] = [
                "protocol": .string(kind.rawValue), "protocol_port": .integer(Int64(port)),
                "default_pool": [
                    "name": .string("pool \(kind)"), "protocol": poolProtocol, "lb_algorithm": "ROUND_ROBIN",
                    "members": [["address": "127.0.0.1", "protocol_port": .integer(Int64(memberPort))]],
                ],
            ]
            if kind == .tls { listener["default_tls_container_ref"] = secret.json["secret_ref"] }
            listeners.append(.object(listener))
        }
        var loadBalancer = template.loadBalancer
        loadBalancer["listeners"] = .array(listeners)
        let created = try client.create(.loadBalancers, .object(loadBalancer))
        try await client.settle(created["id"]?.string ?? "")
        return (template.virtualIP.address, ports)
    }

    private struct Rate {
        /// A second.
        var requests: Double
        /// The mean, in milliseconds.
        var latency: Double
    }

    /// What wrk counts on 16 connections.
    private static func rate(_ wrk: String, _ kind: ListenerKind, _ host: String, _ port: Int) async throws -> Rate {
        let result = try await ChildProcess.run(
            wrk, ["-t", "1", "-c", "16", "-d", "\(seconds)s", "\(kind.scheme)://\(host):\(port)/"],
            within: .seconds(30))
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ") }
        guard result.status == 0, !result.output.contains("Non-2xx"), !result.output.contains("Socket errors"),
            let requests = lines.first(where: { $0.first == "Requests/sec:" })?.last.flatMap({ Double($0) }),
            let latency = lines.first(where: { $0.first == "Latency" })?.dropFirst().first.flatMap(milliseconds)
        else { throw UnexpectedAnswer(description: "wrk: \(result.output) \(result.errors)") }
        return Rate(requests: requests, latency: latency)
    }

    /// wrk's times: `812.00us`, `1.20ms` or `1.01s`.
    private static func milliseconds(_ text: Substring) -> Double? {
        for (unit, factor) in [("us", 0.001), ("ms", 1), ("s", 1_000)] where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return nil
    }
}
