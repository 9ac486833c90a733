// A rule of a layer 7 policy.

public import LoadBalancing

/// One condition of a policy.
public struct L7Rule: TreeMember {
    public static let key = "rule"
    public static let collectionKey = "rules"
    public static let term = "L7 rule"

    public var id: ResourceID
    public var projectID: String
    public var isEnabled: Bool
    public var provisioningStatus: ProvisioningStatus
    public var operatingStatus: OperatingStatus
    public var statusReason: String?
    /// Sorted.
    public var tags: [String]
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?
    public var type: L7RuleType
    public var compareType: L7RuleCompareType
    /// The header, cookie or field that is looked at.
    public var ruleKey: String?
    public var value: String
    public var invert: Bool

    public var name: String { "" }

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
