// A pool.

public import LoadBalancing

/// A set of members that share work.
public struct Pool: TreeMember {
    public static let key = "pool"
    public static let collectionKey = "pools"

    /// What identifies it.
    public var id: ResourceID
    /// Its name; several may have the same.
    public var name: String
    /// The project that it belongs to.
    public var projectID: String
    /// Whether it is switched on.
    public var isEnabled: Bool
    /// How far the service has come with the last change.
    public var provisioningStatus: ProvisioningStatus
    /// What the object is doing for its users.
    public var operatingStatus: OperatingStatus
    /// Why ``provisioningStatus`` is ERROR, in words; services other than Ottava do not say.
    public var statusReason: String?
    /// Sorted.
    public var tags: [String]
    /// When it was made.
    public var createdAt: Timestamp?
    /// When it was last changed; absent if it never was.
    public var updatedAt: Timestamp?
    /// Free text.
    public var description: String
    /// What members speak.
    public var poolProtocol: PoolProtocol
    /// How a member is chosen.
    public var algorithm: LoadBalancingAlgorithm
    /// How clients come back to the same member.
    public var sessionPersistence: SessionPersistence?
    /// TLS with members.
    public var tls: PoolTLS
    /// Its load balancer.
    public var loadBalancerIDs: [ResourceID]
    /// The listeners that send traffic to it.
    public var listenerIDs: [ResourceID]
    /// Its members.
    public var memberIDs: [ResourceID]
    /// Its monitor, if there is one.
    public var healthMonitorID: ResourceID?

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        name = try answer.textOrEmpty("name")
        let common = try CommonFields(answer)
        projectID = common.projectID
        isEnabled = common.isEnabled
        provisioningStatus = common.provisioningStatus
        operatingStatus = common.operatingStatus
        statusReason = common.statusReason
        tags = common.tags
        createdAt = common.createdAt
        updatedAt = common.updatedAt
        description = try answer.textOrEmpty("description")
        poolProtocol = try answer.term("protocol")
        algorithm = try answer.term("lb_algorithm")
        sessionPersistence = try answer.objectIfAny("session_persistence").map { fields throws(CloudError) in
            SessionPersistence(
                type: try fields.term("type"), cookieName: try fields.textIfAny("cookie_name"),
                timeout: try fields.integerIfAny("persistence_timeout"),
                granularity: try fields.textIfAny("persistence_granularity"))
        }
        tls = PoolTLS(
            isEnabled: try answer.flag("tls_enabled"), containerRef: try answer.textIfAny("tls_container_ref"),
            caContainerRef: try answer.textIfAny("ca_tls_container_ref"),
            crlContainerRef: try answer.textIfAny("crl_container_ref"), ciphers: try answer.textIfAny("tls_ciphers"),
            versions: try answer.stringsIfAny("tls_versions"),
            alpnProtocols: try answer.stringsIfAny("alpn_protocols"))
        loadBalancerIDs = try answer.references("loadbalancers")
        listenerIDs = try answer.references("listeners")
        memberIDs = try answer.references("members")
        healthMonitorID = try answer.idIfAny("healthmonitor_id")
    }
}
