// The role that has the data plane.

internal import AmphoraAgent
internal import ControlPlane
internal import Logging
internal import PacketForwarding
internal import Persistence
internal import PostgreSQLPersistence
internal import ProviderDrivers
internal import ServiceLifecycle

/// Claims work as soon as the drivers of this process have started, and never before.
///
/// One process at a time has the data plane of a database. Others stand by and take over when that process ends: at once
/// if they have the same data directory, because leases carry the name of the directory, so that what was held is free.
/// With another directory everything is made anew there.
struct Worker: Service {
    let database: any Database
    /// The database, if several processes share it.
    let shared: PostgreSQLDatabase?
    /// `nil`: drivers that need no start.
    let agent: AmphoraAgent?
    let kernel: KernelDriver?
    let reconciler: Reconciler
    /// What becomes of observations.
    let observers: [any Service]
    let housekeeper: Housekeeper
    /// For checks of health.
    let state: WorkerState
    let logger: Logger

    func run() async throws {
        guard await isActive() else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reconciler.run() }
            for observer in observers { group.addTask { try await observer.run() } }
            group.addTask { try await housekeeper.run() }
            if agent != nil { group.addTask { try await watchRight() } }
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
                        try await kernel?.start()
                        break
                    } catch {
                        state.stage = .standingBy(error.reason)
                        logger.log(
                            level: isFirst ? .notice : .debug, "standing by until the data plane can be had",
                            metadata: ["reason": "\(error.reason)", "detail": "\(error.detail)"])
                        isFirst = false
                    }
                    do { try await Task.sleep(for: .seconds(1)) } catch { return false }
                }
            }
            var isFirst = true
            while true {
                do {
                    guard try await hasRight() else {
                        state.stage = .standingBy("another data directory has the data plane")
                        logger.log(
                            level: isFirst ? .notice : .debug, "standing by: another data directory has the data plane")
                        isFirst = false
                        do { try await Task.sleep(for: .seconds(1)) } catch { return false }
                        continue
                    }
                    try await reconciler.begin()
                    state.stage = .working
                    return true
                } catch {
                    logger.error("cannot begin to work", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: .milliseconds(500)) } catch { return false }
            }
        }
    }

    /// Whether this process may have the data plane of the database.
    private func hasRight() async throws -> Bool {
        guard agent != nil, let shared else { return true }
        return try await shared.holdsDataPlane()
    }

    /// Ends the process when another one has become the one with the data plane, as may happen after the database was
    /// away: two that both apply plans would undo each other's work.
    private func watchRight() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                // While the database is away nobody can take it, and no work is claimed.
                if (try? await hasRight()) == false {
                    throw StartProblem("a process with another data directory has the data plane of this database now")
                }
            }
        }
    }
}
