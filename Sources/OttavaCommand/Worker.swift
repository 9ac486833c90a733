// The role that has the data plane.

internal import AmphoraAgent
internal import ControlPlane
internal import Logging
internal import Persistence
internal import ProviderDrivers
internal import ServiceLifecycle

/// Claims work as soon as the drivers of this process have started, and never before.
///
/// One process at a time can have the data plane of a data directory. Others with the same directory stand by: they take
/// over when that process ends, and what it held is free at once, because leases carry the name of the directory.
struct Worker: Service {
    let database: any Database
    /// `nil`: drivers that need no start.
    let agent: AmphoraAgent?
    let reconciler: Reconciler
    let healthManager: HealthManager?
    let housekeeper: Housekeeper
    let logger: Logger

    func run() async throws {
        guard await isActive() else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reconciler.run() }
            if let healthManager { group.addTask { try await healthManager.run() } }
            group.addTask { try await housekeeper.run() }
            try await group.waitForAll()
        }
    }

    /// Waits until the data plane is this process's; false when the process ends before.
    private func isActive() async -> Bool {
        await cancelWhenGracefulShutdown {
            if let agent {
                var isFirst = true
                while true {
                    do throws(DataPlaneError) {
                        try await agent.start()
                        break
                    } catch {
                        logger.log(
                            level: isFirst ? .notice : .debug, "standing by until the data plane can be had",
                            metadata: ["reason": "\(error.reason)", "detail": "\(error.detail)"])
                        isFirst = false
                    }
                    do { try await Task.sleep(for: .seconds(1)) } catch { return false }
                }
            }
            while true {
                do {
                    try await reconciler.begin()
                    return true
                } catch {
                    logger.error("cannot begin to work", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: .milliseconds(500)) } catch { return false }
            }
        }
    }
}
