// Observations by way of the database: the data plane is in one process, the health manager in another.

public import LoadBalancing
public import Logging
public import Persistence
public import ProviderDrivers
public import ServiceLifecycle

/// Writes what a driver observes into the database, for health managers in other processes.
public struct ObservationForwarder: Service {
    let database: any Database
    let driver: any ProviderDriver
    let fallback: HealthManager
    let observation: ControlPlaneObservation
    let logger: Logger
    let now: @Sendable () -> Timestamp

    /// - Parameter fallback: Judges what nobody else judges.
    public init(
        database: any Database, driver: any ProviderDriver, fallback: HealthManager,
        observation: ControlPlaneObservation = ControlPlaneObservation(), logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.driver = driver
        self.fallback = fallback
        self.observation = observation
        self.logger = logger
        self.now = now
    }

    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { try? await fallback.run() }
            group.addTask {
                await FindingRecorder(database: database, observation: observation, logger: logger, now: now)
                    .run(driver)
            }
            await forward()
            group.cancelAll()
        }
    }

    private func forward() async {
        for await report in driver.reports.cancelOnGracefulShutdown() {
            // A change that is lost would not be told again until the next one.
            var isFirst = true
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                do {
                    let now = self.now()
                    try await database.write { try ObservationStore($0).put(report, at: now) }
                    break
                } catch {
                    logger.log(
                        level: isFirst ? .error : .debug, "an observation could not be handed on; trying again",
                        metadata: ["loadbalancer": "\(report.loadBalancerID)", "error": "\(error)"])
                    isFirst = false
                    try? await Task.sleep(for: .milliseconds(500))
                }
            }
        }
    }
}

/// Reads observations that another process has handed on. Any number of processes may do so.
public struct StoredObservations: Sendable {
    let database: any Database
    /// How old an observation must be, in seconds: whoever is only there in case nobody else is waits a little.
    let age: Double
    let now: @Sendable () -> Timestamp

    public init(database: any Database, age: Double = 0, now: @escaping @Sendable () -> Timestamp) {
        self.database = database
        self.age = age
        self.now = now
    }

    /// What nobody has judged.
    func waiting(atMost limit: Int) async throws -> [(report: DataPlaneReport, sequence: Int64)] {
        let latest = now().advanced(bySeconds: -age)
        return try await database.read { try ObservationStore($0).waiting(until: latest, limit: limit) }
    }

    /// The newest of a load balancer, judged or not.
    func newest(of id: ResourceID) async -> (report: DataPlaneReport, sequence: Int64?)? {
        try? await database.read { try ObservationStore($0).newest(of: id).map { ($0.report, $0.sequence) } }
    }
}
