// Members that go up and down are noticed without asking.

import LoadBalancing
import Testing

@testable import AmphoraAgent

@Suite(.serialized, .timeLimit(.minutes(2)))
struct StateLogTests {
    @Test(
        arguments: [
            ("<129>Nov 27 20:15:00 \(id(7))[123]: Server a/b is DOWN, reason: x", id(7)),
            ("<133>Nov  7 20:15:00 host \(id(7))[9]: [\(id(8))]", id(7)),
            ("<133>Nov 27 20:15:00 haproxy[123]: Server a/b is UP", nil), ("[", nil), ("", nil),
            ("\(id(7))", nil), ("\(id(7).string.uppercased().replacing("0", with: "Z"))[1]", nil),
        ] as [(String, ResourceID?)])
    func messages(line: String, expected: ResourceID?) {
        #expect(StateLog.loadBalancer(Array(line.utf8)) == expected)
    }

    /// With an agent that would not look by itself while the test runs.
    @Test(.enabled(if: HAProxyProgram.isInstalled))
    func changesAreToldAtOnce() async throws {
        let backend = try HTTPBackend("b1", "127.66.53.1")
        defer { backend.stop() }
        try await AgentFixture.run(pollInterval: .seconds(600)) { fixture in
            let plan = plan(
                addresses: ["127.66.16.1"],
                listeners: [.init(id: id(10), listenerProtocol: .http, port: 18_090, defaultPoolID: id(20))],
                pools: [
                    .init(
                        id: id(20), poolProtocol: .http,
                        members: [.init(id: id(30), address: "127.66.53.1", port: 9_000)],
                        healthMonitor: .init(
                            id: id(40), type: .http, delay: 1, timeout: 1, maxRetries: 1, maxRetriesDown: 1))
                ])
            _ = try await fixture.agent.apply(plan)
            func become(_ state: MemberObservation) async -> Duration? {
                await eventually(within: .seconds(20)) {
                    fixture.reports.last?.members[id(20)]?[id(30)] == state
                }
            }
            #expect(await become(.up) != nil)
            backend.stop()
            let down = await become(.down)
            print("MEASURED a dead member is reported after \(down.map { "\($0)" } ?? "never"), checks every second")
            #expect(down != nil)
            let again = try HTTPBackend("b1", "127.66.53.1")
            defer { again.stop() }
            #expect(await become(.up) != nil)

            // The next agent is told, too.
            await fixture.agent.shutdown(stopDataPlane: false)
            let next = try await AgentFixture(directory: fixture.directory, pollInterval: .seconds(600))
            again.stop()
            let told = await eventually(within: .seconds(20)) {
                next.reports.last?.members[id(20)]?[id(30)] == .down
            }
            #expect(told != nil)
            await next.agent.shutdown(stopDataPlane: true)
        }
    }

    /// Counters are never older than the question for them.
    @Test(.enabled(if: HAProxyProgram.isInstalled))
    func whoAsksGetsWhatIsNow() async throws {
        let backend = try HTTPBackend("b1", "127.66.53.2")
        defer { backend.stop() }
        try await AgentFixture.run(pollInterval: .seconds(600)) { fixture in
            let plan = plan(
                addresses: ["127.66.16.2"],
                listeners: [.init(id: id(10), listenerProtocol: .http, port: 18_090, defaultPoolID: id(20))],
                pools: [
                    .init(
                        id: id(20), poolProtocol: .http,
                        members: [.init(id: id(30), address: "127.66.53.2", port: 9_000)])
                ])
            _ = try await fixture.agent.apply(plan)
            for count in 1...3 as ClosedRange<Int64> {
                #expect(try await Curl.get("http://127.66.16.2:18090/").body == "b1")
                // A connection counts when it ends, which is a moment after its answer.
                let seen = await eventually(within: .seconds(10)) {
                    await fixture.agent.report(of: id(1))?.listeners[id(10)]?.statistics.totalConnections == count
                }
                #expect(seen != nil)
            }
        }
    }
}
