// Containers: named references to secrets that belong together.

public import LoadBalancing

/// A set of references to secrets.
public struct SecretContainer: Sendable, Hashable {
    /// What the references must be called.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case generic, rsa, certificate
    }

    /// A secret with its part in the container.
    public struct Reference: Sendable, Hashable {
        /// Such as `certificate` or `private_key`.
        public var name: String?
        public var secretID: ResourceID

        public init(name: String?, secretID: ResourceID) {
            self.name = name
            self.secretID = secretID
        }
    }

    public let id: ResourceID
    public var projectID: String
    /// The user who made it.
    public var creatorID: String
    public var name: String?
    public var kind: Kind
    public var references: [Reference]
    public var consumers: [ContainerConsumer]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
}

/// What a request says of a new container.
public struct ContainerDraft: Sendable, Hashable {
    public var name: String?
    public var kind: SecretContainer.Kind
    public var references: [SecretContainer.Reference]

    public init(kind: SecretContainer.Kind, name: String? = nil, references: [SecretContainer.Reference] = []) {
        self.kind = kind
        self.name = name
        self.references = references
    }

    /// How many references a container may have.
    static let maximumReferences = 500

    /// Checks names and numbers of the references.
    func validate() throws(KeyManagerFault) {
        func fail(_ reason: String) -> KeyManagerFault {
            .invalid(schema: "Container", reason, property: "secret_refs")
        }
        guard references.count <= Self.maximumReferences else {
            throw fail("at most \(Self.maximumReferences) references are allowed")
        }
        guard Set(references.map { $0.name ?? "" }).count == references.count else {
            throw fail("Duplicate reference names are not allowed")
        }
        guard Set(references.map(\.secretID)).count == references.count else {
            throw fail("Duplicate secret ids are not allowed")
        }
        // Barbican takes typed containers without any reference.
        guard !references.isEmpty else { return }
        let names = Set(references.map { $0.name ?? "" })
        let (required, optional): (Set<String>, Set<String>) =
            switch kind {
            case .generic: ([], names)
            case .rsa: (["public_key", "private_key"], ["private_key_passphrase"])
            case .certificate: (["certificate"], ["private_key", "private_key_passphrase", "intermediates"])
            }
        let allowed = required.union(optional)
        guard names.isSubset(of: allowed) else {
            let list = allowed.sorted().map { "'\($0)'" }.joined(separator: ", ")
            throw fail("only \(list) reference names are allowed for \(kind.rawValue) type")
        }
        guard required.isSubset(of: names) else {
            let list = required.sorted().map { "'\($0)'" }.joined(separator: " and ")
            throw fail("The minimum required reference names are \(list) for \(kind.rawValue) type")
        }
    }
}

/// Who uses a container.
public struct ContainerConsumer: Sendable, Hashable {
    public var name: String
    public var url: String

    public init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

/// Who may read a secret or container beside its project. `read` is the only operation that lists exist for.
public struct AccessControlList: Sendable, Hashable {
    /// Whether the roles in the owning project count; `false` makes the resource private to its creator.
    public var projectAccess: Bool
    /// Users of any project who may read.
    public var users: [String]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
}
