// The data plane of one node: HAProxy processes, one for each load balancer.

import Glibc
public import LoadBalancing
import Logging
import NIOPosix
import PacketForwarding
public import ProviderDrivers

/// Makes load balancers real with HAProxy on the machine that it runs on.
///
/// Each load balancer has a folder `DIR/<id>` with its last plan, and a process of its own that lives on when the agent
/// ends. A restarted agent adopts what runs. Different load balancers are worked on side by side.
public actor AmphoraAgent: ProviderDriver {
    public nonisolated let name = "amphora"
    public nonisolated let description =
        "HAProxy on this node, one process for each load balancer; UDP and SCTP by nftables."
    public nonisolated let reports: AsyncStream<DataPlaneReport>
    public nonisolated let findings: AsyncStream<DataPlaneFinding>

    let configuration: Configuration
    private(set) var services: NodeServices
    private let reportContinuation: AsyncStream<DataPlaneReport>.Continuation
    private let findingContinuation: AsyncStream<DataPlaneFinding>.Continuation
    private(set) var runners: [ResourceID: LoadBalancerRunner] = [:]
    private var verifyTask: Task<Void, Never>?
    /// What belonged to no load balancer at the last look.
    var suspects = Strays()
    /// Held while the agent runs, so that no other agent works on the same folder.
    private var lock: Int32 = -1
    private(set) var isShutDown = false
    private var accessLog: AccessLogReceiver?
    private var stateLog: LogSocket?

    /// Makes an agent that does nothing before ``start()``.
    ///
    /// - Throws: ``DataPlaneError`` when the node has no free file descriptors.
    public init(configuration: Configuration) throws(DataPlaneError) {
        var configuration = configuration
        while configuration.dataDirectory.count > 1, configuration.dataDirectory.hasSuffix("/") {
            configuration.dataDirectory.removeLast()
        }
        self.configuration = configuration
        (reports, reportContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
        (findings, findingContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1_000))
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        let continuation = reportContinuation
        services = NodeServices(
            builder: HAProxyConfigurationBuilder(process: NodeDefaults.processSettings(for: configuration)),
            launcher: HAProxyLauncher(program: configuration.haproxyPath),
            expressions: RegularExpressionCheck(program: configuration.haproxyPath), watcher: try ProcessWatcher(),
            pinger: try ICMPPinger(), namespaces: Self.namespaces(for: configuration), threads: threads,
            packets: try PacketServices(
                folder: configuration.dataDirectory, nftPath: configuration.nftPath, threads: threads,
                logger: configuration.logger),
            pollInterval: configuration.pollInterval,
            restInterval: max(configuration.restInterval, configuration.pollInterval),
            removalGrace: configuration.removalGrace, publish: { continuation.yield($0) })
        let findings = findingContinuation
        services.packets.found = { findings.yield($0) }
    }

    /// Adopts what runs and starts what should.
    ///
    /// - Throws: ``DataPlaneError`` when HAProxy is not installed, the folder cannot be used, or another agent uses it.
    public func start() async throws(DataPlaneError) {
        // Once is enough.
        guard lock < 0 else { return }
        guard access(configuration.haproxyPath, X_OK) == 0 else {
            throw DataPlaneError(
                .node, "HAProxy is not installed on this node.", detail: "no program \(configuration.haproxyPath)")
        }
        guard configuration.dataDirectory.hasPrefix("/") else {
            throw DataPlaneError(
                .node, "The data plane's folder must be an absolute path.", detail: configuration.dataDirectory)
        }
        try SmallFile.makeFolder(configuration.dataDirectory)
        chmod(configuration.dataDirectory, 0o700)
        try await takeLock()
        if let target = configuration.accessLog, accessLog == nil {
            accessLog = try AccessLogReceiver(
                target: target, folder: configuration.dataDirectory,
                credentials: services.builder.process.credentials)
        }
        stateLog = try StateLog.receive(
            in: configuration.dataDirectory, credentials: services.builder.process.credentials
        ) {
            [weak self] changed in
            Task { await self?.look(at: changed) }
        }
        services.packets = try await services.packets.settled(configuration.packetForwarding)
        let processes = ProcessIdentity.haproxies()
        var found: [LoadBalancerRunner] = []
        for name in SmallFile.entries(of: configuration.dataDirectory) {
            guard let id = ResourceID(name), id.string == name, runners[id] == nil else { continue }
            found.append(makeRunner(id))
        }
        try await services.namespaces?.start(keeping: Set(runners.keys))
        await Self.forEach(found) { runner in
            await runner.adopt(processes[runner.folder.configurationFile] ?? [])
        }
        await services.packets.removeLeftovers(keeping: Set(runners.keys))
        let interval = configuration.verifyInterval
        verifyTask = Task { [weak self] in
            var pause = interval
            while true {
                do { try await Task.sleep(for: pause) } catch { return }
                guard let self else { return }
                let start = ContinuousClock.now
                await self.verify()
                // Thousands of load balancers must not keep a core busy with being compared.
                pause = min(max(interval, (ContinuousClock.now - start) * 50), interval * 12)
            }
        }
        configuration.logger.info(
            "the data plane is ready",
            metadata: ["loadbalancers": "\(runners.count)", "datagrams": "\(services.packets.method.rawValue)"])
    }

    /// Ends the agent.
    ///
    /// - Parameter stopDataPlane: False leaves every HAProxy running, for the next agent to adopt. True ends them, those
    ///   with old connections too, and removes all files.
    public func shutdown(stopDataPlane: Bool) async {
        guard !isShutDown else { return }
        isShutDown = true
        verifyTask?.cancel()
        let processes = stopDataPlane ? ProcessIdentity.haproxies() : [:]
        await Self.forEach(Array(runners.values)) { runner in
            if stopDataPlane {
                await runner.remove(processes[runner.folder.configurationFile] ?? [])
            } else {
                await runner.detach()
            }
        }
        runners = [:]
        await stateLog?.stop()
        stateLog = nil
        await accessLog?.stop()
        accessLog = nil
        await services.namespaces?.stop(removingBridge: stopDataPlane)
        await services.watcher.stop()
        await services.pinger.stop()
        await services.packets.stop()
        try? await services.threads.shutdownGracefully()
        reportContinuation.finish()
        findingContinuation.finish()
        if stopDataPlane { SmallFile.removeFolder(configuration.dataDirectory) }
        if lock >= 0 { close(lock) }
        lock = -1
    }

    public func apply(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome {
        guard !isShutDown, lock >= 0 else {
            throw DataPlaneError(.node, "The data plane of this node is not running.")
        }
        let runner: LoadBalancerRunner
        if let known = runners[plan.loadBalancerID] {
            runner = known
        } else {
            runner = makeRunner(plan.loadBalancerID)
            await runner.startPolling()
        }
        return try await runner.apply(plan)
    }

    public func remove(_ loadBalancerID: ResourceID) async throws(DataPlaneError) {
        guard !isShutDown, lock >= 0 else {
            throw DataPlaneError(.node, "The data plane of this node is not running.")
        }
        guard let runner = runners[loadBalancerID] else { return }
        await runner.remove(ProcessIdentity.haproxies()[runner.folder.configurationFile] ?? [])
        if runners[loadBalancerID] === runner { runners[loadBalancerID] = nil }
    }

    public func report(of loadBalancerID: ResourceID) async -> DataPlaneReport? {
        await runners[loadBalancerID]?.report()
    }

    /// What the agent has done.
    public var counts: AgentCounts { services.counter.counts }

    /// HAProxy processes that run: those that serve, and those that a reload replaced and that end with their last
    /// connection.
    public var processCount: Int { services.watcher.count }

    /// Load balancers that the agent has.
    public var loadBalancerCount: Int { runners.count }

    /// Whether the data plane has been started and not ended.
    public var isStarted: Bool { lock >= 0 && !isShutDown }

    public func refusedExpressions(among expressions: Set<String>) async -> [String: String] {
        guard !expressions.isEmpty, access(configuration.haproxyPath, X_OK) == 0 else { return [:] }
        var template = Array("/tmp/ottava-expressions-XXXXXX".utf8CString)
        // The agent of a process that only answers calls has no folder of its own.
        guard let made = mkdtemp(&template) else { return [:] }
        let folder = String(cString: made)
        defer { SmallFile.removeFolder(folder) }
        do {
            return try await services.expressions.refused(
                among: expressions, file: "\(folder)/\(DataPlaneFile.expressions)")
        } catch {
            configuration.logger.warning("regular expressions could not be tried: \(error)")
            return [:]
        }
    }

    public func knownLoadBalancers() async -> [ResourceID] {
        runners.keys.sorted()
    }

    /// Some HAProxy has said that a member went up or down.
    private func look(at changed: Set<ResourceID>) async {
        for id in changed { await runners[id]?.hurry() }
    }

    /// Works on many load balancers, a few at a time: each may start a process.
    private static func forEach(
        _ runners: [LoadBalancerRunner], _ work: @escaping @Sendable (LoadBalancerRunner) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, runner) in runners.enumerated() {
                if index >= 16 { await group.next() }
                group.addTask { await work(runner) }
            }
        }
    }

    private func makeRunner(_ id: ResourceID) -> LoadBalancerRunner {
        let folder = DataFolder(
            path: "\(configuration.dataDirectory)/\(id)", credentials: services.builder.process.credentials,
            hasAccessLog: services.builder.process.logsAccess)
        let runner = LoadBalancerRunner(id: id, folder: folder, services: services, logger: configuration.logger)
        runners[id] = runner
        return runner
    }

    /// Makes sure that no other agent uses the folder; one that is just ending gets some time.
    private func takeLock() async throws(DataPlaneError) {
        guard lock < 0 else { return }
        let path = "\(configuration.dataDirectory)/agent.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DataPlaneError(
                .node, "The data plane could not write its files.",
                detail: "\(path): \(String(cString: strerror(errno)))")
        }
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                lock = descriptor
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        close(descriptor)
        throw DataPlaneError(.node, "Another agent already runs with this data directory.", detail: path)
    }
}
