// Where the database is.

internal import Identity
internal import KeyManager
internal import Networking
internal import Persistence
internal import PostgreSQLPersistence

/// A database by its URL.
enum DatabaseLocation: Sendable, Hashable {
    case sqlite(path: String)
    case postgresql(url: String)

    static let allowed = "sqlite:FILE or postgresql://USER@HOST/DATABASE"

    /// Reads a URL; `nil` when it is none of the two kinds.
    init?(_ url: String) {
        if url.hasPrefix("sqlite:"), url.utf8.count > 7 {
            self = .sqlite(path: String(url.dropFirst(7)))
        } else if url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") {
            self = .postgresql(url: url)
        } else {
            return nil
        }
    }

    /// Whether several processes can use it at the same time.
    var isShared: Bool {
        switch self {
        case .sqlite: false
        case .postgresql: true
        }
    }

    /// What may stand in messages: a URL can contain a password.
    var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgresql: "PostgreSQL"
        }
    }

    /// Opens it as it is.
    func open() throws -> any Database {
        switch self {
        case .sqlite(let path): try SQLiteDatabase(path: path)
        case .postgresql(let url): PostgreSQLDatabase(url: url)
        }
    }

    /// The history of all tables.
    static let migrations =
        EmbeddedIdentity.migrations + EmbeddedNetwork.migrations + EmbeddedKeyManager.migrations
        + LoadBalancingSchema.migrations
}
