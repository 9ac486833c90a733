// A layer 7 policy.

public import LoadBalancing

/// What happens to requests that match all rules of the policy.
public struct L7Policy: TreeMember {
    public static let key = "l7policy"
    public static let collectionKey = "l7policies"
    public static let term = "L7 policy"

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
    public var listenerID: ResourceID?
    public var action: L7PolicyAction
    public var redirectPoolID: ResourceID?
    public var redirectURL: String?
    public var redirectPrefix: String?
    public var redirectHTTPCode: Int?
    /// 1 is first.
    public var position: Int
    public var ruleIDs: [ResourceID]

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
        listenerID = try answer.idIfAny("listener_id")
        action = try answer.term("action")
        redirectPoolID = try answer.idIfAny("redirect_pool_id")
        redirectURL = try answer.textIfAny("redirect_url")
        redirectPrefix = try answer.textIfAny("redirect_prefix")
        redirectHTTPCode = try answer.integerIfAny("redirect_http_code")
        position = try answer.integer("position", ifAbsent: 1)
        ruleIDs = try answer.references("rules")
    }
}
