// The schema's history in a database: what has run, what is to run, and whether this release may use it at all.

/// Applies migrations inside a transaction that no other process can be in.
///
/// A database may be ahead of the program: while a release is rolled out, processes of the older one go on. Migrations
/// only add, so that is harmless, unless one was marked as breaking.
public struct Migrator {
    private let execute: (String) throws -> Void
    private let texts: (String) throws -> [String]

    /// - Parameters:
    ///   - execute: Runs a statement.
    ///   - texts: Runs a query and returns its first column.
    public init(execute: @escaping (String) throws -> Void, texts: @escaping (String) throws -> [String]) {
        self.execute = execute
        self.texts = texts
    }

    /// Runs what has not run yet.
    ///
    /// - Parameter translate: Turns a statement of a migration into the engine's own SQL.
    /// - Throws: ``DatabaseFault/engine(_:)`` when a newer release has changed the schema so that this one cannot use it.
    public func apply(_ migrations: [Migration], translate: (String) -> String = { $0 }) throws {
        try execute("CREATE TABLE IF NOT EXISTS schema_migration (identifier TEXT PRIMARY KEY NOT NULL)")
        try execute("CREATE TABLE IF NOT EXISTS schema_break (identifier TEXT PRIMARY KEY NOT NULL)")
        let known = Set(migrations.map(\.identifier))
        let breaks = try texts("SELECT identifier FROM schema_break ORDER BY identifier").filter { !known.contains($0) }
        guard breaks.isEmpty else {
            throw DatabaseFault.engine(
                "a newer release has changed the database so that this one cannot use it "
                    + "(\(breaks.joined(separator: ", "))); start that release or a later one")
        }
        let done = Set(try texts("SELECT identifier FROM schema_migration"))
        for migration in migrations where !done.contains(migration.identifier) {
            for statement in migration.statements { try execute(translate(statement)) }
            // Identifiers are constants of the program.
            try execute("INSERT INTO schema_migration (identifier) VALUES ('\(migration.identifier)')")
            if migration.isBreaking {
                try execute("INSERT INTO schema_break (identifier) VALUES ('\(migration.identifier)')")
            }
        }
    }
}
