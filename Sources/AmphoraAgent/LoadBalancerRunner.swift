// The worker of one load balancer: applies plans one after the other and keeps what it runs alive.

import LoadBalancing
import Logging
import NIOPosix
import PacketForwarding
import ProviderDrivers

/// What all load balancers of a node share.
struct NodeServices: Sendable {
    var builder: HAProxyConfigurationBuilder
    var launcher: HAProxyLauncher
    let counter = AgentCounter()
    var expressions: RegularExpressionCheck
    var watcher: ProcessWatcher
    var pinger: ICMPPinger
    /// Gives each load balancer a network of its own; absent when all live in the node's.
    var namespaces: NamespaceManager?
    /// For blocking work on control sockets.
    var threads: NIOThreadPool
    /// For UDP and SCTP.
    var packets: PacketServices
    var pollInterval: Duration
    var restInterval: Duration
    var removalGrace: Duration
    var publish: @Sendable (DataPlaneReport) -> Void
}

/// A HAProxy that serves.
struct RunningProcess: Sendable {
    var identity: ProcessIdentity
    /// What it does; `nil` when that is not known for certain, so that the next change must be a reload.
    var configuration: HAProxyConfiguration?
    /// What it listens on; `nil` when that is not known.
    var endpoints: Set<Endpoint>?
    var startedAt: ContinuousClock.Instant = .now
}

