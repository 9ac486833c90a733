// Makes the data plane follow the trees, one load balancer at a time.

public import LoadBalancing
public import Logging
public import Networking
internal import Observability
public import Persistence
public import ServiceLifecycle
internal import Synchronization
internal import Tracing

/// How patient the reconciler is.
public struct ReconcilerSettings: Sendable, Hashable {
    /// How many load balancers are worked on at a time.
    public var concurrency: Int
    /// How long a worker may be silent before another one takes its work, in seconds.
    public var leaseSeconds: Double
    /// How often the table is looked at when nobody announces work.
    public var pollInterval: Duration
    /// Failures in a row after which the owner sees ERROR; attempts go on.
    public var retryBudget: Int
    /// The longest pause between two attempts, in seconds.
    public var longestPause: Double
    /// The longest pause between two attempts at listeners that cannot bind their port, in seconds.
    public var longestListenerPause: Double

    public init(
        concurrency: Int = 8, leaseSeconds: Double = 30, pollInterval: Duration = .milliseconds(250),
        retryBudget: Int = 4, longestPause: Double = 60, longestListenerPause: Double = 3
    ) {
        self.concurrency = concurrency
        self.leaseSeconds = leaseSeconds
        self.pollInterval = pollInterval
        self.retryBudget = retryBudget
        self.longestPause = longestPause
        self.longestListenerPause = longestListenerPause
    }
}

/// Takes work from the table, hands the tree to the provider driver and writes the outcome.
///
/// Level-triggered: a worker reads what the tree is now, not what changed. Applying twice is harmless, so a worker that
/// dies in between costs only time.
public struct Reconciler: Service {
    let database: any Database
    let network: any NetworkProvider
    let drivers: DriverRegistry
    let board: SettleBoard
    let certificates: any CertificateStore
    let settings: ReconcilerSettings
    let holder: String
    let observation: ControlPlaneObservation
    let logger: Logger
    let now: @Sendable () -> Timestamp
    private let abandoned = AbandonedLeases()
    private let claims = ClaimCount()

