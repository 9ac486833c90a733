// What an agent finds that was killed at a bad moment.

import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite(.enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(1)))
struct AdoptionTests {
    @Test func aReloadThatTheLastAgentBeganLeavesOneProcess() async throws {
        let backend = try HTTPBackend("b1", "127.66.33.1")
        defer { backend.stop() }
        let address = "127.66.33.2"
        try await AgentFixture.withFolder { folder in
            let first = try await AgentFixture(directory: folder)
            let pool = PoolPlan(
                id: id(20), poolProtocol: .http,
                members: [MemberPlan(id: id(30), address: backend.address, port: backend.port)])
            let listener = ListenerPlan(id: id(10), listenerProtocol: .http, port: 18_080, defaultPoolID: id(20))
            _ = try await first.agent.apply(plan(addresses: [address], listeners: [listener], pools: [pool]))
            let old = try first.pid(of: id(1))
            await first.agent.shutdown(stopDataPlane: false)
            let second = try await AgentFixture(directory: folder)
            // The haproxy program that the first one started outlives it, and is ready only now.
            let data = DataFolder(path: "\(folder)/amphora/\(id(1))", credentials: nil)
            try await HAProxyLauncher(program: HAProxyProgram.path).start(
                configuration: data.configurationFile, in: data.runFolder, processIDFile: data.processIDFile,
                replacing: old)
            let stranger = try second.pid(of: id(1))
            #expect(stranger != old)
            let noticed = await eventually(within: .seconds(20)) { (try? second.pid(of: id(1))) != stranger }
            #expect(noticed != nil, "the end of the adopted process was noticed")
            let settled = await eventually(within: .seconds(20)) {
                let found = ProcessIdentity.haproxies()[data.configurationFile] ?? []
                return found.count == 1 && (try? second.pid(of: id(1))) == found[0].pid
            }
            #expect(settled != nil, "\(ProcessIdentity.haproxies()[data.configurationFile] ?? [])")
            #expect(get(address, 18_080) == "b1")
            await second.agent.shutdown(stopDataPlane: true)
            #expect(ProcessIdentity.haproxies()[data.configurationFile] == nil)
        }
    }
}
