// The thin layer over a database engine; everything typed stands on top of it.

/// A database that many tasks use at once.
///
/// SQL is written once, in what SQLite and PostgreSQL share; `?` marks a bound argument. Values never become part of a
/// statement's text.
public protocol Database: Sendable {
    /// Runs a block that only reads, on one consistent state of the database.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result

    /// Runs a block in a transaction that is committed when the block returns and undone when it throws.
    ///
    /// Blocks that write run one after another, so that a block may read, decide and write without a race.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any DatabaseConnection) throws -> Result
    ) async throws -> Result

    /// Applies the migrations that have not run yet, in order.
    func migrate(_ migrations: [Migration]) async throws

    /// Ends all work and releases files and connections.
    func close() async throws

    /// What other processes announce, and this one too; `nil` when the engine has no way to tell. One reader.
    ///
    /// After an interruption it begins with ``Announcement/work``, as announcements may have been lost.
    var announcements: AsyncStream<Announcement>? { get }
}

/// A connection inside ``Database/read(_:)`` or ``Database/write(_:)``; must not leave the block.
public protocol DatabaseConnection {
    /// Runs a statement and says how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [any DatabaseValueConvertible]) throws -> Int

    /// Runs a query and makes one value of each row.
    func query<Element>(
        _ sql: String, _ arguments: [any DatabaseValueConvertible],
        _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> [Element]

    /// Tells all processes something once the transaction is committed.
    func announce(_ announcement: Announcement) throws
}

extension DatabaseConnection {
    /// Runs a statement without arguments.
    @discardableResult
    public func execute(_ sql: String) throws -> Int { try execute(sql, []) }

    /// Runs a query and makes a value of its first row.
    public func first<Element>(
        _ sql: String, _ arguments: [any DatabaseValueConvertible] = [],
        _ transform: (borrowing DatabaseRow) throws -> Element
    ) throws -> Element? {
        try query(sql, arguments, transform).first
    }

    /// Whether the query finds a row.
    public func exists(_ sql: String, _ arguments: [any DatabaseValueConvertible] = []) throws -> Bool {
        try !query(sql, arguments) { _ in true }.isEmpty
    }

    /// Inserts one row.
    public func insert(
        into table: String, _ columns: [(name: String, value: any DatabaseValueConvertible)]
    ) throws {
        let names = columns.map(\.name).joined(separator: ", ")
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        try execute("INSERT INTO \(table) (\(names)) VALUES (\(marks))", columns.map(\.value))
    }

    /// Changes the rows in which `column` has `value`; says how many there were.
    @discardableResult
    public func update(
        _ table: String, _ columns: [(name: String, value: any DatabaseValueConvertible)], where column: String,
        is value: any DatabaseValueConvertible
    ) throws -> Int {
        let changes = columns.map { "\($0.name) = ?" }.joined(separator: ", ")
        return try execute("UPDATE \(table) SET \(changes) WHERE \(column) = ?", columns.map(\.value) + [value])
    }
}

/// One step of the schema's history. Steps are never edited once released.
public struct Migration: Sendable {
    /// Unique and sorted by time: `0001-load-balancers`.
    public var identifier: String
    /// Statements in the SQL that both engines share.
    public var statements: [String]
    /// Whether releases that do not know this step cannot use the database any more. Steps that only add are not.
    public var isBreaking: Bool

    public init(_ identifier: String, _ statements: [String], isBreaking: Bool = false) {
        self.identifier = identifier
        self.statements = statements
        self.isBreaking = isBreaking
    }
}

/// What went wrong with the database itself, as opposed to what was asked of it.
public enum DatabaseFault: Error, Sendable, Hashable {
    /// A UNIQUE or PRIMARY KEY constraint refused a row; the text names the columns.
    case duplicate(String)
    /// A foreign key refused the change.
    case reference(String)
    /// The database cannot be used at the moment, and nothing was changed: no connection, or another process is in the
    /// way for too long. Worth trying again.
    case unavailable(String)
    /// The connection was lost while a transaction was being committed, and whether it was cannot be found out.
    case uncertain(String)
    /// Anything else: disk full, a statement that does not fit the schema.
    case engine(String)
}
