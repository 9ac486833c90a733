// What a token says, and its binary form.

public import LoadBalancing

/// A way to prove who one is.
public enum AuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    case password
    case token
    case applicationCredential = "application_credential"

    fileprivate var bit: UInt8 {
        switch self {
        case .password: 1
        case .token: 2
        case .applicationCredential: 4
        }
    }
}

/// What a token is good for, by id.
public enum TokenScope: Sendable, Hashable {
    case unscoped
    case project(String)
    case domain(String)
    case system

    fileprivate var columns: (kind: UInt8, id: String) {
        switch self {
        case .unscoped: (0, "")
        case .project(let id): (1, id)
        case .domain(let id): (2, id)
        case .system: (3, "")
        }
    }

    fileprivate init?(kind: UInt8, id: String) {
        switch kind {
        case 0: self = .unscoped
        case 1: self = .project(id)
        case 2: self = .domain(id)
        case 3: self = .system
        default: return nil
        }
    }
}

/// The claims of a token. Everything else is looked up when the token is used.
public struct TokenPayload: Sendable, Hashable {
    public var userID: String
    public var scope: TokenScope
    public var methods: Set<AuthenticationMethod>
    public var issued: Timestamp
    public var expires: Timestamp
    /// The token's own id for revocation, and that of the token it was made from, if any.
    public var auditIDs: [String]
    public var applicationCredentialID: String?
    /// ``Account/tokenGeneration`` when the token was issued.
    var generation: Int64

    private static let formatVersion: UInt8 = 1

    /// The claims in a compact form; integers are big-endian, texts have one byte of length.
    var bytes: [UInt8] {
        var writer = PayloadWriter()
        writer.put(byte: Self.formatVersion)
        writer.put(text: userID)
        writer.put(integer: generation)
        writer.put(byte: scope.columns.kind)
        writer.put(text: scope.columns.id)
        writer.put(byte: methods.reduce(0) { $0 | $1.bit })
        writer.put(integer: issued.microseconds)
        writer.put(integer: expires.microseconds)
        writer.put(text: applicationCredentialID ?? "")
        writer.put(byte: UInt8(clamping: auditIDs.count))
        for id in auditIDs { writer.put(text: id) }
        return writer.bytes
    }

    /// Reads claims; `nil` when they are not exactly in the form of ``bytes``.
    init?(bytes: ArraySlice<UInt8>) {
        var reader = PayloadReader(rest: bytes)
        guard reader.byte() == Self.formatVersion, let userID = reader.text(), let generation = reader.integer(),
            let kind = reader.byte(), let scopeID = reader.text(), let scope = TokenScope(kind: kind, id: scopeID),
            let methodBits = reader.byte(), let issued = reader.integer(), let expires = reader.integer(),
            let credentialID = reader.text(), let auditCount = reader.byte(), auditCount > 0
        else { return nil }
        var auditIDs: [String] = []
        for _ in 0..<auditCount {
            guard let id = reader.text() else { return nil }
            auditIDs.append(id)
        }
        guard reader.rest.isEmpty else { return nil }
        self.init(
            userID: userID, scope: scope,
            methods: Set(AuthenticationMethod.allCases.filter { methodBits & $0.bit != 0 }),
            issued: Timestamp(microseconds: issued), expires: Timestamp(microseconds: expires), auditIDs: auditIDs,
            applicationCredentialID: credentialID.isEmpty ? nil : credentialID, generation: generation)
    }

    init(
        userID: String, scope: TokenScope, methods: Set<AuthenticationMethod>, issued: Timestamp, expires: Timestamp,
        auditIDs: [String], applicationCredentialID: String?, generation: Int64
    ) {
        self.userID = userID
        self.scope = scope
        self.methods = methods
        self.issued = issued
        self.expires = expires
        self.auditIDs = auditIDs
        self.applicationCredentialID = applicationCredentialID
        self.generation = generation
    }
}

private struct PayloadWriter {
    var bytes: [UInt8] = []

    mutating func put(byte: UInt8) { bytes.append(byte) }

    mutating func put(integer: Int64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: integer >> Int64(shift)))
        }
    }

    /// Only ids that this service made are written: far below 256 bytes.
    mutating func put(text: String) {
        let utf8 = Array(text.utf8.prefix(255))
        bytes.append(UInt8(utf8.count))
        bytes.append(contentsOf: utf8)
    }
}

private struct PayloadReader {
    var rest: ArraySlice<UInt8>

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func integer() -> Int64? {
        guard rest.count >= 8 else { return nil }
        let bits = rest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest.removeFirst(8)
        return Int64(bitPattern: bits)
    }

    mutating func text() -> String? {
        guard let length = byte(), rest.count >= Int(length) else { return nil }
        defer { rest.removeFirst(Int(length)) }
        return String(validating: rest.prefix(Int(length)), as: UTF8.self)
    }
}
