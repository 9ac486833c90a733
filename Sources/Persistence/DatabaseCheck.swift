// Whether a database is sound: its schema, and what must hold between its rows.

/// Looks for what should not be; changes nothing.
public enum DatabaseCheck {
    /// Sentences for the operator; none when all is well.
    ///
    /// - Parameter migrations: What this release expects.
    public static func problems(of database: any Database, expecting migrations: [Migration]) async throws -> [String] {
        try await database.read { connection in
            let applied: [String]
            do {
                applied = try connection.query("SELECT identifier FROM schema_migration", []) { $0.text(0) }
            } catch DatabaseFault.unavailable(let reason) {
                throw DatabaseFault.unavailable(reason)
            } catch {
                return ["The database has no tables: 'ottava serve' or 'ottava database migrate' makes them."]
            }
            let pending = migrations.map(\.identifier).filter { !applied.contains($0) }
            guard pending.isEmpty else {
                return [
                    "The schema is behind this release (\(pending.joined(separator: ", "))): run 'ottava database migrate'."
                ]
            }
            return try rules.compactMap { rule in
                let count = try connection.first("SELECT COUNT(*) FROM \(rule.rows)") { $0.int(0) } ?? 0
                return count == 0 ? nil : "\(count) \(rule.problem)"
            }
        }
    }

    /// SQLite's own checks of the file (PRAGMA integrity_check, PRAGMA foreign_key_check).
    public static func fileProblems(of database: SQLiteDatabase) async throws -> [String] {
        try await database.read { connection in
            let file = try connection.query("PRAGMA integrity_check", []) { $0.text(0) }.filter { $0 != "ok" }
            let references = try connection.query("PRAGMA foreign_key_check", []) { $0.text(0) }
            return file + references.map { "A row of \($0) refers to one that is not there." }
        }
    }

    private static let rules: [(rows: String, problem: String)] = [
        (
            "load_balancer WHERE id NOT IN (SELECT loadbalancer_id FROM work)",
            "load balancers have no row in the table of work: changes would not be carried out."
        ),
        (
            "work WHERE loadbalancer_id NOT IN (SELECT id FROM load_balancer)",
            "rows of the table of work are about load balancers that are not there."
        ),
        (
            """
            load_balancer l JOIN work w ON w.loadbalancer_id = l.id WHERE w.generation < l.generation
            """, "load balancers have changes that the table of work does not know."
        ),
        (
            """
            load_balancer l JOIN work w ON w.loadbalancer_id = l.id
            WHERE l.provisioning_status LIKE 'PENDING%' AND w.generation <= w.applied_generation AND w.is_retry = 0
            """, "load balancers are PENDING without work."
        ),
        (
            """
            listener WHERE default_pool_id IS NOT NULL AND default_pool_id NOT IN (SELECT id FROM pool)
            """, "listeners have a default pool that is not there."
        ),
    ]
}
