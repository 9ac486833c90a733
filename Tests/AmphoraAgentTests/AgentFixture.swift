// An agent with a folder of its own that leaves nothing behind.

import Glibc
import LoadBalancing
import Logging
import ProviderDrivers
import Synchronization
import Testing

@testable import AmphoraAgent

/// An agent under test.
final class AgentFixture: Sendable {
    let directory: String
    let agent: AmphoraAgent
    private let received: ReceivedReports
    private let reader: Task<Void, Never>

    /// Reports in the order they came.
    final class ReceivedReports: Sendable {
        let all = Mutex<[DataPlaneReport]>([])
    }

    init(
        directory: String, removalGrace: Duration = .seconds(2), bridge: BridgeSettings? = nil,
        pollInterval: Duration = .milliseconds(200)
    ) async throws {
        self.directory = directory
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        if getenv("OTTAVA_TEST_LOG") != nil {
            logger = Logger(label: "test", factory: { StreamLogHandler.standardError(label: $0) })
            logger.logLevel = .debug
        }
        let agent = try AmphoraAgent(
            configuration: .init(
                dataDirectory: "\(directory)/amphora", pollInterval: pollInterval,
                verifyInterval: .milliseconds(200), removalGrace: removalGrace, bridge: bridge, logger: logger))
        self.agent = agent
        let received = ReceivedReports()
        self.received = received
        reader = Task {
            for await report in agent.reports { received.all.withLock { $0.append(report) } }
        }
        try await agent.start()
    }

    var reports: [DataPlaneReport] { received.all.withLock { $0 } }

    /// The id of the process that the pid file of a load balancer names.
    func pid(of loadBalancer: ResourceID) throws -> Int32 {
        guard let text = SmallFile.read("\(directory)/amphora/\(loadBalancer)/haproxy.pid"),
            let pid = Int32(text.prefix { $0.isNumber })
        else { throw NoProcess() }
        return pid
    }

    /// There is no pid file.
    struct NoProcess: Error {}

    /// What the configuration file on the disk says.
    func configurationText(of loadBalancer: ResourceID) -> String? {
        SmallFile.read("\(directory)/amphora/\(loadBalancer)/haproxy.cfg")
    }

    /// Runs a test with an agent, and cleans up however it ends.
    static func run(
        removalGrace: Duration = .seconds(2), bridge: BridgeSettings? = nil,
        pollInterval: Duration = .milliseconds(200), _ body: (AgentFixture) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let fixture = try await AgentFixture(
                directory: folder, removalGrace: removalGrace, bridge: bridge, pollInterval: pollInterval)
            do {
                try await body(fixture)
            } catch {
                await fixture.agent.shutdown(stopDataPlane: true)
                throw error
            }
            await fixture.agent.shutdown(stopDataPlane: true)
        }
    }

    /// Runs a test with an empty folder; ends every HAProxy that was started in it.
    static func withFolder(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/ottava-agent-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        func cleanUp() {
            for (path, processes) in ProcessIdentity.haproxies() where path.hasPrefix(folder + "/") {
                for process in processes { process.signal(SIGKILL) }
            }
            SmallFile.removeFolder(folder)
        }
        do {
            try await body(folder)
        } catch {
            cleanUp()
            throw error
        }
        cleanUp()
    }
}

/// Waits until something is so.
///
/// - Returns: How long it took, or `nil` when it was not so in time.
func eventually(within limit: Duration, _ condition: () async throws -> Bool) async rethrows -> Duration? {
    let start = ContinuousClock.now
    while true {
        if try await condition() { return ContinuousClock.now - start }
        if ContinuousClock.now - start > limit { return nil }
        try? await Task.sleep(for: .milliseconds(10))
    }
}
