// A load balancer.

public import LoadBalancing

/// A load balancer: an address with listeners and pools.
public struct LoadBalancer: TreeMember {
    public static let key = "loadbalancer"
    public static let collectionKey = "loadbalancers"
    public static let term = "load balancer"

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
    /// Absent until the network has given one.
    public var vipAddress: String?
    public var vipPortID: ResourceID?
    public var vipSubnetID: ResourceID?
    public var vipNetworkID: ResourceID?
    public var vipQoSPolicyID: ResourceID?
    /// `normal` or `direct` (API version 2.28).
    public var vipVNICType: String?
    /// API version 2.29.
    public var vipSecurityGroupIDs: [ResourceID]
    /// API version 2.26.
    public var additionalVIPs: [AdditionalVIP]
    public var provider: String?
    public var flavorID: ResourceID?
    public var availabilityZone: String?
    public var listenerIDs: [ResourceID]
    public var poolIDs: [ResourceID]

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
