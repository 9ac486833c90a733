// On whose behalf the network service is asked.

public import LoadBalancing

/// Who asks: decides what is visible and what may be changed.
///
/// Tenants see what is theirs, what is shared and external networks with their subnets; they change only what is
/// theirs. Administrators see and change everything.
public struct NetworkAccess: Sendable, Hashable {
    /// The caller's project; `nil` for callers without one.
    public var projectID: String?
    public var isAdmin: Bool

    public init(projectID: String?, isAdmin: Bool = false) {
        self.projectID = projectID
        self.isAdmin = isAdmin
    }

    /// The load-balancing service itself: sees and changes everything.
    public static let service = NetworkAccess(projectID: nil, isAdmin: true)

    /// Whether the caller may change what that project owns.
    func owns(_ owner: String) -> Bool { isAdmin || (projectID != nil && projectID == owner) }
}

/// What an update does with an attribute that may be null.
public enum Setting<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The request does not mention it.
    case unset
    /// The request says null.
    case null
    case value(Value)

    /// The value that results from a current one.
    public func applied(to current: Value?) -> Value? {
        switch self {
        case .unset: current
        case .null: nil
        case .value(let value): value
        }
    }

    /// The value, if the request gives one.
    public var value: Value? { applied(to: nil) }
}

/// What every object has.
public struct NetworkObjectHeader: Sendable, Hashable {
    public let id: ResourceID
    /// The owner; empty for ports that belong to the service itself.
    public var projectID: String
    public var name: String
    public var description: String
    /// Sorted, without duplicates.
    public var tags: [String]
    /// Grows with every change, from 1.
    public var revision: Int64
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ResourceID, projectID: String, name: String = "", description: String = "", tags: [String] = [],
        revision: Int64 = 1, createdAt: Timestamp = Timestamp(microseconds: 0),
        updatedAt: Timestamp = Timestamp(microseconds: 0)
    ) {
        self.id = id
        self.projectID = projectID
        self.name = name
        self.description = description
        self.tags = tags
        self.revision = revision
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
