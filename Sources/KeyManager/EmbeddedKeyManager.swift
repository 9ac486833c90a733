// The key manager that Ottava brings with it.

internal import FoundationEssentials
public import LoadBalancing
public import Persistence

/// A subset of Barbican over a database: secrets, containers, their metadata, access lists and consumers.
///
/// Payloads are encrypted before they reach the database. All use cases are methods of ``KeyManagerTransaction``.
public struct EmbeddedKeyManager: Sendable {
    /// The longest payload in bytes, if the configuration says nothing else: Barbican's default.
    public static let defaultPayloadLimit = 20_000

    let database: any Database
    let cipher: PayloadCipher
    let board = ChangeBoard()
    private let now: @Sendable () -> Timestamp
    /// The longest payload that is taken, in bytes.
    public let payloadLimit: Int

    /// Stands on a database in which ``migrations`` have run.
    ///
    /// - Parameters:
    ///   - keys: The keys that protect the payloads.
    ///   - payloadLimit: The longest payload that is taken, in bytes.
    public init(
        database: any Database, keys: KeyRing, payloadLimit: Int = Self.defaultPayloadLimit,
        now: @escaping @Sendable () -> Timestamp = Self.wallClock
    ) {
        self.database = database
        cipher = PayloadCipher(ring: keys)
        self.payloadLimit = payloadLimit
        self.now = now
    }

    /// The time of the machine.
    @Sendable public static func wallClock() -> Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    /// Runs a block that only reads.
    ///
    /// - Throws: ``KeyManagerFault`` for what is wrong with the request.
    public func read<Result: Sendable>(
        as access: KeyManagerAccess, _ body: @escaping @Sendable (KeyManagerTransaction) throws -> Result
    ) async throws -> Result {
        let (now, cipher, limit) = (now(), cipher, payloadLimit)
        return try await database.read { connection in
            try body(
                KeyManagerTransaction(
                    connection: connection, access: access, now: now, cipher: cipher, payloadLimit: limit))
        }
    }

    /// Runs a block whose changes are committed together when it returns and undone when it throws.
    ///
    /// - Throws: ``KeyManagerFault`` for what is wrong with the request.
    public func write<Result: Sendable>(
        as access: KeyManagerAccess, _ body: @escaping @Sendable (KeyManagerTransaction) throws -> Result
    ) async throws -> Result {
        let (now, cipher, limit) = (now(), cipher, payloadLimit)
        let outcome: (result: Result, changes: [KeyManagerChange])
        do {
            outcome = try await database.write { connection in
                let transaction = KeyManagerTransaction(
                    connection: connection, access: access, now: now, cipher: cipher, payloadLimit: limit)
                let result = try body(transaction)
                return (result, transaction.changes.list)
            }
        } catch DatabaseFault.duplicate {
            throw KeyManagerFault(.conflict, "Another object with the same unique values exists.")
        } catch DatabaseFault.reference {
            throw KeyManagerFault(.conflict, "An object that the request refers to is gone.")
        }
        board.publish(outcome.changes)
        return outcome.result
    }

    // MARK: Upkeep

    /// Makes sure that the ring has every key that payloads in the database need.
    ///
    /// - Throws: ``KeyRingFault/unknownKey(_:)``; better at start than at the first TLS handshake.
    public func verifyKeys() async throws {
        let used = try await database.read { connection in
            try connection.query("SELECT DISTINCT key_id FROM key_manager_payload", []) { $0.text(0) }
        }
        if let missing = used.sorted().first(where: { !cipher.ring.identifiers.contains($0) }) {
            throw KeyRingFault.unknownKey(missing)
        }
    }

    /// Puts all payloads under the ring's first key, so that older keys can be taken out of the file.
    ///
    /// - Returns: how many there were to change.
    @discardableResult
    public func rewrapPayloads() async throws -> Int {
        let cipher = cipher
        return try await database.write { connection in
            let rows = try connection.query(
                "SELECT secret_id, key_id, wrapped_key FROM key_manager_payload WHERE key_id <> ?",
                [cipher.ring.current.id]
            ) { row in
                (
                    id: row.resourceID(0),
                    sealed: SealedPayload(
                        keyID: row.text(1), wrappedKey: row.optionalBlob(2) ?? [], ciphertext: [])
                )
            }
            for row in rows {
                let fresh = try cipher.rewrap(row.sealed, of: row.id)
                try connection.update(
                    "key_manager_payload",
                    [("key_id", fresh.keyID), ("wrapped_key", DatabaseValue.blob(fresh.wrappedKey))],
                    where: "secret_id", is: row.id)
            }
            return rows.count
        }
    }

    /// Deletes secrets that expired before a time. Nobody sees expired secrets; this frees their space.
    ///
    /// It takes no keys, so that whoever keeps house needs none.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public static func purgeSecrets(expiredBefore time: Timestamp, in database: any Database) async throws -> Int {
        try await database.write { connection in
            try connection.execute(
                """
                DELETE FROM key_manager_acl WHERE resource_id IN
                    (SELECT id FROM key_manager_secret WHERE expiration <= ?)
                """, [time])
            return try connection.execute("DELETE FROM key_manager_secret WHERE expiration <= ?", [time])
        }
    }
}
