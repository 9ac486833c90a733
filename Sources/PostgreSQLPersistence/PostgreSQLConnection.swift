// One session with a PostgreSQL server: blocking calls with a deadline, on a thread of the pool.

internal import CPostgreSQL
internal import Glibc
internal import Persistence

/// A failure that the server or the client library reports.
struct PostgreSQLFailure: Error, CustomStringConvertible {
    /// SQLSTATE (PostgreSQL manual, appendix A); empty when the library itself failed.
    var state: String
    var message: String

    var description: String { state.isEmpty ? message : "\(message) (\(state))" }

    /// Whether the same transaction may succeed at once: serialization failure, deadlock.
    var isConflict: Bool { state == "40001" || state == "40P01" }

    /// What it means to whoever uses the database.
    var fault: DatabaseFault {
        switch state {
        case "23505": .duplicate(message)
        case "23503": .reference(message)
        // Locks and time limits, shut down and starting, a server that only reads; too many connections, no room.
        case "55P03", "57014", "57P01", "57P02", "57P03", "57P04", "25006", "25P03", "40001", "40P01":
            .unavailable(description)
        case "": .unavailable(description)
        default: state.hasPrefix("53") || state.hasPrefix("08") ? .unavailable(description) : .engine(description)
        }
    }
}

/// A session; used by one thread at a time.
///
/// `@unchecked Sendable`: the pool lends it to one job at a time, and nothing else refers to it.
final class PostgreSQLSession: @unchecked Sendable {
    /// How long the server may be silent, in seconds; longer than the limits that the server itself is told.
    static let patience = 12.0
    /// Prepared statements that are kept. Filters that clients combine make ever new ones.
    private static let cachedStatements = 400

    private struct Statement {
        var name: String
        var parameterTypes: [Oid]
    }

    private let connection: OpaquePointer
    private var statements: [String: Statement] = [:]
    private var statementCount = 0
    /// Whether the session is of no use any more.
    private(set) var isBroken = false
    /// Seconds that a statement may take; `nil` for work that may take long, such as migrations.
    var patience: Double? = PostgreSQLSession.patience
    /// Changes when the server has recovered from a crash, and only then (``PostgreSQLDatabase`` says what for).
    private(set) var crashMark = ""

    /// Opens a session.
    ///
    /// - Parameter url: `postgresql://…`; what it says wins over the defaults here (PostgreSQL manual 34.1.2).
    init(url: String) throws(PostgreSQLFailure) {
        if let reason = libpq_load() { throw PostgreSQLFailure(state: "", message: String(cString: reason)) }
        let settings: [(String, String)] = [
            ("connect_timeout", "3"), ("application_name", "ottava"), ("client_encoding", "UTF8"),
            // A server that vanishes without a word is noticed within seconds.
            ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"), ("dbname", url),
        ]
        let names = settings.map { strdup($0.0) }
        let values = settings.map { strdup($0.1) }
        defer { for pointer in names + values { free(pointer) } }
        let opened = PQconnectdbParams(
            names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
        guard let opened else { throw PostgreSQLFailure(state: "", message: "out of memory") }
        connection = opened
        PQsetNoticeProcessor(opened, { _, _ in }, nil)
        guard PQstatus(opened) == CONNECTION_OK else {
            isBroken = true
            throw PostgreSQLFailure(state: "", message: Self.message(of: opened))
        }
        guard PQserverVersion(opened) >= 130_000 else {
            isBroken = true
            throw PostgreSQLFailure(state: "0A000", message: "the server is older than PostgreSQL 13")
        }
        guard PQparameterStatus(opened, "server_encoding").map({ String(cString: $0) }) == "UTF8" else {
            isBroken = true
            throw PostgreSQLFailure(state: "0A000", message: "the database's encoding is not UTF8")
        }
        // A process that is paused within a transaction must not keep all others from writing.
        try run(
            """
            SET idle_in_transaction_session_timeout = '4s'; SET lock_timeout = '8s'; SET statement_timeout = '10s';
            SET default_transaction_isolation = 'read committed'; SET synchronous_commit = 'on'
            """)
        let mark = try self.values(run("SELECT stats_reset FROM pg_stat_bgwriter"))
        crashMark = mark.first ?? ""
    }

    deinit { PQfinish(connection) }

    // MARK: Statements

    /// Runs statements without arguments, in one message; the result is the last one's.
    @discardableResult
    func run(_ sql: String) throws(PostgreSQLFailure) -> PostgreSQLResult {
        try result(of: PQsendQuery(connection, sql))
    }

    /// Runs one statement whose arguments are marked by `?`.
    func run(_ sql: String, _ arguments: [any DatabaseValueConvertible]) throws(PostgreSQLFailure) -> PostgreSQLResult {
        let statement = try prepared(sql)
        guard statement.parameterTypes.count == arguments.count else {
            throw PostgreSQLFailure(state: "07001", message: "\(arguments.count) arguments for: \(sql)")
        }
        let parameters = PostgreSQLParameters(arguments, types: statement.parameterTypes)
        return try parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(connection, statement.name, Int32(arguments.count), values, lengths, formats, 0)
        } receive: { (sent) throws(PostgreSQLFailure) in
            try result(of: sent)
        }
    }

