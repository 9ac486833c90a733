// From observations of the data plane to statuses and statistics in the database.

public import LoadBalancing
public import Logging
public import Persistence
public import ProviderDrivers
public import ServiceLifecycle

/// Writes what drivers observe. It changes statuses only: news that stop never delete or move anything.
public struct HealthManager: Service {
    /// Where observations come from.
    public enum Source: Sendable {
        /// The data plane of this process.
        case driver(any ProviderDriver)
        /// That of another process, by way of the database.
        case stored(StoredObservations)
    }

    let database: any Database
    let source: Source
    let observation: ControlPlaneObservation
    let logger: Logger
    let now: @Sendable () -> Timestamp

    public init(
        database: any Database, source: Source,
        observation: ControlPlaneObservation = ControlPlaneObservation(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.source = source
        self.observation = observation
        self.logger = logger
        self.now = now
    }

    public func run() async throws {
        switch source {
        case .driver(let driver):
            await forgetStored()
            for await report in driver.reports.cancelOnGracefulShutdown() {
                // The next observation brings the same again.
                await log(report.loadBalancerID) { try await record(report) }
            }
        case .stored(let stored): await cancelWhenGracefulShutdown { await judge(stored) }
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
    /// - Parameter sequence: The number of an observation that another process made. Unless it is still the newest one, and
    ///   nobody was faster, nothing is written.
    func record(_ report: DataPlaneReport, sequence: Int64? = nil) async throws {
        let now = self.now()
        try await database.write { connection in
            let store = TreeStore(connection)
            let observations = ObservationStore(connection)
            if let sequence, try !observations.isWaiting(report.loadBalancerID, sequence) { return }
            guard let tree = try store.tree(of: report.loadBalancerID), !tree.loadBalancer.core.isBeingDeleted else {
                if sequence != nil { try observations.remove(report.loadBalancerID) }
                return
            }
            try OperatingStatusWriter(store: store, now: now).write(tree, report: report)
            if let sequence { try observations.judge(report.loadBalancerID, sequence) }
        }
    }
}

/// Writes the operating statuses and counters that follow from an observation; touches only rows that change.
struct OperatingStatusWriter {
    let store: TreeStore
    let now: Timestamp

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
        }
    }
}
