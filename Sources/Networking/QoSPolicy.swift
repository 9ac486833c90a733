// Quality-of-service policies.

public import LoadBalancing

/// A named policy that ports and networks can refer to (Network API v2.0 reference, "QoS policies").
///
/// The embedded service keeps policies so that load balancers can name them; it has no rules and limits nothing.
public struct QoSPolicy: Sendable, Hashable {
    public var header: NetworkObjectHeader
    public var isShared: Bool
    public var isDefault: Bool

    public var id: ResourceID { header.id }
}

/// What a request says about a policy; `nil` is "not mentioned".
public struct QoSPolicyAttributes: Sendable, Hashable {
    public var projectID: String?
    public var name: String?
    public var description: String?
    public var isShared: Bool?
    public var isDefault: Bool?
    public var tags: [String] = []
    /// The revision that the caller last saw (`If-Match`); another one is refused.
    public var expectedRevision: Int64?

    public init() {}
}
