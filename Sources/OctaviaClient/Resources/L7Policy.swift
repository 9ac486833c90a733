// A layer 7 policy.

public import LoadBalancing

/// What happens to requests that match all rules of the policy.
public struct L7Policy: TreeMember {
    public static let key = "l7policy"
    public static let collectionKey = "l7policies"
    /// What messages call it.
    public static let term = "L7 policy"

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
    /// The listener.
    public var listenerID: ResourceID?
    /// What is done with requests that meet all rules.
    public var action: L7PolicyAction
    /// Where requests go; of ``L7PolicyAction/redirectToPool``.
    public var redirectPoolID: ResourceID?
    /// Where clients are sent; of ``L7PolicyAction/redirectToURL``.
    public var redirectURL: String?
    /// What stands in front of the path; of ``L7PolicyAction/redirectPrefix``.
    public var redirectPrefix: String?
    /// 301, 302, 303, 307 or 308.
    public var redirectHTTPCode: Int?
    /// 1 is first.
    public var position: Int
    /// The rules, all of which must hold.
    public var ruleIDs: [ResourceID]

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
