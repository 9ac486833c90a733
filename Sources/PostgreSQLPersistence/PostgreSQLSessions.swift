// The sessions of a process: lent to one job at a time, opened anew with patience when the server is away.

internal import Persistence
internal import Synchronization

/// Sessions that are open and not in use. How many there can be follows from the threads that use them.
final class PostgreSQLSessions: Sendable {
    enum Kind: Hashable { case reader, writer }

    private struct State {
        var idle: [Kind: [PostgreSQLSession]] = [:]
        var isClosed = false
        /// Attempts in a row that failed.
        var failures = 0
        /// When the next attempt may be made after a failure.
        var retryAt: ContinuousClock.Instant = .now
        var isTrying = false
        var lastFailure = ""
        var use = PostgreSQLPoolUse()
    }

    private let url: String
    private let state = Mutex(State())

    init(url: String) {
        self.url = url
    }

    /// An idle session, or a new one.
    ///
    /// While the server is away only one caller at a time tries, with growing pauses of up to half a second; all others
    /// learn at once that there is no database.
    func take(_ kind: Kind) throws -> PostgreSQLSession {
        let idle: PostgreSQLSession? = try state.withLock { state in
            if state.isClosed { throw DatabaseFault.unavailable("the database is closed") }
            if let session = state.idle[kind]?.popLast() {
                state.use.inUse += 1
                return session
            }
            guard state.failures > 0 else { return nil }
            guard !state.isTrying, ContinuousClock.now >= state.retryAt else {
                throw DatabaseFault.unavailable("no connection to the database: \(state.lastFailure)")
            }
            state.isTrying = true
            return nil
        }
        if let idle { return idle }
        do {
            let session = try PostgreSQLSession(url: url)
            state.withLock { state in
                state.failures = 0
                state.isTrying = false
                state.use.opened += 1
                state.use.inUse += 1
            }
            return session
        } catch {
            state.withLock { state in
                state.isTrying = false
                state.use.failed += 1
                state.failures = min(state.failures + 1, 4)
                state.retryAt = .now + .milliseconds(32 << state.failures)
                state.lastFailure = "\(error)"
            }
            throw error.fault
        }
    }

    /// Takes a session back. One that broke is closed, and with it all idle ones: they are most likely broken, too.
    func give(_ session: PostgreSQLSession, _ kind: Kind) {
        let dropped: [PostgreSQLSession] = state.withLock { state in
            state.use.inUse -= 1
            if session.isBroken { state.use.broken += 1 }
            if state.isClosed { return [session] }
            guard session.isBroken else {
                state.idle[kind, default: []].append(session)
                return []
            }
            defer { state.idle = [:] }
            return state.idle.values.flatMap { $0 } + [session]
        }
        // Closing talks to the server: not under the lock.
        _ = dropped
    }

    /// How the sessions are used.
    var use: PostgreSQLPoolUse {
        state.withLock { state in
            var use = state.use
            use.idle = state.idle.values.reduce(0) { $0 + $1.count }
            return use
        }
    }

    func close() {
        let dropped = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [:] }
            return state.idle
        }
        _ = dropped
    }
}

/// How the sessions of a process with its database are used, and how often they broke.
public struct PostgreSQLPoolUse: Sendable, Hashable {
    /// Sessions in which something is under way.
    public var inUse = 0
    /// Sessions that wait for something to do.
    public var idle = 0
    /// Sessions that were opened since the start.
    public var opened = 0
    /// Attempts to open one that failed.
    public var failed = 0
    /// Sessions that broke while they were used.
    public var broken = 0
}
