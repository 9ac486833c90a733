// A database whose blocks are timed.

/// Passes everything on, and tells how long it took.
public struct ObservedDatabase: Database {
    /// What a block does.
    public enum BlockKind: String, Sendable, CaseIterable {
        case read
        case write
    }

    /// How a block ended.
    public enum Ending: String, Sendable, CaseIterable {
        case done
        /// The block threw something of its own, most often a fault of the request.
        case refused
        /// The database was away.
        case unavailable
        /// The database failed otherwise.
        case failed
    }

    /// The database itself.
    public let inner: any Database
    private let observe: @Sendable (BlockKind, Ending, Duration) -> Void

    /// - Parameter observe: Called after each block, with the time from the call to the end: waiting for a turn included.
    public init(
        _ inner: any Database, observe: @escaping @Sendable (BlockKind, Ending, Duration) -> Void
    ) {
        self.inner = inner
        self.observe = observe
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result {
        try await timed(.read) { try await inner.read(body) }
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result {
        try await timed(.write) { try await inner.write(body) }
    }

    public func migrate(_ migrations: [Migration]) async throws { try await inner.migrate(migrations) }
    public func close() async throws { try await inner.close() }
    public var announcements: AsyncStream<Announcement>? { inner.announcements }

    private func timed<Result>(_ kind: BlockKind, _ body: () async throws -> Result) async throws -> Result {
        let start = ContinuousClock.now
        do {
            let result = try await body()
            observe(kind, .done, ContinuousClock.now - start)
            return result
        } catch {
            let ending: Ending =
                switch error {
                case DatabaseFault.unavailable, DatabaseFault.uncertain: .unavailable
                case DatabaseFault.engine: .failed
                default: .refused
                }
            observe(kind, ending, ContinuousClock.now - start)
            throw error
        }
    }
}
