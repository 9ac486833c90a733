// Layer 7 policies of a listener and their rules.

/// What happens to requests that match all rules of the policy.
public struct L7Policy: TreeResource {
    public static let kind = ResourceKind.l7Policy

    public var core: ResourceCore
    public var loadBalancerID: ResourceID
    public var listenerID: ResourceID
    public var name: String
    public var description: String
    public var action: L7PolicyAction
    public var redirectPoolID: ResourceID?
    public var redirectURL: String?
    public var redirectPrefix: String?
    /// 301, 302, 303, 307 or 308.
    public var redirectHTTPCode: Int?
    /// 1 is first; dense within a listener.
    public var position: Int

    public init(
        core: ResourceCore, loadBalancerID: ResourceID, listenerID: ResourceID, name: String = "",
        description: String = "", action: L7PolicyAction, redirectPoolID: ResourceID? = nil, redirectURL: String? = nil,
        redirectPrefix: String? = nil, redirectHTTPCode: Int? = nil, position: Int = 1
    ) {
        self.core = core
        self.loadBalancerID = loadBalancerID
        self.listenerID = listenerID
        self.name = name
        self.description = description
        self.action = action
        self.redirectPoolID = redirectPoolID
        self.redirectURL = redirectURL
        self.redirectPrefix = redirectPrefix
        self.redirectHTTPCode = redirectHTTPCode
        self.position = position
    }
}

/// One condition of a policy.
public struct L7Rule: TreeResource {
    public static let kind = ResourceKind.l7Rule

    public var core: ResourceCore
    public var loadBalancerID: ResourceID
    public var policyID: ResourceID
    public var type: L7RuleType
    public var compareType: L7RuleCompareType
    public var key: String?
    public var value: String
    public var invert: Bool

    public init(
        core: ResourceCore, loadBalancerID: ResourceID, policyID: ResourceID, type: L7RuleType,
        compareType: L7RuleCompareType, key: String? = nil, value: String, invert: Bool = false
    ) {
        self.core = core
        self.loadBalancerID = loadBalancerID
        self.policyID = policyID
        self.type = type
        self.compareType = compareType
        self.key = key
        self.value = value
        self.invert = invert
    }
}
