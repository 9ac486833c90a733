// The kernel provider against rules of nftables that were written by hand for the same job, and against a HAProxy listener.

internal import Foundation
internal import Glibc
internal import JSON
internal import TestSupport

enum KernelBenchmark {
    private static let runs = 9
    private static let seconds = 2
    /// New connections leave entries in the kernel's table of flows for two minutes, so there are fewer of these runs.
    private static let briefRuns = 5
    private static let briefSeconds = 1

    static func run(_ program: String) async throws -> [Measurement] {
        guard geteuid() == 0, let nft = Files.program("nft"), let wrk = Files.program("wrk"),
            let haproxy = Files.program("haproxy")
        else {
            Output.line("  no root, nft, wrk or haproxy: the kernel provider is not measured")
            return []
        }
        let backends = [try await FastBackend(haproxy), try await FastBackend(haproxy)]
        let byHand = try await RulesByHand(nft, backends: backends.map(\.port))
        let server = try await MeasuredServer(program)
        let client = try server.client()
        let kernel = try await listener(client, provider: "kernel", backends)
        let proxy = try await listener(client, provider: "amphora", backends)
        let places = [kernel, byHand.place, proxy]
        for place in places { try await place.waitForAnswer() }
        var measurements: [Measurement] = []
        for isBrief in [false, true] {
            var rates: [[Double]] = places.map { _ in [] }
            for run in 0..<(isBrief ? briefRuns : runs) {
                // In turns, each first as often as the others, so that all see the same machine.
                for step in places.indices {
                    let index = (run + step) % places.count
                    rates[index].append(try await rate(wrk, places[index], isBrief: isBrief))
                }
            }
            let what = isBrief ? "new connections" : "requests on kept connections"
            measurements += [
                Measurement("kernel provider: \(what)", rates[0], unit: "/s"),
                Measurement("  nftables by hand", rates[1], unit: "/s"),
                Measurement(
                    "  ratio of neighbouring runs", zip(rates[0], rates[1]).map { $0 / $1 }, unit: "×",
                    goal: .atLeast(0.95)),
                Measurement("  TCP listener of the amphora provider", rates[2], unit: "/s"),
                Measurement("  ratio of neighbouring runs", zip(rates[0], rates[2]).map { $0 / $1 }, unit: "×"),
            ]
        }
        try server.check()
        return measurements
    }

    /// A TCP listener in front of the backends.
    private static func listener(
        _ client: KeptClient, provider: String, _ backends: [FastBackend]
    ) async throws -> VirtualIP {
        let template = LoadBalancerTemplate(subnet: try client.privateSubnet(), backends: [])
        var loadBalancer = template.loadBalancer
        loadBalancer["provider"] = .string(provider)
        loadBalancer["listeners"] = [
            [
                "protocol": "TCP", "protocol_port": .integer(Int64(template.virtualIP.port)),
                "default_pool": [
                    "name": "pool", "protocol": "TCP",
                    "lb_algorithm": provider == "kernel" ? "SOURCE_IP_PORT" : "ROUND_ROBIN",
                    "members": .array(
                        backends.map { ["address": "127.0.0.1", "protocol_port": .integer(Int64($0.port))] }),
                ],
            ]
        ]
        let created = try client.create(.loadBalancers, .object(loadBalancer))
        try await client.settle(created["id"]?.string ?? "")
        return template.virtualIP
    }

    /// Requests a second that wrk counts on 16 connections, each of them on one of its own if brief.
    private static func rate(_ wrk: String, _ place: VirtualIP, isBrief: Bool) async throws -> Double {
        let result = try await ChildProcess.run(
            wrk,
            ["-t", "1", "-c", "16", "-d", "\(isBrief ? briefSeconds : seconds)s"]
                + (isBrief ? ["-H", "Connection: close"] : []) + ["http://\(place.address):\(place.port)/"],
            within: .seconds(30))
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ") }
        guard result.status == 0, !result.output.contains("Non-2xx"),
            let requests = lines.first(where: { $0.first == "Requests/sec:" })?.last.flatMap({ Double($0) })
        else { throw UnexpectedAnswer(description: "wrk: \(result.output) \(result.errors)") }
        return requests
    }
}

/// What somebody who knows nftables would write: a hash of the client's address and port chooses one of two backends.
private final class RulesByHand: Sendable {
    let place = VirtualIP()

    init(_ nft: String, backends: [Int]) async throws {
        let table = "ottava_benchmark_\(getpid())"
        CleanUp.add { _ = try? ChildProcess.runAtOnce(nft, ["delete", "table", "ip", table]) }
        let members = backends.enumerated().map { "\($0.offset) : 127.0.0.1 . \($0.element)" }.joined(separator: ", ")
        let rules = """
            table ip \(table) {
                chain sending {
                    type nat hook output priority -100; policy accept;
                    ip daddr \(place.address) tcp dport \(place.port) dnat ip to jhash ip saddr . tcp sport mod \
            \(backends.count) map { \(members) }
                }
            }

            """
        let folder = try CleanUp.makeFolder("ottava-rules")
        try Files.write(rules, to: folder.file("rules.nft"))
        let result = try await ChildProcess.run(nft, ["-f", folder.file("rules.nft")], within: .seconds(30))
        guard result.status == 0 else { throw CannotStart(description: "nft: \(result.errors)") }
    }
}
