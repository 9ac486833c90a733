// A load balancer.

public import LoadBalancing

/// A load balancer: an address with listeners and pools.
public struct LoadBalancer: TreeMember {
    public static let key = "loadbalancer"
    public static let collectionKey = "loadbalancers"
    /// What messages call it.
    public static let term = "load balancer"

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
    /// Absent until the network has given one.
    public var vipAddress: String?
    /// The port of the virtual IP.
    public var vipPortID: ResourceID?
    /// The subnet of the virtual IP.
    public var vipSubnetID: ResourceID?
    /// The network of the virtual IP.
    public var vipNetworkID: ResourceID?
    /// The quality-of-service policy of the virtual IP.
    public var vipQoSPolicyID: ResourceID?
    /// `normal` or `direct` (API version 2.28).
    public var vipVNICType: String?
    /// API version 2.29.
    public var vipSecurityGroupIDs: [ResourceID]
    /// API version 2.26.
    public var additionalVIPs: [AdditionalVIP]
    /// What serves it.
    public var provider: String?
    /// The flavor that it was made with.
    public var flavorID: ResourceID?
    /// The availability zone that it was made in.
    public var availabilityZone: String?
    /// Its listeners.
    public var listenerIDs: [ResourceID]
    /// Its pools.
    public var poolIDs: [ResourceID]

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
        vipAddress = try answer.textIfAny("vip_address")
        vipPortID = try answer.idIfAny("vip_port_id")
        vipSubnetID = try answer.idIfAny("vip_subnet_id")
        vipNetworkID = try answer.idIfAny("vip_network_id")
        vipQoSPolicyID = try answer.idIfAny("vip_qos_policy_id")
        vipVNICType = try answer.textIfAny("vip_vnic_type")
        vipSecurityGroupIDs = try answer.ids("vip_sg_ids")
        additionalVIPs = try answer.objects("additional_vips").map { vip throws(CloudError) in
            AdditionalVIP(
                subnetID: try vip.id("subnet_id"), address: try vip.textIfAny("ip_address"),
                portID: try vip.idIfAny("port_id"))
        }
        provider = try answer.textIfAny("provider")
        flavorID = try answer.idIfAny("flavor_id")
        availabilityZone = try answer.textIfAny("availability_zone")
        listenerIDs = try answer.references("listeners")
        poolIDs = try answer.references("pools")
    }
}
