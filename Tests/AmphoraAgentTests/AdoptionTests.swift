// What an agent finds that follows one that was killed at a bad moment.

import Glibc
import LoadBalancing
import ProviderDrivers
import Testing

@testable import AmphoraAgent

@Suite(.serialized, .enabled(if: HAProxyProgram.isInstalled), .timeLimit(.minutes(3)))
struct AdoptionTests {
    private static let port = 18_080

    /// A load balancer whose agent is gone, and what a haproxy program needs that this agent had just started.
    private struct Orphan {
        let folder: String
        let address: String
        let data: DataFolder
        let old: Int32

        init(in folder: String, _ address: String, _ backend: HTTPBackend) async throws {
            self.folder = folder
            self.address = address
            let first = try await AgentFixture(directory: folder)
            let pool = PoolPlan(
                id: id(20), poolProtocol: .http,
                members: [MemberPlan(id: id(30), address: backend.address, port: backend.port)])
            let listener = ListenerPlan(
                id: id(10), listenerProtocol: .http, port: AdoptionTests.port, defaultPoolID: id(20))
            _ = try await first.agent.apply(plan(addresses: [address], listeners: [listener], pools: [pool]))
            old = try first.pid(of: id(1))
            await first.agent.shutdown(stopDataPlane: false)
            data = DataFolder(path: "\(folder)/amphora/\(id(1))", credentials: nil)
        }

        var processes: [ProcessIdentity] { ProcessIdentity.haproxies()[data.configurationFile] ?? [] }

        /// What the first agent had begun.
        func reload() async throws {
            try await HAProxyLauncher(program: HAProxyProgram.path).start(
                configuration: data.configurationFile, in: data.runFolder, processIDFile: data.processIDFile,
                replacing: old)
        }

        /// The second agent has one process, which serves, and it notices when that ends.
        func expectOne(_ fixture: AgentFixture) async throws {
            let settled = await eventually(within: .seconds(30)) {
                let found = processes
                return found.count == 1 && (try? fixture.pid(of: id(1))) == found[0].pid && found[0].pid != old
            }
            #expect(settled != nil, "\(processes), \(String(describing: try? fixture.pid(of: id(1))))")
            #expect(get(address, AdoptionTests.port) == "b1")
            let serving = try #require(processes.first)
            serving.signal(SIGKILL)
            let isBack = await eventually(within: .seconds(20)) {
                let found = processes
                return found.count == 1 && found[0] != serving && get(address, AdoptionTests.port) == "b1"
            }
            #expect(isBack != nil, "the end of the process was not noticed")
            await fixture.agent.shutdown(stopDataPlane: true)
            #expect(processes.isEmpty)
        }
    }

    @Test func aReloadThatIsOverBeforeTheNextAgentStarts() async throws {
        let backend = try HTTPBackend("b1", "127.66.33.1")
        defer { backend.stop() }
        try await AgentFixture.withFolder { folder in
            let orphan = try await Orphan(in: folder, "127.66.33.2", backend)
            try await orphan.reload()
            let stranger = try #require(orphan.data.runningProcess())
            let second = try await AgentFixture(directory: folder)
            #expect(try second.pid(of: id(1)) == stranger.pid)
            try await orphan.expectOne(second)
        }
    }

    @Test func aReloadThatIsUnderWayWhenTheNextAgentStarts() async throws {
        let backend = try HTTPBackend("b1", "127.66.33.3")
        defer { backend.stop() }
        try await AgentFixture.withFolder { folder in
            let orphan = try await Orphan(in: folder, "127.66.33.4", backend)
            async let reload: Void = orphan.reload()
            // Held in the middle of its start, wherever that is.
            let starting = await eventually(within: .seconds(20)) { orphan.processes.contains { $0.pid != orphan.old } }
            #expect(starting != nil)
            let held = orphan.processes.filter { $0.pid != orphan.old }
            for process in held { process.signal(SIGSTOP) }
            async let begun = AgentFixture(directory: folder)
            try await Task.sleep(for: .seconds(1))
            for process in held { process.signal(SIGCONT) }
            let second = try await begun
            do {
                try await reload
            } catch let failure where "\(failure)".contains("No child processes") {
                // The second agent is in the same process here and has taken the program's exit status.
            }
            try await orphan.expectOne(second)
        }
    }

    /// What is replaced ends at once, or goes on with a request that is not complete yet.
    @Test(arguments: [false, true])
    func aReloadThatIsReadyAfterTheNextAgentHasStarted(hasUnfinishedRequest: Bool) async throws {
        let backend = try HTTPBackend("b1", "127.66.33.5")
        defer { backend.stop() }
        try await AgentFixture.withFolder { folder in
            let orphan = try await Orphan(in: folder, "127.66.33.7", backend)
            let second = try await AgentFixture(directory: folder)
            #expect(try second.pid(of: id(1)) == orphan.old)
            let load = LoadGenerator(orphan.address, Self.port, clients: 2, keepsConnections: false)
            let connection = hasUnfinishedRequest ? HTTPConnection(orphan.address, Self.port) : nil
            #expect(connection?.begin("/") ?? true)
            // Long enough for HAProxy to read it.
            try await Task.sleep(for: .milliseconds(300))
            try await orphan.reload()
            let stranger = try #require(orphan.data.runningProcess())
            let isTakenOver = await eventually(within: .seconds(30)) {
                guard let pid = try? second.pid(of: id(1)) else { return false }
                return pid != orphan.old && pid != stranger.pid
            }
            #expect(isTakenOver != nil, "\(orphan.processes)")
            try await Task.sleep(for: .seconds(1))
            let result = try await load.stop()
            #expect(result.failed == 0)
            #expect(result.answered > 100)
            if let connection { #expect(connection.finish()?.hasPrefix("HTTP/1.1 200") == true) }
            try await orphan.expectOne(second)
        }
    }
}
