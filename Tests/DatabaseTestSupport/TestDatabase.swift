// The database of a test: SQLite, or PostgreSQL when `OTTAVA_TEST_DATABASE=postgresql` is in the environment.

internal import Foundation
public import Persistence
internal import PostgreSQLPersistence
internal import Synchronization
internal import TestSupport

public enum TestDatabase {
    /// Whether the tests run on PostgreSQL.
    public static let isPostgreSQL = ProcessInfo.processInfo.environment["OTTAVA_TEST_DATABASE"] == "postgresql"

    private static let server = Mutex<PostgreSQLServer?>(nil)
    private static let urls = Mutex<[String: String]>([:])

    /// Opens the database that belongs to a path, making it if there is none; the same path is the same database, as if
    /// another process opened it.
    public static func open(_ path: String) throws -> any Database {
        guard isPostgreSQL else { return try SQLiteDatabase(path: path) }
        return PostgreSQLDatabase(url: try url(path), readerCount: 2)
    }

    /// The URL of the PostgreSQL database that belongs to a path.
    public static func url(_ path: String) throws -> String {
        try urls.withLock { urls in
            if let url = urls[path] { return url }
            // Hundreds of tests share the server: a busy machine takes its time to open a session.
            let url = try shared().makeDatabase() + "&connect_timeout=60"
            urls[path] = url
            return url
        }
    }

    private static func shared() throws -> PostgreSQLServer {
        try server.withLock { server in
            if let server { return server }
            let fresh = try PostgreSQLServer()
            server = fresh
            return fresh
        }
    }
}
