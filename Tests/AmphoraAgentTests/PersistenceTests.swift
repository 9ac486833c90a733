// Clients stay with their member, over reloads too.

import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite(.enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(1)))
struct PersistenceTests {
    @Test func sourceAddressesSurviveAReload() async throws {
        let backends = try (1...3).map { try HTTPBackend("b\($0)", "127.66.31.\($0)") }
        defer { for backend in backends { backend.stop() } }
        try await AgentFixture.run { fixture in
            let address = "127.66.12.1"
            var pool = PoolPlan(
                id: id(20), poolProtocol: .tcp, sessionPersistence: .init(type: .sourceIP),
                members: backends.enumerated().map { index, backend in
                    MemberPlan(id: id(30 + index), address: backend.address, port: backend.port)
                })
            var listener = ListenerPlan(id: id(10), listenerProtocol: .tcp, port: 18_080, defaultPoolID: id(20))
            _ = try await fixture.agent.apply(
                plan(addresses: [address], listeners: [listener], pools: [pool]))
            let first = try #require(get(address, 18_080))
            #expect(Set((0..<5).map { _ in get(address, 18_080) }) == [first])
            // A process hands its tables over only when it is older than five seconds.
            try await Task.sleep(for: .milliseconds(5_500))
            let pid = try fixture.pid(of: id(1))
            listener.timeouts.clientData = 1_234
            pool.algorithm = .leastConnections
            _ = try await fixture.agent.apply(
                plan(addresses: [address], generation: 2, listeners: [listener], pools: [pool]))
            #expect(try fixture.pid(of: id(1)) != pid)
            try await Task.sleep(for: .milliseconds(200))
            #expect(Set((0..<5).map { _ in get(address, 18_080) }) == [first])
        }
    }
}
