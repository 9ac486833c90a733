// PostgreSQL behind the Database protocol, for several processes at once.

internal import Glibc
internal import NIOPosix
public import Persistence
internal import Synchronization

/// A database on a PostgreSQL server (13 or later).
///
/// Blocks that read run on a few sessions, each on one snapshot (REPEATABLE READ). Blocks that write run one after
/// another, in all processes together: a transaction begins by taking an advisory lock that ends with it. SERIALIZABLE
/// would let them overlap, but the stores read before they write all over (quotas, addresses, the table of work), so most
/// overlaps would end in a repetition; and SQLite, for which the same blocks are written, has one writer, too.
///
/// A session that breaks before COMMIT was sent has changed nothing: the block runs once more on a new one, and if there
/// is none the caller gets ``DatabaseFault/unavailable(_:)`` at once. When the connection is lost during COMMIT, the
/// server is asked what became of the transaction (`pg_xact_status`). Its answer "committed" is worth nothing after a
/// crash, because the number of a transaction that got lost is given to another: then, and when the server cannot be
/// asked within a few seconds, the outcome is ``DatabaseFault/uncertain(_:)``.
public final class PostgreSQLDatabase: Database {
    /// How long a block may wait for its turn, in seconds.
    private static let longestWait = 15.0
    /// How often a block is tried when transactions get in each other's way.
    private static let attempts = 5
    /// What the writers of one database lock; any number that nobody else uses.
    private static let writeLock: Int64 = 0x6F74_7461_7661_0001

    /// What the process with the data plane locks.
    private static let dataPlaneLock: Int64 = 0x6F74_7461_7661_0002

    private let url: String
    private let readers: NIOThreadPool
    /// One thread and so one session: further writers of this process would only wait for the lock.
    private let writer: NIOThreadPool
    private let sessions: PostgreSQLSessions
    private let listener: Mutex<PostgreSQLListener?> = Mutex(nil)
    /// The session that holds the lock of the data plane.
    private let dataPlane: Mutex<PostgreSQLSession?> = Mutex(nil)

    /// Makes the pool; sessions are opened when they are needed.
    ///
    /// - Parameters:
    ///   - url: `postgresql://…`, as libpq reads it (PostgreSQL manual 34.1.1).
    ///   - readerCount: How many blocks read at the same time, 1 or more.
    public init(url: String, readerCount: Int = 4) {
        self.url = url
        sessions = PostgreSQLSessions(url: url)
        readers = NIOThreadPool(numberOfThreads: max(1, readerCount))
        writer = NIOThreadPool(numberOfThreads: 1)
        readers.start()
        writer.start()
    }

    deinit {
        // For who forgets to close: threads and sessions go, with what is under way.
        sessions.close()
        readers.shutdownGracefully { _ in }
        writer.shutdownGracefully { _ in }
    }