/// Makes the plan of one load balancer real.
///
/// Work that changes the data plane is done under ``exclusively(_:)``, one piece at a time, since an actor alone
/// lets the next call in at every `await`. Observations may come in between.
actor LoadBalancerRunner {
    let id: ResourceID
    let folder: DataFolder
    let services: NodeServices
    let client: HAProxyRuntimeClient
    let logger: Logger
    /// Where HAProxy and the agent's own checks run.
    let place: NetworkPlace
    /// Pings from there, once something is to be pinged.
    var ownPinger: ICMPPinger?

    /// Serves the listeners that HAProxy cannot.
    private(set) lazy var packets = PacketWorker(
        loadBalancer: id, policy: .amphora, services: services.packets, place: place,
        file: folder.file(DataPlaneFile.packets),
        logger: logger
    ) { [weak self] in
        await self?.observeAndPublish()
    }
    var packetObservation = PacketObservation()

    /// The last plan that was applied.
    var stored: StoredPlan?
    /// Whether that plan needs a process.
    var expectsProcess = false
    /// The process that serves; `nil` when there is none or it has just died.
    var process: RunningProcess?
    /// The process that is being replaced at this moment: its end is no failure.
    var retiring: ProcessIdentity?
    /// Replaced processes that still carry old connections.
    var draining: Set<ProcessIdentity> = []
    /// Conversations with those of them that are still counted.
    var sessions: [ProcessIdentity: HAProxySession] = [:]
    var isObservingDraining = false
    /// Until then a HAProxy may appear that the last agent was starting when it was killed.
    var strangersUntil: ContinuousClock.Instant?
    /// Starts in a row that did not last.
    var failedStarts = 0
    var restartTask: Task<Void, Never>?

    /// Servers (`backend/server`) that wait for their last connection → when it is closed for them.
    var pendingRemovals: [String: ContinuousClock.Instant] = [:]
    var removalTask: Task<Void, Never>?

    var rows: [StatisticsRow] = []
    var ledger = StatisticsLedger()
    var savedLedger = StatisticsLedger()
    var ledgerSavedAt: ContinuousClock.Instant = .now
    var pingHealth: [ResourceID: [ResourceID: MemberHealth]] = [:]
    var pingTasks: [ResourceID: (monitor: PingMonitor, task: Task<Void, Never>)] = [:]
    var lastReport: DataPlaneReport?
    var lastReportAt: ContinuousClock.Instant = .now
    var lastHealAt: ContinuousClock.Instant = .now
    var pollTask: Task<Void, Never>?
    /// Between two polls; cancelling it brings the next one forward.
    var pollPause: Task<Void, Never>?
    var pollPauseLength = Duration.zero
    /// Whether the next pause must be as short as can be.
    var isHurried = false
    /// The files as they were when they were last found right.
    var rightFiles: [String: FileMark] = [:]

    /// True after ``remove(_:)`` or ``detach()``: nothing may be started any more.
    var isFinished = false
    private(set) var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    init(id: ResourceID, folder: DataFolder, services: NodeServices, logger: Logger) {
        self.id = id
        self.folder = folder
        self.services = services
        self.place = services.namespaces?.place(of: id) ?? .host
        self.client = HAProxyRuntimeClient(folder: folder.path, threads: services.threads)
        var logger = logger
        logger[metadataKey: "loadbalancer"] = "\(id)"
        self.logger = logger
    }

    /// Does one piece of work after all that were asked for before.
    func exclusively<Result: Sendable, Failure: Error>(
        _ work: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        if isBusy {
            await withCheckedContinuation { queue.append($0) }
        } else {
            isBusy = true
        }
        defer {
            // The next one takes over without the flag going down, so that nobody can slip in between.
            if queue.isEmpty { isBusy = false } else { queue.removeFirst().resume() }
        }
        return try await work()
    }

    /// Applies a plan.
    func apply(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome {
        let outcome = try await exclusively { () async throws(DataPlaneError) -> ApplyOutcome in
            guard !isFinished else { throw DataPlaneError(.node, "The data plane of this node is shutting down.") }
            return try await converge(to: plan)
        }
        await refresh()
        publish()
        pollOften()
        return outcome
    }

    /// Takes over what runs from an agent that is gone, or starts it from the last plan.
    ///
    /// - Parameter processes: All HAProxy processes with the configuration file of this load balancer, oldest first.
    func adopt(_ processes: [ProcessIdentity]) async {
        await exclusively {
            ledger = folder.ledger()
            ledger.finishReplaced()
            // The sockets for logs are those of this agent.
            if folder.exists { try? folder.create() }
            savedLedger = ledger
            stored = folder.storedPlan()
            if stored == nil, folder.exists {
                logger.error("the last plan cannot be read; waiting for the control plane to send it again")
            }
            if let stored { await prepareNetworkForAdoption(of: stored.plan) }
            if !processes.isEmpty { strangersUntil = .now + Self.startLimit }
            let processes = await endProcessesElsewhere(await settled(processes))
            let serving = folder.runningProcess() ?? processes.last
            for old in processes where old != serving { trackDraining(old) }
            guard let stored else {
                if let serving { take(RunningProcess(identity: serving)) }
                return
            }
            if let serving, await adopt(serving, stored: stored) {
                await releaseAddresses(notOf: stored.plan)
                do {
                    _ = try await packets.apply(stored.plan, in: place)
                } catch {
                    logger.error("datagrams of the last plan could not be served: \(error)")
                }
                services.counter.add(\.adoptions)
                logger.info("adopted the running HAProxy", metadata: ["pid": "\(serving.pid)"])
                return
            }
            do {
                _ = try await converge(to: stored.plan)
            } catch {
                logger.error("the last plan could not be applied: \(error)")
                scheduleRestart()
            }
        }
        await refresh()
        publish()
        startPolling()
    }

    /// Takes over one process.
    ///
    /// - Returns: Whether it does what the plan says, as far as can be seen.
    private func adopt(_ identity: ProcessIdentity, stored: StoredPlan) async -> Bool {
        guard
            let expected = try? services.builder.configuration(
                for: stored.plan, excluding: stored.failedEndpoints, refusing: stored.refusedExpressions ?? [:])
        else { return false }
        take(RunningProcess(identity: identity, endpoints: expected.endpoints))
        expectsProcess = expected.needsProcess
        guard expected.needsProcess else { return false }
        startPings(of: stored.plan)
        // Written by another version of the agent: it serves well, and the next change reloads it.
        guard let text = try? expected.rendered(), text == SmallFile.read(folder.configurationFile) else { return true }
        guard folder.hasCertificates(of: expected) else { return false }
        guard let state = try? await client.ask("show servers state") else { return false }
        var found = ServerStateTable.administration(in: state)
        for backend in expected.backends {
            for server in backend.servers {
                guard let (flags, weight) = found.removeValue(forKey: "\(backend.name)/\(server.name)"),
                    weight == server.weight, (flags & 1 != 0) == server.isDisabled
                else { return false }
            }
        }
        // What is left was being removed when the last agent ended.
        guard found.values.allSatisfy({ $0.flags & 1 != 0 }) else { return false }
        process?.configuration = expected
        for server in found.keys { removeWhenIdle(server) }
        return true
    }

    /// Gets from what runs to the plan, without the ports that cannot be opened.
    func converge(to plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome {
        var plan = plan.completed(from: stored?.plan)
        let expressions = plan.isEnabled ? plan.regularExpressions : []
        if !expressions.isEmpty { try folder.create() }
        let refused = try await services.expressions.refused(
            among: expressions, file: folder.file(DataPlaneFile.expressions))
        var complete = try services.builder.configuration(for: plan, refusing: refused)
        if !folder.exists || complete.needsProcess { try folder.create() }
        var failures = try await prepareNetwork(for: plan, complete.endpoints)
        await takeServingStranger()
        // Where it is not known what the process listens on, it may be what uses the ports; HAProxy will tell.
        let own = if let process { process.endpoints ?? complete.endpoints } else { Set<Endpoint>() }
        for endpoint in complete.endpoints.subtracting(own) where failures[endpoint] == nil {
            failures[endpoint] = PortProbe.failure(of: endpoint, in: place)
        }
        var configuration = complete
        while true {
            if !failures.isEmpty {
                configuration = try services.builder.configuration(
                    for: plan, excluding: Set(failures.keys), refusing: refused)
            }
            do throws(LaunchFailure) {
                try await realise(configuration)
                break
            } catch {
                if case .failed = error, let rest = await withoutRefusedTLS(plan, configuration) {
                    plan = rest
                    complete = try services.builder.configuration(for: plan, refusing: refused)
                    configuration = complete
                    continue
                }
                // Another program was faster between the probe and HAProxy.
                guard case .cannotBind(let more) = error, more.keys.contains(where: { failures[$0] == nil }) else {
                    throw error.dataPlaneError
                }
                failures.merge(more) { _, new in new }
            }
        }
        await releaseAddresses(notOf: plan)
        expectsProcess = configuration.needsProcess
        let unserved = try await packets.apply(plan, in: place)
        let applied = StoredPlan(
            plan: plan, failedEndpoints: Set(failures.keys), refusedExpressions: refused.isEmpty ? nil : refused)
        let isKnown = stored == applied
        stored = applied
        if let stored, !isKnown { try folder.store(stored) }
        ledger.retain(Set(plan.listeners.map(\.id.string)))
        startPings(of: plan)
        return outcome(for: plan, failures: failures, refused: refused, unserved: unserved)
    }

    private func outcome(
        for plan: LoadBalancerPlan, failures: [Endpoint: String], refused: [String: String],
        unserved: [ResourceID: String]
    ) -> ApplyOutcome {
        var failed = HAProxyConfigurationBuilder.unservedListeners(of: plan)
        failed.merge(plan.tlsProblems) { first, _ in first }
        failed.merge(unserved) { first, _ in first }
        for listener in plan.listeners where listener.isServed {
            let reasons = failures.filter { $0.key.port == listener.port }.sorted { $0.key < $1.key }.map(\.value)
            if !reasons.isEmpty { failed[listener.id] = reasons.joined(separator: " ") }
        }
        return ApplyOutcome(
            failedListeners: failed,
            failedL7Policies: HAProxyConfigurationBuilder.failedPolicies(of: plan, refusing: refused))
    }

    /// Takes everything away.
    ///
    /// - Parameter processes: All HAProxy processes with the configuration file of this load balancer.
    func remove(_ processes: [ProcessIdentity]) async {
        await exclusively {
            isFinished = true
            cancelTasks()
            await packets.remove()
            await killAll(processes)
            await removeNetwork()
            folder.delete()
        }
    }

    /// Ends the worker and leaves HAProxy running.
    func detach() async {
        await exclusively {
            guard !isFinished else { return }
            isFinished = true
            cancelTasks()
            await observeDraining()
            await refresh()
            saveLedger(force: true)
            sessions = [:]
            await stopOwnPinger()
            await packets.detach()
        }
    }

    private func cancelTasks() {
        for task in [pollTask, pollPause, restartTask, removalTask] { task?.cancel() }
        for (_, task) in pingTasks.values { task.cancel() }
        pingTasks = [:]
    }
}

extension LaunchFailure {
    /// The failure for callers that do not care about ports.
    var dataPlaneError: DataPlaneError {
        switch self {
        case .failed(let error): error
        case .cannotBind(let endpoints):
            DataPlaneError(.node, endpoints.sorted { $0.key < $1.key }.map(\.value).joined(separator: " "))
        }
    }
}
