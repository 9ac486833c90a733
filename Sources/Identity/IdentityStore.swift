// Typed rows on one database connection.

internal import Persistence

/// The identity tables during one transaction; each kind of row adds its queries in its own file.
struct IdentityStore {
    let connection: any DatabaseConnection
}
