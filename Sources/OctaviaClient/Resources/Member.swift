// A member.

public import LoadBalancing

/// A server that does the work of a pool.
public struct Member: TreeMember {
    public static let key = "member"
    public static let collectionKey = "members"

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
    public var address: String
    /// 1–65535.
    public var protocolPort: Int
    /// 0–256; 0 drains, absent counts as 1.
    public var weight: Int?
    /// Used only when all members that are no backup are down.
    public var isBackup: Bool
    public var subnetID: ResourceID?
    public var monitorAddress: String?
    public var monitorPort: Int?
    /// `normal` or `direct` (API version 2.30).
    public var vnicType: String?

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
        address = try answer.text("address")
        protocolPort = try answer.integer("protocol_port")
        weight = try answer.integerIfAny("weight")
        isBackup = try answer.flag("backup")
        subnetID = try answer.idIfAny("subnet_id")
        monitorAddress = try answer.textIfAny("monitor_address")
        monitorPort = try answer.integerIfAny("monitor_port")
        vnicType = try answer.textIfAny("vnic_type")
    }
}
