// A listener.

public import LoadBalancing

/// A port on which a load balancer answers.
public struct Listener: TreeMember {
    public static let key = "listener"
    public static let collectionKey = "listeners"

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
    /// What clients speak.
    public var listenerProtocol: ListenerProtocol
    /// 1–65535.
    public var protocolPort: Int
    /// The most connections at a time; -1 is no limit.
    public var connectionLimit: Int?
    /// Where requests go that no policy sends elsewhere.
    public var defaultPoolID: ResourceID?
    /// Headers that requests to members get: name → `true`.
    public var insertHeaders: [String: String]
    /// In milliseconds.
    public var timeouts: ListenerTimeouts
    /// The certificate with its key, in the key manager.
    public var defaultTLSContainerRef: String?
    /// More certificates, chosen by the name that the client asks for (RFC 6066).
    public var sniContainerRefs: [String]
    /// Whether clients must show a certificate.
    public var clientAuthentication: ClientAuthentication
    /// The authorities of client certificates, in the key manager.
    public var clientCAContainerRef: String?
    /// Client certificates that are revoked, in the key manager.
    public var clientCRLContainerRef: String?
    /// OpenSSL names joined by colons.
    public var tlsCiphers: String?
    /// Such as `TLSv1.2`.
    public var tlsVersions: [String]?
    /// Such as `h2`, `http/1.1` (RFC 7301).
    public var alpnProtocols: [String]?
    /// Networks that may connect; empty is everybody.
    public var allowedCIDRs: [String]
    /// Seconds; absent is no header (RFC 6797).
    public var hstsMaxAge: Int?
    /// Whether the header speaks of subdomains too.
    public var hstsIncludeSubdomains: Bool
    /// Whether the header asks to be in browsers' lists.
    public var hstsPreload: Bool
    /// Status code → the page in HTML that is shown for it; Ottava only.
    public var errorPages: [Int: String]
    /// One load balancer; empty in the answer to a fully populated create.
    public var loadBalancerIDs: [ResourceID]
    /// By position.
    public var l7PolicyIDs: [ResourceID]

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
        listenerProtocol = try answer.term("protocol")
        protocolPort = try answer.integer("protocol_port")
        connectionLimit = try answer.integerIfAny("connection_limit")
        defaultPoolID = try answer.idIfAny("default_pool_id")
        insertHeaders = try answer.stringsByName("insert_headers")
        timeouts = ListenerTimeouts(
            clientData: try answer.integer("timeout_client_data", ifAbsent: 50_000),
            memberConnect: try answer.integer("timeout_member_connect", ifAbsent: 5_000),
            memberData: try answer.integer("timeout_member_data", ifAbsent: 50_000),
            tcpInspect: try answer.integer("timeout_tcp_inspect", ifAbsent: 0))
        defaultTLSContainerRef = try answer.textIfAny("default_tls_container_ref")
        sniContainerRefs = try answer.strings("sni_container_refs")
        clientAuthentication = try answer.termIfAny("client_authentication") ?? .none
        clientCAContainerRef = try answer.textIfAny("client_ca_tls_container_ref")
        clientCRLContainerRef = try answer.textIfAny("client_crl_container_ref")
        tlsCiphers = try answer.textIfAny("tls_ciphers")
        tlsVersions = try answer.stringsIfAny("tls_versions")
        alpnProtocols = try answer.stringsIfAny("alpn_protocols")
        allowedCIDRs = try answer.strings("allowed_cidrs")
        hstsMaxAge = try answer.integerIfAny("hsts_max_age")
        hstsIncludeSubdomains = try answer.flag("hsts_include_subdomains")
        hstsPreload = try answer.flag("hsts_preload")
        errorPages = [Int: String](
            try answer.stringsByName("error_pages").compactMap { name, page in Int(name).map { ($0, page) } }
        ) { first, _ in first }
        loadBalancerIDs = try answer.references("loadbalancers")
        l7PolicyIDs = try answer.references("l7policies")
    }
}
