// From observations of the data plane to statuses and statistics in the database.

public import LoadBalancing
public import Logging
public import Persistence
public import ProviderDrivers
public import ServiceLifecycle

/// Writes what drivers observe. It changes statuses only: news that stop never delete or move anything.
public struct HealthManager: Service {
    let database: any Database
    let driver: any ProviderDriver
    let logger: Logger
    let now: @Sendable () -> Timestamp

    public init(
        database: any Database, driver: any ProviderDriver, logger: Logger, now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.driver = driver
        self.logger = logger
        self.now = now
    }

    public func run() async throws {
        for await report in driver.reports.cancelOnGracefulShutdown() {
            do {
                try await record(report)
            } catch {
                // The next observation brings the same again.
                logger.error(
                    "an observation could not be written",
                    metadata: ["loadbalancer": "\(report.loadBalancerID)", "error": "\(error)"])
            }
        }
    }

    func record(_ report: DataPlaneReport) async throws {
        let now = self.now()
        try await database.write { connection in
            let store = TreeStore(connection)
            guard let tree = try store.tree(of: report.loadBalancerID), !tree.loadBalancer.core.isBeingDeleted else {
                return
            }
            try OperatingStatusWriter(store: store, now: now).write(tree, report: report)
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
