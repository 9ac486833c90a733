// Everything in one database into another: moves between engines, backups and their return.

/// Copies all rows from one consistent state of a database into an empty one, in one transaction.
///
/// One of the two must be SQLite: it tells which tables and columns there are. The rows are held in memory meanwhile.
public struct DatabaseCopy: Sendable {
    private struct Table: Sendable {
        var name: String
        var columns: [(name: String, kind: Kind)]
        /// Tables whose rows must be there before.
        var parents: Set<String>
    }

    private enum Kind: Sendable {
        case integer, real, text, blob

        init(declared type: String) {
            switch type.uppercased() {
            case "BIGINT", "INTEGER": self = .integer
            case "DOUBLE PRECISION", "REAL": self = .real
            case "BYTEA", "BLOB": self = .blob
            default: self = .text
            }
        }

        func value(_ row: borrowing DatabaseRow, _ index: Int) -> DatabaseValue {
            switch self {
            case .integer: row.optionalInteger(index).map { .integer($0) } ?? .null
            case .real: row.optionalReal(index).map { .real($0) } ?? .null
            case .text: row.optionalText(index).map { .text($0) } ?? .null
            case .blob: row.optionalBlob(index).map { .blob($0) } ?? .null
            }
        }
    }

    private let source: any Database
    private let target: any Database
    private let sqlite: SQLiteDatabase

    /// From a SQLite file to wherever.
    public init(from source: SQLiteDatabase, to target: any Database) {
        (self.source, self.target, sqlite) = (source, target, source)
    }

    /// From wherever to a SQLite file.
    public init(from source: any Database, to target: SQLiteDatabase) {
        (self.source, self.target, sqlite) = (source, target, target)
    }

    /// Copies, and returns how many rows each table has.
    ///
    /// - Throws: ``DatabaseFault`` when the two have different schemas or the target is not empty; then it is as before.
    public func run() async throws -> [(table: String, rows: Int)] {
        let tables = try await sqlite.read { try Self.tables($0) }
        let history = "SELECT identifier FROM schema_migration ORDER BY identifier"
        let (migrations, content) = try await source.read { connection in
            let content = try tables.map { table in
                let names = table.columns.map(\.name).joined(separator: ", ")
                return try connection.query("SELECT \(names) FROM \(table.name)", []) { row in
                    table.columns.indices.map { table.columns[$0].kind.value(row, $0) }
                }
            }
            return (try connection.query(history, []) { $0.text(0) }, content)
        }
        return try await target.write { connection in
            guard try connection.query(history, [], { $0.text(0) }) == migrations else {
                throw DatabaseFault.engine("the two databases have different schemas; run 'ottava database migrate'")
            }
            for table in tables where try connection.exists("SELECT 1 FROM \(table.name) LIMIT 1") {
                throw DatabaseFault.engine("the database to write to is not empty: \(table.name) has rows")
            }
            for (table, rows) in zip(tables, content) {
                for row in rows {
                    try connection.insert(into: table.name, zip(table.columns, row).map { ($0.name, $1) })
                }
            }
            return zip(tables, content).map { ($0.name, $1.count) }
        }
    }

    /// The tables, parents before children.
    private static func tables(_ connection: any DatabaseConnection) throws -> [Table] {
        let names = try connection.query(
            """
            SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                AND name NOT IN ('schema_migration', 'schema_break') ORDER BY name
            """, []
        ) { $0.text(0) }
        var waiting = try names.map { name in
            Table(
                name: name,
                columns: try connection.query("SELECT name, type FROM pragma_table_info(?) ORDER BY cid", [name]) {
                    (name: $0.text(0), kind: Kind(declared: $0.text(1)))
                },
                parents: Set(
                    try connection.query("SELECT \"table\" FROM pragma_foreign_key_list(?)", [name]) { $0.text(0) }
                ).subtracting([name]))
        }
        var ordered: [Table] = []
        while !waiting.isEmpty {
            let done = Set(ordered.map(\.name))
            let ready = waiting.filter { $0.parents.isSubset(of: done) }
            guard !ready.isEmpty else { throw DatabaseFault.engine("tables refer to each other in a circle") }
            ordered += ready
            waiting.removeAll { table in ready.contains { $0.name == table.name } }
        }
        return ordered
    }
}
