// What the data plane has put right, told in timelines.

internal import LoadBalancing
internal import Logging
internal import Persistence
internal import ProviderDrivers
internal import ServiceLifecycle

/// Writes the findings of a driver.
struct FindingRecorder: Sendable {
    let database: any Database
    let observation: ControlPlaneObservation
    let logger: Logger
    let now: @Sendable () -> Timestamp

    /// Until the driver ends.
    func run(_ driver: any ProviderDriver) async {
        observation.drifted(driver.name, count: 0)
        for await finding in driver.findings.cancelOnGracefulShutdown() {
            observation.drifted(driver.name)
            do {
                try await record(finding)
            } catch {
                logger.error("a finding could not be written", metadata: ["error": "\(error)"])
            }
        }
    }

    func record(_ finding: DataPlaneFinding) async throws {
        guard let id = finding.loadBalancerID else { return }
        let now = self.now()
        try await database.write { connection in
            guard let loadBalancer = try TreeStore(connection).find(LoadBalancer.self, id) else { return }
            try EventStore(connection).append(
                LoadBalancerEvent(
                    loadBalancerID: id, projectID: loadBalancer.projectID, .drift,
                    generation: loadBalancer.core.generation, message: finding.message, at: now), mergingAfter: 4,
                within: 600)
        }
    }
}
