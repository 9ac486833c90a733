// A member.

public import LoadBalancing

/// A server that does the work of a pool.
public struct Member: TreeMember {
    public static let key = "member"
    public static let collectionKey = "members"

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
    /// An IPv4 or IPv6 address.
    public var address: String
    /// 1–65535.
    public var protocolPort: Int
    /// 0–256; 0 drains, absent counts as 1.
    public var weight: Int?
    /// Used only when all members that are no backup are down.
    public var isBackup: Bool
    /// The subnet that the address is in.
    public var subnetID: ResourceID?
    /// Where the health monitor looks instead of ``address``.
    public var monitorAddress: String?
    /// Where the health monitor looks instead of the port: 1–65535.
    public var monitorPort: Int?
    /// `normal` or `direct` (API version 2.30).
    public var vnicType: String?

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
