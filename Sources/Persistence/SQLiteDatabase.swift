// SQLite behind the Database protocol, by way of GRDB.

internal import FoundationEssentials
internal import GRDB
internal import Synchronization

/// A SQLite file in WAL mode: one writer at a time, readers beside it.
public final class SQLiteDatabase: Database {
    private let pool: DatabasePool
    private let cachable = CachableStatements()

    /// Opens the file, making it if it is absent.
    ///
    /// - Throws: ``DatabaseFault`` when the file cannot be opened.
    public init(path: String) throws {
        var configuration = GRDB.Configuration()
        // Several processes may share the file: wait for each other instead of failing at once.
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { connection in
            // With WAL this loses nothing when the process dies, only when the machine does.
            try connection.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw DatabaseFault.engine("cannot open the database: \(error)")
        }
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result {
        // On the thread of the caller: readers never wait for the writer, and the way to another thread and back takes
        // longer than most queries.
        try readHere(body)
    }

    private func readHere<Result>(_ body: (any DatabaseConnection) throws -> Result) throws -> Result {
        try pool.read { try body(SQLiteConnection(connection: $0, cachable: cachable)) }
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result {
        try await pool.write { [cachable] connection in
            try body(SQLiteConnection(connection: connection, cachable: cachable))
        }
    }

    public func migrate(_ migrations: [Migration]) async throws {
        try await pool.write { connection in
            try Migrator(
                execute: { try connection.execute(sql: $0) }, texts: { try String.fetchAll(connection, sql: $0) }
            ).apply(migrations)
        }
    }

    /// Brings everything into the file itself, so that it can be moved without the files beside it; for who uses it
    /// alone.
    public func completeFile() async throws {
        let isBusy = try await pool.writeWithoutTransaction { connection in
            try Bool.fetchOne(connection, sql: "PRAGMA wal_checkpoint(TRUNCATE)") ?? true
        }
        guard !isBusy else { throw DatabaseFault.engine("another process uses the file") }
    }

    public func close() async throws {
        try pool.close()
    }
}

/// Which statements are kept prepared.
///
/// Filters that clients combine make ever new statements; only the first few hundred texts are worth their memory.
private final class CachableStatements: Sendable {
    private static let limit = 500

    private let known = Mutex<Set<String>>([])

    func contains(_ sql: String) -> Bool {
        known.withLock { known in
            if known.contains(sql) { return true }
            guard known.count < Self.limit else { return false }
            known.insert(sql)
            return true
        }
    }
}

private struct SQLiteConnection: DatabaseConnection {
    let connection: GRDB.Database
    let cachable: CachableStatements

    func execute(_ sql: String, _ arguments: [any DatabaseValueConvertible]) throws -> Int {
        try translatingErrors {
            let statement = try statement(sql)
            try statement.execute(arguments: StatementArguments(arguments.map(\.bindable)))
            return connection.changesCount
        }
    }

    func query<Element>(
        _ sql: String, _ arguments: [any DatabaseValueConvertible],
        _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> [Element] {
        try translatingErrors {
            let statement = try statement(sql)
            let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.bindable)))
            var result: [Element] = []
            while let row = try cursor.next() {
                result.append(try transform(DatabaseRow(SQLiteRowColumns(row: row))))
            }
            return result
        }
    }

    private func statement(_ sql: String) throws -> Statement {
        try cachable.contains(sql) ? connection.cachedStatement(sql: sql) : connection.makeStatement(sql: sql)
    }

    private func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as GRDB.DatabaseError {
            switch error.extendedResultCode {
            case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY:
                throw DatabaseFault.duplicate(error.message ?? "")
            case .SQLITE_CONSTRAINT_FOREIGNKEY:
                throw DatabaseFault.reference(error.message ?? "")
            default:
                throw DatabaseFault.engine(error.description)
            }
        }
    }
}

private struct SQLiteRowColumns: DatabaseRowColumns {
    let row: Row

    func text(_ index: Int) -> String? { row[index] }
    func integer(_ index: Int) -> Int64? { row[index] }
    func real(_ index: Int) -> Double? { row[index] }
    func blob(_ index: Int) -> [UInt8]? {
        (row[index] as Data?).map { Array($0) }
    }
}

extension Persistence.DatabaseValueConvertible {
    /// As GRDB binds it; absent is NULL.
    fileprivate var bindable: (any GRDB.DatabaseValueConvertible)? {
        switch databaseValue {
        case .null: nil
        case .integer(let value): value
        case .real(let value): value
        case .text(let value): value
        case .blob(let bytes): Data(bytes)
        }
    }
}