    /// The first column of a result.
    func values(_ result: PostgreSQLResult) -> [String] {
        (0..<result.rowCount).map { result.row($0).text(0) ?? "" }
    }

    private func prepared(_ sql: String) throws(PostgreSQLFailure) -> Statement {
        if let statement = statements[sql] { return statement }
        if statements.count >= Self.cachedStatements {
            try run("DEALLOCATE ALL")
            statements = [:]
        }
        statementCount += 1
        let name = "s\(statementCount)"
        try result(of: PQsendPrepare(connection, name, PostgreSQLDialect.numbered(sql), 0, nil))
        let description = try result(of: PQsendDescribePrepared(connection, name))
        let statement = Statement(name: name, parameterTypes: description.parameterTypes)
        statements[sql] = statement
        return statement
    }

    // MARK: Listening

    /// Waits for notifications for at most so many seconds, and returns the texts of those that came.
    func notifications(atMost seconds: Double) throws(PostgreSQLFailure) -> [String] {
        _ = try? waitForInput(until: Self.now + seconds)
        guard PQconsumeInput(connection) == 1 else { throw broken(Self.message(of: connection)) }
        var texts: [String] = []
        while let notification = PQnotifies(connection) {
            texts.append(notification.pointee.extra.map { String(cString: $0) } ?? "")
            PQfreemem(notification)
        }
        return texts
    }

    // MARK: Waiting

    /// The last result of what was sent; the session is broken if it does not come.
    @discardableResult
    private func result(of sent: Int32) throws(PostgreSQLFailure) -> PostgreSQLResult {
        guard sent == 1 else { throw broken(Self.message(of: connection)) }
        let deadline = patience.map { Self.now + $0 }
        var last: PostgreSQLResult?
        var failure: PostgreSQLFailure?
        while true {
            while PQisBusy(connection) == 1 {
                try waitForInput(until: deadline)
                guard PQconsumeInput(connection) == 1 else { throw broken(Self.message(of: connection)) }
            }
            guard let pointer = PQgetResult(connection) else { break }
            let next = PostgreSQLResult(pointer)
            if let problem = next.failure { failure = failure ?? problem }
            last = next
        }
        if PQstatus(connection) != CONNECTION_OK { isBroken = true }
        if let failure { throw failure }
        guard let last else { throw broken("the server gave no answer") }
        return last
    }

    private func waitForInput(until deadline: Double?) throws(PostgreSQLFailure) {
        while true {
            let rest = deadline.map { $0 - Self.now } ?? 60
            guard rest > 0 else { throw broken("the server does not answer") }
            var entry = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            guard entry.fd >= 0 else { throw broken("the connection is closed") }
            if poll(&entry, 1, Int32(min(rest, 60) * 1000) + 1) > 0 { return }
        }
    }

    private func broken(_ message: String) -> PostgreSQLFailure {
        isBroken = true
        return PostgreSQLFailure(state: "", message: message.isEmpty ? "the connection was lost" : message)
    }

    private static func message(of connection: OpaquePointer) -> String {
        String(cString: PQerrorMessage(connection)).split(separator: "\n").joined(separator: "; ")
    }

    /// Seconds of a clock that nobody sets.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// A session inside a transaction, as the stores see it.
struct PostgreSQLConnection: DatabaseConnection {
    /// The channel of all announcements; channels belong to one database of the server.
    static let channel = "ottava"

    let session: PostgreSQLSession

    func execute(_ sql: String, _ arguments: [any DatabaseValueConvertible]) throws -> Int {
        try translatingFailures { () throws(PostgreSQLFailure) in try session.run(sql, arguments).changedRows }
    }

    func query<Element>(
        _ sql: String, _ arguments: [any DatabaseValueConvertible],
        _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> [Element] {
        let result = try translatingFailures { () throws(PostgreSQLFailure) in try session.run(sql, arguments) }
        var elements: [Element] = []
        elements.reserveCapacity(result.rowCount)
        for index in 0..<result.rowCount { elements.append(try transform(DatabaseRow(result.row(index)))) }
        return elements
    }

    func announce(_ announcement: Announcement) throws {
        _ = try execute("SELECT pg_notify('\(Self.channel)', ?)", [announcement.text])
    }

    private func translatingFailures<Result>(_ body: () throws(PostgreSQLFailure) -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            // The pool wants to see conflicts as they are.
            if error.isConflict { throw error }
            throw error.fault
        }
    }
}
