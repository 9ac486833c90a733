// The keys that sign tokens, shared through the database.

internal import Crypto
internal import LoadBalancing
internal import Persistence
internal import Synchronization

/// A key that signs tokens.
struct SigningKey: Sendable {
    /// Base64url of eight random bytes.
    var id: String
    var secret: SymmetricKey

    /// The id as it stands in tokens.
    var idBytes: [UInt8] { Base64URL.decode(id) ?? [] }
}

/// The signing keys with a copy in memory that is at most a minute old.
final class SigningKeys: Sendable {
    fileprivate struct Copy {
        /// key id → key
        var byID: [String: SigningKey] = [:]
        /// The newest key, which signs.
        var current: SigningKey?
        var loaded: ContinuousClock.Instant?
    }

    /// How long a copy is used, so that keys that another process made or deleted are noticed.
    fileprivate static let copyLifetime = Duration.seconds(60)
    /// How soon a key that is not in the copy is looked for again: bounds what forged tokens cost.
    private static let minimumReloadInterval = Duration.seconds(1)

    private let database: any Database
    private let copy = Mutex(Copy())

    init(database: any Database) {
        self.database = database
    }

    /// The key that signs new tokens; the first call on a new database makes it.
    func current(now: Timestamp) async throws -> SigningKey {
        if let key = copy.withLock({ $0.isFresh ? $0.current : nil }) { return key }
        if let key = try await reload().current { return key }
        try await rotate(now: now, supersededBefore: Timestamp(microseconds: 0))
        guard let key = try await reload().current else {
            throw DatabaseFault.engine("a signing key was stored but can't be read")
        }
        return key
    }

    /// The key with that id, or `nil` when there is none.
    func key(_ id: String) async throws -> SigningKey? {
        let (known, mayReload) = copy.withLock { copy in
            (copy.isFresh ? copy.byID[id] : nil, copy.age.map { $0 >= Self.minimumReloadInterval } ?? true)
        }
        if let known { return known }
        guard mayReload else { return nil }
        return try await reload().byID[id]
    }

    /// Adds a key that signs from now on.
    ///
    /// - Parameters:
    ///   - discardingAll: whether all other keys are deleted.
    ///   - cutoff: keys that had a successor at that time already are deleted.
    func rotate(now: Timestamp, discardingAll: Bool = false, supersededBefore cutoff: Timestamp) async throws {
        let id = RandomValue.secret(byteCount: SignedToken.keyIDLength)
        let secret = RandomValue.secret(byteCount: 32)
        try await database.write { connection in
            let newest = try connection.first("SELECT MAX(created_at) FROM identity_signing_keys") { row in
                row.optionalTimestamp(0)
            }
            let created = max(now.microseconds, (newest.flatMap { $0?.microseconds } ?? 0) + 1)
            if discardingAll {
                try connection.execute("DELETE FROM identity_signing_keys")
            } else {
                try connection.execute(
                    """
                    DELETE FROM identity_signing_keys WHERE created_at < (
                        SELECT MAX(k.created_at) FROM identity_signing_keys k WHERE k.created_at <= ?)
                    """, [cutoff])
            }
            try connection.insert(
                into: "identity_signing_keys", [("id", id), ("secret", secret), ("created_at", created)])
        }
        try await reload()
    }

    @discardableResult
    private func reload() async throws -> Copy {
        let keys = try await database.read { connection in
            try connection.query("SELECT id, secret FROM identity_signing_keys ORDER BY created_at, id", []) { row in
                Base64URL.decode(row.text(1)).map {
                    SigningKey(id: row.text(0), secret: SymmetricKey(data: $0))
                }
            }
        }.compactMap { $0 }
        let fresh = Copy(
            byID: Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { $1 }), current: keys.last,
            loaded: ContinuousClock.now)
        copy.withLock { $0 = fresh }
        return fresh
    }
}

extension SigningKeys.Copy {
    fileprivate var age: Duration? { loaded.map { $0.duration(to: .now) } }
    fileprivate var isFresh: Bool { age.map { $0 < SigningKeys.copyLifetime } ?? false }
}
