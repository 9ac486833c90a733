// What serves a load balancer; for operators.

public import LoadBalancing

/// A machine or process of the provider `amphora`.
public struct Amphora: CloudResource, Identifiable {
    public static let key = "amphora"
    public static let collectionKey = "amphorae"
    /// Whether such objects have names.
    public static let hasName = false

    /// What identifies it.
    public var id: ResourceID
    /// Absent for spare ones.
    public var loadBalancerID: ResourceID?
    /// The virtual machine.
    public var computeID: ResourceID?
    /// Where the control plane reaches it.
    public var managementAddress: String?
    /// Its own address in the network of the virtual IP.
    public var vrrpAddress: String?
    /// The virtual IP.
    public var vipAddress: String?
    /// The port of ``vrrpAddress``.
    public var vrrpPortID: ResourceID?
    /// The port of ``vipAddress``.
    public var vipPortID: ResourceID?
    /// When its certificate ends.
    public var certificateExpiresAt: Timestamp?
    /// Whether its certificate is being replaced.
    public var isCertificateBusy: Bool
    /// `STANDALONE`, `MASTER` or `BACKUP`.
    public var role: String?
    /// `ALLOCATED`, `BOOTING`, `ERROR`, …
    public var status: String?
    /// The network interface that VRRP uses (RFC 9568).
    public var vrrpInterface: String?
    /// The virtual router id (RFC 9568): 1–255.
    public var vrrpID: Int?
    /// The priority in VRRP (RFC 9568): 1–255.
    public var vrrpPriority: Int?
    /// The compute zone.
    public var zone: String?
    /// The image that it was made from.
    public var imageID: ResourceID?
    /// The size of its virtual machine.
    public var computeFlavor: String?
    /// When it was made.
    public var createdAt: Timestamp?
    /// When it was last changed; absent if it never was.
    public var updatedAt: Timestamp?

    /// Its name; several may have the same.
    public var name: String { "" }
    /// What identifies it in paths.
    public var reference: String { id.string }

    /// Reads it from an answer.
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
