// What serves a load balancer; for operators.

public import LoadBalancing

/// A machine or process of the provider `amphora`.
public struct Amphora: CloudResource, Identifiable {
    public static let key = "amphora"
    public static let collectionKey = "amphorae"

    public var id: ResourceID
    /// Absent for spare ones.
    public var loadBalancerID: ResourceID?
    public var computeID: ResourceID?
    public var managementAddress: String?
    public var vrrpAddress: String?
    public var vipAddress: String?
    public var vrrpPortID: ResourceID?
    public var vipPortID: ResourceID?
    public var certificateExpiresAt: Timestamp?
    public var isCertificateBusy: Bool
    /// `STANDALONE`, `MASTER` or `BACKUP`.
    public var role: String?
    /// `ALLOCATED`, `BOOTING`, `ERROR`, …
    public var status: String?
    public var vrrpInterface: String?
    public var vrrpID: Int?
    public var vrrpPriority: Int?
    public var zone: String?
    public var imageID: ResourceID?
    public var computeFlavor: String?
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?

    public var name: String { "" }
    public var reference: String { id.string }

    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        loadBalancerID = try answer.idIfAny("loadbalancer_id")
        computeID = try answer.idIfAny("compute_id")
        managementAddress = try answer.textIfAny("lb_network_ip")
        vrrpAddress = try answer.textIfAny("vrrp_ip")
        vipAddress = try answer.textIfAny("ha_ip")
        vrrpPortID = try answer.idIfAny("vrrp_port_id")
        vipPortID = try answer.idIfAny("ha_port_id")
        certificateExpiresAt = try answer.timeIfAny("cert_expiration")
        isCertificateBusy = try answer.flag("cert_busy")
        role = try answer.textIfAny("role")
        status = try answer.textIfAny("status")
        vrrpInterface = try answer.textIfAny("vrrp_interface")
        vrrpID = try answer.integerIfAny("vrrp_id")
        vrrpPriority = try answer.integerIfAny("vrrp_priority")
        zone = try answer.textIfAny("cached_zone")
        imageID = try answer.idIfAny("image_id")
        computeFlavor = try answer.textIfAny("compute_flavor")
        createdAt = try answer.timeIfAny("created_at")
        updatedAt = try answer.timeIfAny("updated_at")
    }
}
