// Leases (coordination.k8s.io/v1).

public import JSON

/// Who holds something, and until when.
public struct Lease: KubernetesObject {
    public var metadata = ObjectMeta()
    public var spec = LeaseSpec()
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Lease"
    public static let resources = [ResourceType(group: "coordination.k8s.io", version: "v1", name: "leases")]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("spec", &spec)
    }
}

/// The state of a lease.
public struct LeaseSpec: JSONRecord {
    /// Empty when nobody holds it.
    public var holderIdentity = ""
    public var leaseDurationSeconds: Int?
    /// RFC 3339 with microseconds.
    public var acquireTime = ""
    /// RFC 3339 with microseconds.
    public var renewTime = ""
    /// How often it changed hands.
    public var leaseTransitions = 0
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("holderIdentity", &holderIdentity)
        try mapper.field("leaseDurationSeconds", &leaseDurationSeconds)
        try mapper.field("acquireTime", &acquireTime)
        try mapper.field("renewTime", &renewTime)
        try mapper.field("leaseTransitions", &leaseTransitions)
    }
}
