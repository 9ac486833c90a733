// The keys that protect all payloads.

internal import Crypto
internal import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why a payload cannot be read or the keys cannot be used. All of it is for operators.
public enum KeyRingFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key file cannot be read, written or trusted.
    case file(path: String, reason: String)
    /// A payload is encrypted with a key that the file does not have.
    case unknownKey(String)
    /// Stored bytes do not belong to this secret or were changed.
    case tampered(secretID: String)

    public var description: String {
        switch self {
        case .file(let path, let reason): "the key file \(path) cannot be used: \(reason)"
        case .unknownKey(let id): "the key \(id), which protects stored secrets, is not in the key file"
        case .tampered(let id): "the stored payload of secret \(id) is damaged or was changed"
        }
    }
}

/// Key-encryption keys: the first one protects new payloads, the others only open older ones.
public struct KeyRing: Sendable {
    struct Key: Sendable {
        var id: String
        var secret: SymmetricKey
    }

    private let primary: Key
    /// key id → key
    private let keys: [String: Key]

    /// Reads a key file; one that is absent is made with a new key, readable by the owner only.
    ///
    /// A line is the id of a key, a space and Base64 of its 32 bytes; the first line's key is used for new payloads.
    ///
    /// - Throws: ``KeyRingFault`` when the file is open to others or is no key file.
    public init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) { try Self.make(path, [Self.newKey()], replacing: false) }
        let keys = try Self.read(path)
        guard let first = keys.first else { throw KeyRingFault.file(path: path, reason: "it has no keys") }
        self.init(primary: first, keys)
    }

    /// A ring with one new key that is kept nowhere: for services whose database is as short-lived.
    public static func ephemeral() -> KeyRing {
        let key = newKey()
        return KeyRing(primary: key, [key])
    }

    private init(primary: Key, _ keys: [Key]) {
        self.primary = primary
        self.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Puts a new key in front of the others in the file and gives the new ring.
    ///
    /// Servers take it up when they start; ``EmbeddedKeyManager/rewrapPayloads()`` then makes the older keys superfluous.
    public static func rotate(path: String) throws -> KeyRing {
        try make(path, [newKey()] + read(path), replacing: true)
        return try KeyRing(path: path)
    }

    /// The key for new payloads.
    var current: Key { primary }

    /// All keys' ids.
    var identifiers: Set<String> { Set(keys.keys) }

    func key(_ id: String) throws -> SymmetricKey {
        guard let key = keys[id] else { throw KeyRingFault.unknownKey(id) }
        return key.secret
    }

    // MARK: The file

    private static func newKey() -> Key {
        var generator = SystemRandomNumberGenerator()
        let id = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
        return Key(id: id, secret: SymmetricKey(size: .bits256))
    }

    private static func read(_ path: String) throws -> [Key] {
        var status = stat()
        guard stat(path, &status) == 0, let data = FileManager.default.contents(atPath: path) else {
            throw KeyRingFault.file(path: path, reason: "it cannot be read")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw KeyRingFault.file(path: path, reason: "others may read it; run chmod 600 \(path)")
        }
        return try String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let bytes = Data(base64Encoded: String(parts[1])), bytes.count == 32 else {
                throw KeyRingFault.file(path: path, reason: "a line is not an id and Base64 of 32 bytes")
            }
            return Key(id: String(parts[0]), secret: SymmetricKey(data: bytes))
        }
    }

    /// Writes beside the file and moves, so that no reader and no crash meets half a file.
    private static func make(_ path: String, _ keys: [Key], replacing: Bool) throws {
        let text = keys.map { "\($0.id) \($0.secret.withUnsafeBytes { Data($0) }.base64EncodedString())\n" }.joined()
        let draft = "\(path).\(getpid()).\(newKey().id)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw KeyRingFault.file(path: path, reason: "cannot write beside it") }
        defer { unlink(draft) }
        let bytes = Array(text.utf8)
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWritten else {
            throw KeyRingFault.file(path: path, reason: "writing failed")
        }
        if replacing {
            guard rename(draft, path) == 0 else { throw KeyRingFault.file(path: path, reason: "cannot replace it") }
        } else {
            // Another process that was faster wins.
            guard link(draft, path) == 0 || errno == EEXIST else {
                throw KeyRingFault.file(path: path, reason: "cannot make it")
            }
        }
    }
}