    /// - Parameter holder: Begins the name of each lease; a process that has the same holder's data plane later can end
    ///   the leases that this one leaves behind.
    public init(
        database: any Database, network: any NetworkProvider, drivers: DriverRegistry, board: SettleBoard,
        certificates: any CertificateStore = NoCertificates(),
        settings: ReconcilerSettings = .init(), holder: String = ResourceID.random().string,
        observation: ControlPlaneObservation = ControlPlaneObservation(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.network = network
        self.drivers = drivers
        self.board = board
        self.certificates = certificates
        self.settings = settings
        self.holder = holder
        self.observation = observation
        self.logger = logger
        self.now = now
    }

    /// To be called once before ``run()``: ends the leases of a process that is gone, and has what runs compared with
    /// what should.
    public func begin() async throws {
        let now = self.now()
        try await database.write { [holder] connection in
            try WorkStore(connection).releaseLeases(of: holder)
            try WorkStore(connection).bringForward(at: now)
            try WorkStore(connection).repeatAll(at: now)
        }
        board.announceWork()
    }

    /// Works until the task is cancelled or a graceful shutdown begins; then finishes what is under way.
    public func run() async throws {
        let (finished, finish) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { helpers in
            helpers.addTask { [settings, board] in
                // The fallback for announcements that come from elsewhere or never, and for attempts that fall due.
                while !Task.isCancelled {
                    try? await Task.sleep(for: settings.pollInterval)
                    board.announceWork()
                }
            }
            helpers.addTask { [board] in
                for await _ in finished { board.announceWork() }
            }
            // Work that is under way at the end is not cancelled: the group waits for it, as long as the driver needs.
            await withDiscardingTaskGroup { group in
                let running = RunningCount()
                for await _ in board.work.cancelOnGracefulShutdown() {
                    while running.value < settings.concurrency, !Task.isCancelled, let item = await claim() {
                        running.add(1)
                        group.addTask {
                            await process(item)
                            running.add(-1)
                            finish.yield()
                        }
                    }
                }
            }
            finish.finish()
            helpers.cancelAll()
        }
    }

    private func claim() async -> WorkItem? {
        let now = self.now()
        let lease = "\(holder)/\(ResourceID.random())"
        do {
            for lease in abandoned.all {
                try await database.write { try WorkStore($0).release(lease: lease) }
                abandoned.remove(lease)
            }
            let isAnyDue = try await database.read { try WorkStore($0).isAnyDue(at: now) }
            if abandoned.noteOutage(false) { logger.notice("the database is there again") }
            guard isAnyDue else { return nil }
            // What is only compared again has its turn too, however much is changed.
            let prefersChanges = !claims.isFourth()
            return try await database.write { [settings] connection in
                try WorkStore(connection).claim(
                    lease: lease, until: now.advanced(bySeconds: settings.leaseSeconds), at: now,
                    prefersChanges: prefersChanges)
            }
        } catch {
            // What may have been claimed unheard is given back, or it would wait for the end of the lease.
            if case DatabaseFault.uncertain = error { abandoned.add(lease) }
            // Once an outage, not four times a second.
            logger.log(
                level: abandoned.noteOutage(true) ? .error : .debug, "cannot look for work",
                metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Does one piece of work, with the lease renewed for as long as it takes.
    private func process(_ item: WorkItem) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let begin = ContinuousClock.now
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(settings.leaseSeconds / 3))
                    guard !Task.isCancelled else { return }
                    let end = self.now().advanced(bySeconds: settings.leaseSeconds)
                    let now = self.now()
                    let duration = ContinuousClock.now - begin
                    _ = try? await database.write { connection in
                        guard try WorkStore(connection).renew(item, until: end),
                            let loadBalancer = try TreeStore(connection).find(LoadBalancer.self, item.loadBalancerID)
                        else { return }
                        try OutcomeEvents(connection, LoadBalancerTree(loadBalancer: loadBalancer), item, at: now)
                            .delayed(since: duration)
                    }
                }
            }
            await trace(item)
            group.cancelAll()
        }
    }

    /// Does the work as a span that is linked to the request behind it.
    private func trace(_ item: WorkItem) async {
        let context = observation.context(of: item)
        let start = ContinuousClock.now
        let outcome = await observation.tracer.withAnySpan("reconcile", context: context, ofKind: .consumer) { span in
            if !item.origin.trace.isEmpty { span.addLink(SpanLink(context: context, attributes: [:])) }
            let outcome = await reconcile(item)
            span.updateAttributes { attributes in
                attributes["ottava.loadbalancer"] = item.loadBalancerID.string
                attributes["ottava.generation"] = item.generation
                attributes["ottava.outcome"] = outcome.rawValue
            }
            if outcome == .failed || outcome == .interrupted { span.setStatus(SpanStatus(code: .error)) }
            return outcome
        }
        observation.worked(outcome, ContinuousClock.now - start)
    }

    private func reconcile(_ item: WorkItem) async -> ControlPlaneObservation.Outcome {
        observation.waited(Double(now().microseconds - item.dueAt.microseconds) / 1e6)
        var outcome = ControlPlaneObservation.Outcome.interrupted
        var logger = self.logger
        logger[metadataKey: "loadbalancer"] = "\(item.loadBalancerID)"
        logger[metadataKey: "generation"] = "\(item.generation)"
        do {
            guard let tree = try await database.read({ try TreeStore($0).tree(of: item.loadBalancerID) }) else {
                _ = try await database.write {
                    try $0.execute("DELETE FROM work WHERE loadbalancer_id = ?", [item.loadBalancerID])
                }
                return .removed
            }
            // The tree may be newer than the claim: what is applied is what was read.
            var item = item
            item.generation = tree.loadBalancer.core.generation
            if item.formerLease != nil {
                let now = self.now()
                try await database.write { [item] in try OutcomeEvents($0, tree, item, at: now).takenOver() }
            }
            do {
                var context = InstrumentationContext.currentOrEmpty
                context.projectID = tree.loadBalancer.core.projectID
                let (claimed, itemLogger) = (item, logger)
                outcome = try await InstrumentationContext.withValue(context) {
                    try await apply(tree, claimed, itemLogger)
                }
            } catch let error as DataPlaneFailure {
                outcome = .failed
                observation.failed(error.cause)
                try await recordFailure(error, item, tree, logger)
            } catch let fault as DatabaseFault {
                throw fault
            } catch {
                // Whatever it is, its owner learns of it, and it must not be tried again without a pause.
                let reason =
                    (error as? NetworkFault).map { "The network service failed: \($0.message)" }
                    ?? "The service failed at its work on the load balancer; the operator finds the cause in the log."
                outcome = .failed
                let cause: DataPlaneFailure.Cause = error is NetworkFault ? .network : .other
                observation.failed(cause)
                try await recordFailure(
                    DataPlaneFailure(cause: cause, reason: reason, detail: "\(error)", isWorthRetrying: true), item,
                    tree, logger)
            }
        } catch {
            // Most likely the database. The work is given back and done again once it is there.
            logger.error("work could not be finished", metadata: ["error": "\(error)"])
            outcome = .interrupted
            observation.failed(.database)
            abandoned.add(item.lease)
        }
        board.settled(item.loadBalancerID, generation: item.generation)
        return outcome
    }
}

/// Leases that this process has and does not want, because the database was away at the wrong moment.
private final class AbandonedLeases: Sendable {
    private let leases = Mutex<Set<String>>([])
    private let isAway = Mutex(false)

    var all: Set<String> { leases.withLock { $0 } }

    func add(_ lease: String) { leases.withLock { _ = $0.insert(lease) } }

    /// Notes whether the database is away, and says whether that is news.
    func noteOutage(_ isAway: Bool) -> Bool {
        self.isAway.withLock { known in
            defer { known = isAway }
            return known != isAway
        }
    }

    func remove(_ lease: String) { leases.withLock { _ = $0.remove(lease) } }
}

/// Counts claims.
private final class ClaimCount: Sendable {
    private let count = Mutex(0)

    /// Counts one more, and says whether it is every fourth.
    func isFourth() -> Bool {
        count.withLock {
            $0 = ($0 + 1) % 4
            return $0 == 0
        }
    }
}

/// How many pieces of work are under way.
private final class RunningCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add(_ difference: Int) { count.withLock { $0 += difference } }
}
