// The embedded identity service: what Ottava needs of Keystone, on its own database.

internal import FoundationEssentials
public import LoadBalancing
public import Persistence

/// Users, projects, roles and tokens on a ``Database``.
///
/// A value is cheap to copy; copies share the cache of validated tokens. Several processes may work on one database:
/// each accepts the others' tokens, and a revocation in one reaches the others within five seconds.
/// The use cases are named after those of the Identity API v3 reference and throw ``IdentityFault`` for everything
/// that a client can do wrong.
public struct EmbeddedIdentity: TokenValidator, Sendable {
    /// What can be chosen.
    public struct Options: Sendable {
        /// Seconds for which a token is valid: from one second to ten years.
        public let tokenLifetime: Double
        /// The work of new password hashes.
        public var passwordCost: PasswordHasher.Cost

        public init(tokenLifetime: Double = 3600, passwordCost: PasswordHasher.Cost = .init()) {
            self.tokenLifetime = min(max(tokenLifetime, 1), 315_360_000)
            self.passwordCost = passwordCost
        }
    }

    let database: any Database
    let options: Options
    let passwords: PasswordHasher
    let keys: SigningKeys
    let cache: TokenCache
    let now: @Sendable () -> Timestamp

    /// Uses a database to which ``migrations`` have been applied.
    ///
    /// - Parameter now: the clock by which tokens are issued and expire.
    public init(
        database: any Database, options: Options = Options(), now: (@Sendable () -> Timestamp)? = nil
    ) {
        self.database = database
        self.options = options
        self.passwords = PasswordHasher(cost: options.passwordCost)
        self.keys = SigningKeys(database: database)
        self.cache = TokenCache()
        self.now = now ?? Self.systemTime
    }

    /// The time of the machine.
    private static func systemTime() -> Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    /// The subject of a token, or `nil` when it is not valid.
    ///
    /// - Throws: ``DatabaseFault`` when the database fails.
    public func subject(ofToken token: String) async throws -> AuthenticatedSubject? {
        try await validate(token)?.subject
    }

    /// Runs a block on one state of the tables.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (IdentityStore) throws -> Result
    ) async throws -> Result {
        try await database.read { try body(IdentityStore(connection: $0)) }
    }

    /// Runs a block in a transaction; afterwards no token that was validated before is trusted without a look.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (IdentityStore) throws -> Result
    ) async throws -> Result {
        defer { cache.clear() }
        do {
            return try await database.write { try body(IdentityStore(connection: $0)) }
        } catch DatabaseFault.duplicate {
            // Reached only if another process stored the same name between our look and our insertion.
            throw IdentityFault.conflict(storing: "resource", "another resource has the same name")
        } catch DatabaseFault.reference {
            throw IdentityFault.conflict(storing: "resource", "a resource that it refers to has just been deleted")
        }
    }
}
