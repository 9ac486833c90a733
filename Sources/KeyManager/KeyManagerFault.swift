// What can be wrong with a request to the key manager.

/// A refusal of the key manager, in the terms of the Key Manager API v1 reference.
///
/// Every fault is about what was asked for; failures of the database are `DatabaseFault`, and those of the stored
/// bytes and keys ``KeyRingFault``.
public struct KeyManagerFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers decide on.
    public enum Kind: Sendable, Hashable {
        case notFound
        /// A value is malformed or contradicts another one.
        case invalid
        case forbidden
        /// The state of the resource forbids it, such as a payload that is there already.
        case conflict
        case tooLarge
        /// The payload cannot be given in the wanted type.
        case notAcceptable
        /// The body is of a type that the call does not take.
        case unsupportedMediaType
    }

    public let kind: Kind
    /// A sentence for the caller.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The HTTP status that the Key Manager API has for it.
    public var status: Int {
        switch kind {
        case .invalid: 400
        case .forbidden: 403
        case .notFound: 404
        case .notAcceptable: 406
        case .conflict: 409
        case .tooLarge: 413
        case .unsupportedMediaType: 415
        }
    }

    public var description: String { message }
}

extension KeyManagerFault {
    /// 400 for one field of a body, in Barbican's words.
    public static func invalid(schema: String, _ reason: String, property: String) -> KeyManagerFault {
        KeyManagerFault(
            .invalid,
            "Provided object does not match schema '\(schema)': \(reason). Invalid property: '\(property)'")
    }

    /// 404 for a secret or container.
    public static func notFound(_ resource: KeyResource) -> KeyManagerFault {
        KeyManagerFault(.notFound, resource == .secret ? "Secret not found." : "Secrets container not found.")
    }

    /// 404 for what cannot be the identifier of a secret or container.
    public static func invalidIdentifier(_ resource: KeyResource) -> KeyManagerFault {
        KeyManagerFault(.notFound, "Not Found. Provided \(resource.rawValue) id is invalid.")
    }

    /// 413 for payloads beyond the limit.
    public static func payloadTooLarge(limit: Int) -> KeyManagerFault {
        KeyManagerFault(
            .tooLarge, "Provided information too large to process: a payload has at most \(limit) bytes.")
    }

    static func forbidden(_ action: KeyManagerAction, _ resource: KeyResource) -> KeyManagerFault {
        let operation =
            switch action {
            case .list: "\(resource.title)(s) retrieval"
            case .create: "\(resource.title) creation"
            case .read: "\(resource.title) retrieval"
            case .decrypt: "Secret payload retrieval"
            case .storePayload: "Secret update"
            case .delete: "\(resource.title) deletion"
            case .readACL: "\(resource.title)ACL(s) retrieval"
            case .changeACL: "\(resource.title)ACL(s) Update"
            case .readMetadata: "Secret metadata retrieval"
            case .changeMetadata: "Secret metadata creation"
            case .useConsumers: "\(resource.title)Consumer(s)"
            case .changeContents: "Container Secret change"
            }
        return KeyManagerFault(
            .forbidden, "\(operation) attempt not allowed - please review your user/project privileges")
    }
}
