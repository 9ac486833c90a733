// A rule of a layer 7 policy.

public import LoadBalancing

/// One condition of a policy.
public struct L7Rule: TreeMember {
    public static let key = "rule"
    public static let collectionKey = "rules"
    /// What messages call it.
    public static let term = "L7 rule"
    /// Whether such objects have names.
    public static let hasName = false

    /// What identifies it.
    public var id: ResourceID
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
    /// What is looked at.
    public var type: L7RuleType
    /// How it is compared.
    public var compareType: L7RuleCompareType
    /// The header, cookie or field that is looked at.
    public var ruleKey: String?
    /// What it is compared with.
    public var value: String
    public var invert: Bool

    /// Its name; several may have the same.
    public var name: String { "" }

    /// Reads it from an answer.
    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        let common = try CommonFields(answer)
        projectID = common.projectID
        isEnabled = common.isEnabled
        provisioningStatus = common.provisioningStatus
        operatingStatus = common.operatingStatus
        statusReason = common.statusReason
        tags = common.tags
        createdAt = common.createdAt
        updatedAt = common.updatedAt
        type = try answer.term("type")
        compareType = try answer.term("compare_type")
        ruleKey = try answer.textIfAny("key")
        value = try answer.text("value")
        invert = try answer.flag("invert")
    }
}
