// From observations of the data plane to statuses and statistics in the database.

public import LoadBalancing
public import Logging
public import Persistence
public import ProviderDrivers
public import ServiceLifecycle

/// Writes what drivers observe. It changes statuses only: news that stop never delete or move anything.
///
/// Many load balancers that are said to serve no more at a time are more likely one failure of who observes them. So a
/// guard rail holds such news back for a while, and then the data plane is asked again: what it says then counts.
public struct HealthManager: Service {
    /// Where observations come from.
    public enum Source: Sendable {
        /// The data plane of this process.
        ///
        /// - Parameter others: The drivers of managers that share the guard rail: it holds back load balancers of them all.
        case driver(any ProviderDriver, others: [any ProviderDriver] = [])
        /// That of another process, by way of the database.
        case stored(StoredObservations)
    }

    let database: any Database
    let source: Source
    /// What holds news back that make many load balancers ERROR at a time; its state is for whoever shows it.
    public let guardRail: GuardRail
    let observation: ControlPlaneObservation
    let logger: Logger
    let now: @Sendable () -> Timestamp

    public init(
        database: any Database, source: Source, guardRail: GuardRail = GuardRail("operating-status"),
        observation: ControlPlaneObservation = ControlPlaneObservation(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.source = source
        self.guardRail = guardRail
        self.observation = observation
        self.logger = logger
        self.now = now
    }

    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    await askAgain()
                }
            }
            switch source {
            case .driver(let driver, _):
                group.addTask {
                    await FindingRecorder(database: database, observation: observation, logger: logger, now: now)
                        .run(driver)
                }
                await forgetStored()
                for await report in driver.reports.cancelOnGracefulShutdown() {
                    // The next observation brings the same again.
                    await log(report.loadBalancerID) { try await record(report) }
                }
            case .stored(let stored): await cancelWhenGracefulShutdown { await judge(stored) }
            }
            group.cancelAll()
        }
    }

    /// What an earlier process handed on is older than what the driver is going to say.
    private func forgetStored() async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                return try await database.write { try ObservationStore($0).removeAll() }
            } catch {
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Judges what another process observes, as it comes.
    private func judge(_ stored: StoredObservations) async {
        var isAway = false
        while !Task.isCancelled {
            do {
                for (report, sequence) in try await stored.waiting(atMost: 100) {
                    await log(report.loadBalancerID) { try await record(report, sequence: sequence) }
                }
                isAway = false
            } catch {
                logger.log(
                    level: isAway ? .debug : .error, "cannot look for observations", metadata: ["error": "\(error)"])
                isAway = true
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private func log(_ id: ResourceID, _ body: () async throws -> Void) async {
        do {
            try await body()
            observation.observed(isWritten: true)
        } catch {
            observation.observed(isWritten: false)
            logger.error(
                "an observation could not be written", metadata: ["loadbalancer": "\(id)", "error": "\(error)"])
        }
    }

    /// Writes an observation.
    ///
    /// - Parameters:
    ///   - sequence: The number of an observation that another process made. Unless it is still the newest one, and
    ///     nobody was faster, nothing is written.
    ///   - isConfirmed: Whether the data plane stands by it after the guard rail has held it back.
    func record(_ report: DataPlaneReport, sequence: Int64? = nil, isConfirmed: Bool = false) async throws {
        let now = self.now()
        let guardRail = self.guardRail
        let id = report.loadBalancerID
        let answer = try await database.write { connection -> GuardRail.Answer in
            let store = TreeStore(connection)
            let observations = ObservationStore(connection)
            if let sequence, try !observations.isWaiting(id, sequence) { return .allowed }
            guard let tree = try store.tree(of: id), !tree.loadBalancer.core.isBeingDeleted else {
                if sequence != nil { try observations.remove(id) }
                guardRail.dismiss(id)
                return .allowed
            }
            if let sequence { try observations.judge(id, sequence) }
            // Members that fail are seen by HAProxy and the kernel; here it is they who are said to be gone.
            if !report.isServing, tree.loadBalancer.core.operatingStatus != .error {
                if !isConfirmed {
                    let population = try connection.first("SELECT COUNT(*) FROM load_balancer") { $0.int(0) } ?? 0
                    let answer = guardRail.ask(for: id, among: population, at: now)
                    guard answer == .allowed else { return answer }
                }
            } else {
                guardRail.dismiss(id)
            }
            let events = StatusEvents()
            try OperatingStatusWriter(store: store, now: now, events: events).write(tree, report: report)
            try events.write(to: EventStore(connection), of: tree.loadBalancer, at: now)
            return .allowed
        }
        if answer == .held(isFirst: true) {
            logger.error(
                "very many load balancers are said to fail at a time; their statuses stay until the data plane is asked again",
                metadata: ["seconds": "\(guardRail.settings.pause)"])
        }
    }

    /// Has the data plane confirm news that were held back for long enough; another process's has had the time to take
    /// them back.
    func askAgain() async {
        guard let held = guardRail.release(at: now()) else { return }
        logger.notice("asking again for load balancers that were said to fail", metadata: ["count": "\(held.count)"])
        for id in held.sorted() where !Task.isCancelled {
            guard let report = await newest(of: id) else { continue }
            await log(id) { try await record(report, isConfirmed: true) }
        }
    }

    private func newest(of id: ResourceID) async -> DataPlaneReport? {
        switch source {
        case .driver(let driver, let others):
            for driver in [driver] + others {
                if let report = await driver.report(of: id) { return report }
            }
            return nil
        case .stored(let stored): return await stored.newest(of: id)?.report
        }
    }
}

/// Writes the operating statuses and counters that follow from an observation; touches only rows that change.
struct OperatingStatusWriter {
    let store: TreeStore
    let now: Timestamp
    /// Where changes are noted; absent where another event tells them.
    var events: StatusEvents?

    func write(_ tree: LoadBalancerTree, report: DataPlaneReport?) throws {
        try write(OperatingStatusRollup.statuses(of: tree, report: report), of: tree)
        guard let report else { return }
        for listener in tree.listeners {
            guard let observed = report.listeners[listener.id]?.statistics,
                try observed != store.statistics(where: "listener_id", is: listener.id)
            else { continue }
            try store.setStatistics(observed, ofListener: listener.id, loadBalancer: tree.loadBalancer.id)
        }
    }

    /// Writes statuses that somebody has worked out.
    func write(_ statuses: [ResourceID: OperatingStatus], of tree: LoadBalancerTree) throws {
        try update([tree.loadBalancer], statuses)
        try update(tree.listeners, statuses)
        try update(tree.pools, statuses)
        try update(tree.members, statuses)
        try update(tree.healthMonitors, statuses)
        try update(tree.l7Policies, statuses)
        try update(tree.l7Rules, statuses)
    }

    private func update<Record: TreeRecord>(
        _ records: [Record], _ statuses: [ResourceID: OperatingStatus]
    ) throws {
        for record in records {
            guard let status = statuses[record.id], status != record.core.operatingStatus else { continue }
            try store.setOperatingStatus(Record.self, record.id, status, at: now)
            events?.note(record, becomes: status)
        }
    }
}
