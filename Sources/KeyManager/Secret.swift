// Secrets and their payloads.

public import LoadBalancing

/// What a secret is said to be.
public enum SecretType: String, Sendable, Hashable, CaseIterable {
    case symmetric, passphrase, certificate, opaque
    case privateKey = "private"
    case publicKey = "public"
}

/// The media types that payloads have (Key Manager API v1 reference, "Secrets").
public enum PayloadType: String, Sendable, Hashable, CaseIterable {
    case plainText = "text/plain"
    case octetStream = "application/octet-stream"
    case pkcs8 = "application/pkcs8"

    /// Reads a media type; of parameters only `charset=utf-8` is known.
    public init?(mediaType text: String) {
        let parts = text.lowercased().split(separator: ";", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        guard let name = parts.first, let type = PayloadType(rawValue: name),
            parts.count == 1 || parts.count == 2 && parts[1] == "charset=utf-8"
        else { return nil }
        self = type
    }

    /// Whether the bytes are UTF-8 text.
    public var isText: Bool { self == .plainText }
}

/// The bytes of a secret in the clear.
public struct SecretPayload: Sendable, Hashable {
    public var bytes: [UInt8]
    public var type: PayloadType

    public init(_ bytes: [UInt8], type: PayloadType) {
        self.bytes = bytes
        self.type = type
    }
}

/// A secret without its payload.
public struct Secret: Sendable, Hashable {
    public let id: ResourceID
    public var projectID: String
    /// The user who made it.
    public var creatorID: String
    public var name: String?
    public var type: SecretType
    public var algorithm: String?
    public var bitLength: Int?
    public var mode: String?
    /// From then on the secret is as good as gone.
    public var expiration: Timestamp?
    /// The type of the payload; `nil` as long as there is none.
    public var payloadType: PayloadType?
    public var consumers: [SecretConsumer]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
}

/// What a request says of a new secret.
public struct SecretDraft: Sendable, Hashable {
    public var name: String?
    public var type = SecretType.opaque
    public var algorithm: String?
    public var bitLength: Int?
    public var mode: String?
    public var expiration: Timestamp?
    /// `nil` for secrets whose payload follows later.
    public var payload: SecretPayload?

    public init() {}
}

/// A resource of another service that uses a secret.
public struct SecretConsumer: Sendable, Hashable {
    public var service: String
    public var resourceType: String
    public var resourceID: String

    public init(service: String, resourceType: String, resourceID: String) {
        self.service = service
        self.resourceType = resourceType
        self.resourceID = resourceID
    }
}
