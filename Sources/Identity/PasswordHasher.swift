// Passwords as they are kept: scrypt with a random salt.

internal import Crypto
internal import CryptoExtras
internal import NIOPosix
internal import Synchronization

/// Makes and checks password hashes (scrypt, RFC 7914).
///
/// A hash takes tens of milliseconds of processor time and 16 MiB by intent. It is computed on at most two threads of
/// their own for the whole process, so that logins can't starve requests that already have a token.
public struct PasswordHasher: Sendable {
    /// How much work a hash is.
    public struct Cost: Sendable, Hashable {
        /// scrypt's N, a power of two.
        public var rounds: Int
        /// scrypt's r; a hash needs `128 · rounds · blockSize` bytes.
        public var blockSize: Int
        /// scrypt's p.
        public var parallelism: Int

        public init(rounds: Int = 1 << 14, blockSize: Int = 8, parallelism: Int = 1) {
            self.rounds = rounds
            self.blockSize = blockSize
            self.parallelism = parallelism
        }

        /// Whether a stored hash may ask for this much work.
        fileprivate var isBearable: Bool {
            (2...1 << 20).contains(rounds) && rounds & (rounds - 1) == 0 && (1...32).contains(blockSize)
                && (1...16).contains(parallelism)
        }
    }

    /// Hashes that wait or run at one time in the process; beyond that logins are turned away with 429.
    public static let backlogLimit = 256

    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()
    private static let backlog = Mutex(0)
    private static let hashLength = 32

    /// The work of new hashes; existing ones carry their own.
    public let cost: Cost

    public init(cost: Cost = Cost()) {
        self.cost = cost
    }

    /// The text to store: `$scrypt$N,r,p$SALT$HASH`.
    ///
    /// - Throws: ``IdentityFault/tooManyLogins`` when too many hashes wait.
    public func hash(_ password: String) async throws -> String {
        let (cost, salt) = (cost, RandomValue.bytes(16))
        let hash = try await Self.enqueue { try Self.derive(password, salt: salt, cost: cost) }
        let parameters = "\(cost.rounds),\(cost.blockSize),\(cost.parallelism)"
        return "$scrypt$\(parameters)$\(Base64URL.encode(salt))$\(Base64URL.encode(hash))"
    }

    /// Whether a password has that hash. Without a stored hash the answer is no, after the same amount of work, so
    /// that the time does not tell whether a user exists.
    ///
    /// - Throws: ``IdentityFault/tooManyLogins`` when too many hashes wait.
    public func verify(_ password: String, against stored: String?) async throws -> Bool {
        let parsed = stored.flatMap(StoredHash.init)
        let expected = parsed ?? StoredHash(cost: cost, salt: Array(repeating: 0, count: 16), hash: [])
        let hash = try await Self.enqueue { try Self.derive(password, salt: expected.salt, cost: expected.cost) }
        return Self.isEqual(hash, expected.hash) && parsed != nil
    }

    /// A stored hash, taken apart.
    private struct StoredHash: Sendable {
        var cost: Cost
        var salt: [UInt8]
        var hash: [UInt8]

        init(cost: Cost, salt: [UInt8], hash: [UInt8]) {
            self.cost = cost
            self.salt = salt
            self.hash = hash
        }

        init?(_ text: String) {
            let parts = text.split(separator: "$", omittingEmptySubsequences: false)
            guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
                let salt = Base64URL.decode(String(parts[3])), let hash = Base64URL.decode(String(parts[4])),
                hash.count == PasswordHasher.hashLength
            else { return nil }
            let numbers = parts[2].split(separator: ",").compactMap { Int($0) }
            guard numbers.count == 3 else { return nil }
            let cost = Cost(rounds: numbers[0], blockSize: numbers[1], parallelism: numbers[2])
            guard cost.isBearable else { return nil }
            self.init(cost: cost, salt: salt, hash: hash)
        }
    }

    private static func enqueue(_ work: @escaping @Sendable () throws -> [UInt8]) async throws -> [UInt8] {
        let isAdmitted = backlog.withLock { count in
            guard count < backlogLimit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw IdentityFault.tooManyLogins }
        defer { backlog.withLock { $0 -= 1 } }
        return try await threads.runIfActive(work)
    }

    private static func derive(_ password: String, salt: [UInt8], cost: Cost) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: hashLength, rounds: cost.rounds,
            blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }

    /// Compares in a time that does not depend on where the difference is.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