    // MARK: Database

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result {
        try await onThread(of: readers) { [sessions] in
            try Self.repeating { isLast in
                let session = try sessions.take(.reader)
                defer { sessions.give(session, .reader) }
                do {
                    try session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    let result = try body(PostgreSQLConnection(session: session))
                    try session.run("COMMIT")
                    return result
                } catch {
                    Self.rollBack(session)
                    // Reading again is always harmless.
                    throw Repeatable(error, isRepeatable: !isLast && session.isBroken)
                }
            }
        }
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result {
        try await onThread(of: writer) { [self] in
            try Self.repeating { isLast in
                let session = try sessions.take(.writer)
                defer { sessions.give(session, .writer) }
                return try transaction(session, isLast: isLast, body)
            }
        }
    }

    public func migrate(_ migrations: [Migration]) async throws {
        try await onThread(of: writer) { [self] in
            try Self.repeating { isLast in
                let session = try sessions.take(.writer)
                defer { sessions.give(session, .writer) }
                try session.run("SET statement_timeout = 0; SET lock_timeout = 0")
                session.patience = nil
                defer {
                    session.patience = PostgreSQLSession.patience
                    if !session.isBroken {
                        _ = try? session.run("SET statement_timeout = '10s'; SET lock_timeout = '8s'")
                    }
                }
                try transaction(session, isLast: isLast) { _ in
                    try Migrator(
                        execute: { sql in
                            do throws(PostgreSQLFailure) { try session.run(sql) } catch { throw error.fault }
                        },
                        texts: { sql in
                            do throws(PostgreSQLFailure) {
                                return session.values(try session.run(sql))
                            } catch {
                                throw error.fault
                            }
                        }
                    ).apply(migrations, translate: PostgreSQLDialect.schema)
                }
            }
        }
    }

    public var announcements: AsyncStream<Announcement>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Announcement.self, bufferingPolicy: .bufferingNewest(4096))
        let next = PostgreSQLListener(url: url, continuation: continuation)
        let previous = listener.withLock { listener in
            defer { listener = next }
            return listener
        }
        previous?.stop()
        next.start()
        return stream
    }

    /// Whether this process is the one that may have the data plane of the database: takes the right if nobody has it,
    /// and keeps it as long as the session lives. To be asked again every second or so.
    ///
    /// - Throws: ``DatabaseFault`` when the server cannot be asked.
    public func holdsDataPlane() async throws -> Bool {
        try await onThread(of: writer) { [self] in
            do throws(PostgreSQLFailure) {
                // Only this method takes the session, and the writers' thread is one.
                if let session = dataPlane.withLock({ $0 }), !session.isBroken,
                    (try? session.run("SELECT 1")) != nil
                {
                    return true
                }
                let session = try PostgreSQLSession(url: url)
                let answer = session.values(try session.run("SELECT pg_try_advisory_lock(\(Self.dataPlaneLock))"))
                let isHeld = answer == ["t"]
                dataPlane.withLock { $0 = isHeld ? session : nil }
                return isHeld
            } catch {
                throw error.fault
            }
        }
    }

    /// How the sessions are used.
    public var poolUse: PostgreSQLPoolUse { sessions.use }

    public func close() async throws {
        let listener = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        listener?.stop()
        try await readers.shutdownGracefully()
        try await writer.shutdownGracefully()
        sessions.close()
        dataPlane.withLock { $0 = nil }
    }

    // MARK: Transactions

    private func transaction<Result>(
        _ session: PostgreSQLSession, isLast: Bool, _ body: (any DatabaseConnection) throws -> Result
    ) throws -> Result {
        let result: Result
        let number: String
        do {
            // The snapshot of each statement is taken after the lock is held, so it shows what the writers before did.
            let begun = try session.run(
                """
                BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(\(Self.writeLock));
                SELECT pg_current_xact_id()
                """)
            number = session.values(begun).first ?? ""
            result = try body(PostgreSQLConnection(session: session))
        } catch {
            Self.rollBack(session)
            let isConflict = (error as? PostgreSQLFailure)?.isConflict ?? false
            throw Repeatable(error, isRepeatable: isConflict || !isLast && session.isBroken)
        }
        do {
            // A statement that failed although the block went on has undone everything.
            guard try session.run("COMMIT").tag == "COMMIT" else {
                throw Repeatable(
                    DatabaseFault.engine("the block went on after a statement that failed"), isRepeatable: false)
            }
            return result
        } catch let failure as PostgreSQLFailure {
            guard session.isBroken else {
                Self.rollBack(session)
                throw Repeatable(failure, isRepeatable: failure.isConflict)
            }
            switch outcome(ofTransaction: number, crashMark: session.crashMark) {
            case true?: return result
            case false?: throw Repeatable(failure, isRepeatable: !isLast)
            case nil:
                throw Repeatable(
                    DatabaseFault.uncertain("the connection was lost during COMMIT: \(failure)"), isRepeatable: false)
            }
        }
    }

    /// Whether a transaction was committed whose COMMIT nobody answered; `nil` when that cannot be found out.
    private func outcome(ofTransaction number: String, crashMark: String) -> Bool? {
        for _ in 0..<25 {
            if let session = try? PostgreSQLSession(url: url),
                let answer = try? session.values(session.run("SELECT pg_xact_status('\(number)'::xid8)")).first
            {
                switch answer {
                case "aborted": return false
                case "committed": return session.crashMark == crashMark ? true : nil
                // The server has not noticed yet that the connection is gone.
                default: break
                }
            }
            usleep(200_000)
        }
        return nil
    }

    private static func rollBack(_ session: PostgreSQLSession) {
        guard !session.isBroken else { return }
        _ = try? session.run("ROLLBACK")
    }

    // MARK: Threads and attempts

    /// Runs a job on one of the threads for it, never on those that Swift's tasks share.
    private func onThread<Result: Sendable>(
        of pool: NIOThreadPool, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        return try await pool.runIfActive {
            guard start.duration(to: .now) < .seconds(Self.longestWait) else {
                throw DatabaseFault.unavailable("the database is busy")
            }
            return try body()
        }
    }

    /// Repeats a block that failed for a reason that is nobody's fault.
    private static func repeating<Result>(_ body: (_ isLast: Bool) throws -> Result) throws -> Result {
        var attempt = 1
        while true {
            do {
                // A session that breaks is replaced once; a second one that breaks is an outage.
                return try body(attempt > 1)
            } catch let error as Repeatable {
                guard error.isRepeatable, attempt < attempts else { throw Self.fault(of: error.cause) }
                attempt += 1
            } catch {
                throw fault(of: error)
            }
        }
    }

    private static func fault(of error: any Error) -> any Error {
        (error as? PostgreSQLFailure)?.fault ?? error
    }
}

/// An error, and whether the block may run again.
private struct Repeatable: Error {
    var cause: any Error
    var isRepeatable: Bool

    init(_ cause: any Error, isRepeatable: Bool) {
        self.cause = cause
        self.isRepeatable = isRepeatable
    }
}
