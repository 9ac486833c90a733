// A pool.

public import LoadBalancing

/// A set of members that share work.
public struct Pool: TreeMember {
    public static let key = "pool"
    public static let collectionKey = "pools"

    public var id: ResourceID
    public var name: String
    public var projectID: String
    public var isEnabled: Bool
    public var provisioningStatus: ProvisioningStatus
    public var operatingStatus: OperatingStatus
    public var statusReason: String?
    /// Sorted.
    public var tags: [String]
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?
    public var description: String
    public var poolProtocol: PoolProtocol
    public var algorithm: LoadBalancingAlgorithm
    public var sessionPersistence: SessionPersistence?
    /// TLS with members.
    public var tls: PoolTLS
    public var loadBalancerIDs: [ResourceID]
    /// The listeners that send traffic to it.
    public var listenerIDs: [ResourceID]
    public var memberIDs: [ResourceID]
    public var healthMonitorID: ResourceID?

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
