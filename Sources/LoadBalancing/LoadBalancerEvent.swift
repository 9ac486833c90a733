// One entry of a load balancer's timeline: what happened to it, when, and by whom.

/// Something that happened to a load balancer or to something below it.
public struct LoadBalancerEvent: Hashable, Sendable {
    /// What kinds of things happen. The words are those of the API.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Its owner, or an administrator, asked for it.
        case created, updated, deleted, failover
        /// The data plane follows a generation of the tree.
        case applied
        /// The same, after attempts that failed.
        case healed
        /// The data plane has let go of the load balancer.
        case removed
        /// An attempt failed; another follows.
        case failed
        /// Attempts failed so often that the status became ERROR; others follow nevertheless.
        case error
        /// A worker took work over from one that had gone silent.
        case takenOver = "taken_over"
        /// Work is under way for longer than usual.
        case delayed
        /// An operating status changed.
        case operatingStatus = "operating_status"
        /// A certificate was exchanged for a newer one.
        case certificateRenewed = "certificate_renewed"
        /// What runs differed from what should, and was put right.
        case drift
    }

    public var id: ResourceID
    public var loadBalancerID: ResourceID
    public var projectID: String
    public var kind: Kind
    public var objectKind: ResourceKind
    public var objectID: ResourceID
    /// Who asked; absent for what the service did by itself.
    public var userID: String?
    /// The request that asked.
    public var requestID: String?
    /// The version of the tree that it is about.
    public var generation: Int64?
    /// The names of the fields that an update changed.
    public var fields: [String]
    /// How long it took, in milliseconds.
    public var duration: Int64?
    /// A sentence for the owner.
    public var message: String
    /// How often it happened: more than once where repetitions are told once.
    public var occurrences: Int64
    public var createdAt: Timestamp
    /// When it happened last, if more than once.
    public var updatedAt: Timestamp?

    public init(
        loadBalancerID: ResourceID, projectID: String, _ kind: Kind, _ objectKind: ResourceKind = .loadBalancer,
        _ objectID: ResourceID? = nil, userID: String? = nil, requestID: String? = nil, generation: Int64? = nil,
        fields: [String] = [], duration: Int64? = nil, message: String, at createdAt: Timestamp
    ) {
        id = .timeOrdered(at: createdAt)
        self.loadBalancerID = loadBalancerID
        self.projectID = projectID
        self.kind = kind
        self.objectKind = objectKind
        self.objectID = objectID ?? loadBalancerID
        self.userID = userID
        self.requestID = requestID
        self.generation = generation
        self.fields = fields
        self.duration = duration
        self.message = message
        occurrences = 1
        self.createdAt = createdAt
    }

    /// All parts, as stores read them.
    public init(
        id: ResourceID, loadBalancerID: ResourceID, projectID: String, kind: Kind, objectKind: ResourceKind,
        objectID: ResourceID, userID: String?, requestID: String?, generation: Int64?, fields: [String],
        duration: Int64?, message: String, occurrences: Int64, createdAt: Timestamp, updatedAt: Timestamp?
    ) {
        self.id = id
        self.loadBalancerID = loadBalancerID
        self.projectID = projectID
        self.kind = kind
        self.objectKind = objectKind
        self.objectID = objectID
        self.userID = userID
        self.requestID = requestID
        self.generation = generation
        self.fields = fields
        self.duration = duration
        self.message = message
        self.occurrences = occurrences
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

extension ResourceKind {
    /// The word for the kind in names of fields and values: `load_balancer`, `l7policy`.
    public var fieldName: String {
        switch self {
        case .loadBalancer: "loadbalancer"
        case .listener: "listener"
        case .pool: "pool"
        case .member: "member"
        case .healthMonitor: "healthmonitor"
        case .l7Policy: "l7policy"
        case .l7Rule: "l7rule"
        }
    }

    /// The kind with that ``fieldName``.
    public init?(fieldName: String) {
        guard let kind = Self.allCases.first(where: { $0.fieldName == fieldName }) else { return nil }
        self = kind
    }

    /// The kind in a sentence.
    public var noun: String {
        switch self {
        case .l7Policy: "L7 policy"
        case .l7Rule: "L7 rule"
        default: rawValue.lowercased()
        }
    }

    /// Several of the kind in a sentence.
    public var pluralNoun: String { self == .l7Policy ? "L7 policies" : noun + "s" }
}
