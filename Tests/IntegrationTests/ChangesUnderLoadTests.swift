// Changes of every kind, one of each a second, while clients of every protocol send all the time.

internal import Foundation
internal import JSON
internal import TestSupport
internal import Testing

extension IntegrationTests {
    /// `OTTAVA_CHANGES_SECONDS` says how long the changes go on: 120 unless given.
    @Suite(.server, .enabled("the openssl command and h2 from PyPI are needed") { await Traffic.canRun() })
    struct ChangesUnderLoadTests {
        private static var seconds: Int {
            ProcessInfo.processInfo.environment["OTTAVA_CHANGES_SECONDS"].flatMap(Int.init) ?? 120
        }

        @Test func changesOfEveryKindBreakNothing() async throws {
            let authority = try await CertificateAuthority()
            let echo = try await Traffic.EchoBackend()
            let otherEcho = try await Traffic.EchoBackend()
            do {
                try await check(authority, [echo, otherEcho])
            } catch {
                for backend in [echo, otherEcho] { await backend.stop() }
                authority.remove()
                throw error
            }
            for backend in [echo, otherEcho] { await backend.stop() }
            authority.remove()
        }

        private func check(_ authority: CertificateAuthority, _ echo: [Traffic.EchoBackend]) async throws {
            let server = try currentServer()
            let busy = try await BusyLoadBalancer(server, authority, echo)
            let traffic = try Traffic(
                busy.clients, authority: authority.certificateFile, name: BusyLoadBalancer.name,
                seconds: Self.seconds + 60)
            var changes: [String: Int] = [:]
            let clock = ContinuousClock()
            let start = clock.now
            var round = 0
            while clock.now - start < .seconds(Self.seconds) {
                for kind in BusyLoadBalancer.Change.allCases {
                    try busy.change(kind, round)
                    changes["\(kind)", default: 0] += 1
                }
                round += 1
                try await Task.sleep(until: start + .seconds(round), clock: clock)
            }
            try await busy.api.settle(busy.id)
            let results = try await traffic.stop()
            let reloads = server.log.split(separator: "\n").count { $0.contains("HAProxy reloaded") }
            let requests = results.values.reduce(0) { $0 + $1.answered }
            let failures = results.values.reduce(0) { $0 + $1.failed }
            print(
                "MEASURED \(changes.values.reduce(0, +)) changes in \(clock.now - start): \(reloads) reloads, "
                    + "\(requests) requests, \(failures) failures")
            for (kind, result) in results.sorted(by: { $0.key < $1.key }) { print("  \(kind): \(result)") }
            for (kind, result) in results {
                #expect(result.failed == 0, "\(kind): \(result)")
                #expect(result.answered > Self.seconds * 2, "\(kind): \(result)")
            }
            #expect(try busy.api.get(.loadBalancers, busy.id)["provisioning_status"] == "ACTIVE")
            try busy.api.delete(.loadBalancers, busy.id, query: "?cascade=true")
        }

        @Test func changesThatNeedNoReloadMakeNone() async throws {
            let authority = try await CertificateAuthority()
            defer { authority.remove() }
            let server = try currentServer()
            let echo = [try await Traffic.EchoBackend(), try await Traffic.EchoBackend()]
            let busy = try await BusyLoadBalancer(server, authority, echo)
            let process = try #require(server.haproxy(of: busy.id))
            for second in 0..<4 {
                for kind in BusyLoadBalancer.Change.allCases where !kind.mayReload {
                    try busy.change(kind, second)
                    try await busy.api.settle(busy.id)
                    #expect(server.haproxy(of: busy.id) == process, "\(kind)")
                }
            }
            try busy.api.delete(.loadBalancers, busy.id, query: "?cascade=true")
            for backend in echo { await backend.stop() }
        }
    }
}
