// What a server must be able to do to be healthy: it depends on its roles.

internal import AmphoraAgent
internal import HTTPService
internal import LoadBalancing
internal import Persistence

/// The checks behind `/healthcheck`.
struct ServerHealth: Sendable {
    /// Work that nobody takes for longer than this is a sign that workers do not work, in seconds.
    static let longestWait = 60.0

    let settings: ObservationSettings
    let database: any Database
    let now: @Sendable () -> Timestamp
    /// For longer than that nobody here has seen work wait: before, there was perhaps nobody to take it, or another time of
    /// day.
    private let start = ContinuousClock.now

    init(settings: ObservationSettings, database: any Database, now: @escaping @Sendable () -> Timestamp) {
        self.settings = settings
        self.database = database
        self.now = now
    }

    /// The checks of a process.
    ///
    /// - Parameters:
    ///   - worker: What the worker of this process is at; absent: it has none.
    ///   - agent: The data plane of this process.
    func checks(roles: Set<ServerRole>, worker: WorkerState?, agent: AmphoraAgent?) -> HealthChecks {
        var checks = HealthChecks(isDetailed: settings.isHealthDetailed)
        checks.add("database") { await databaseFinding() }
        if let worker { checks.add("worker") { await workerFinding(worker, agent) } }
        if roles.contains(.api) { checks.add("work") { await workFinding(hasWorker: worker != nil) } }
        return checks
    }

    private func databaseFinding() async -> HealthFinding {
        do {
            _ = try await database.read { try $0.exists("SELECT 1") }
            return .healthy()
        } catch {
            return .failed("The database does not answer.", details: "\(error)")
        }
    }

    private func workerFinding(_ worker: WorkerState, _ agent: AmphoraAgent?) async -> HealthFinding {
        switch worker.stage {
        case .starting: return .failed("The worker has not started.")
        case .standingBy(let reason): return .healthy("standing by: \(reason)")
        case .working:
            guard let agent else { return .healthy("without a data plane") }
            guard await agent.isStarted else { return .failed("The data plane of this node does not run.") }
            return .healthy("\(await agent.loadBalancerCount) load balancers")
        }
    }

    /// Whether work is taken.
    private func workFinding(hasWorker: Bool) async -> HealthFinding {
        let now = now()
        guard let queue = try? await database.read({ try WorkStore($0).queue(at: now) }) else {
            // The check of the database says so.
            return .healthy("unknown")
        }
        let seconds = queue.oldestDue.map { Double(now.microseconds - $0.microseconds) / 1e6 } ?? 0
        let seen = ContinuousClock.now - start
        guard min(.seconds(seconds), seen) > .seconds(Self.longestWait) else {
            return .healthy("\(queue.due) load balancers have work")
        }
        return HealthFinding(
            isHealthy: !hasWorker && !settings.requiresWorkers,
            reason: "Changes are accepted, but no worker has taken them for \(Int(seconds)) s.")
    }
}
