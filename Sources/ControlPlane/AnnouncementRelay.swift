// From the database's announcements to those who wait in this process.

internal import LoadBalancing
public import Persistence
public import ServiceLifecycle

/// Passes on what other processes announce: work to the reconciler, ends of work to API calls that wait.
///
/// Announcements may get lost when the database restarts. The reconciler polls, and API calls do not wait for long.
public struct AnnouncementRelay: Service {
    let database: any Database
    let board: SettleBoard

    public init(database: any Database, board: SettleBoard) {
        self.database = database
        self.board = board
    }

    public func run() async throws {
        guard let announcements = database.announcements else { return try await gracefulShutdown() }
        for await announcement in announcements.cancelOnGracefulShutdown() {
            switch announcement {
            case .work: board.announceWork()
            case .settled(let id, let generation): board.settled(id, generation: generation)
            }
        }
    }
}
