// What a driver is told of the layer 7 policies of a listener.

/// What happens to requests that match all rules of a policy.
///
/// Policies that are switched off, and those without a rule that is switched on, never match and are left out.
public struct L7PolicyPlan: Codable, Hashable, Sendable {
    public var id: ResourceID
    public var action: L7PolicyAction
    /// With ``L7PolicyAction/redirectToPool``; always part of the plan.
    public var redirectPoolID: ResourceID?
    /// With ``L7PolicyAction/redirectToURL``: where to, as it is.
    public var redirectURL: String?
    /// With ``L7PolicyAction/redirectPrefix``: what the request's path and query are appended to.
    public var redirectPrefix: String?
    /// 301, 302, 303, 307 or 308; absent is 302.
    public var redirectHTTPCode: Int?
    /// All must match. Ordered by id, never empty.
    public var rules: [L7RulePlan]

    public init(
        id: ResourceID, action: L7PolicyAction, redirectPoolID: ResourceID? = nil, redirectURL: String? = nil,
        redirectPrefix: String? = nil, redirectHTTPCode: Int? = nil, rules: [L7RulePlan]
    ) {
        self.id = id
        self.action = action
        self.redirectPoolID = redirectPoolID
        self.redirectURL = redirectURL
        self.redirectPrefix = redirectPrefix
        self.redirectHTTPCode = redirectHTTPCode
        self.rules = rules
    }
}

/// One condition of a policy.
public struct L7RulePlan: Codable, Hashable, Sendable {
    public var id: ResourceID
    public var type: L7RuleType
    public var compareType: L7RuleCompareType
    /// The name of a header or cookie, or the part of a distinguished name; with the types that need one.
    public var key: String?
    public var value: String
    /// Whether the rule matches what the comparison does not.
    public var invert: Bool

    public init(
        id: ResourceID, type: L7RuleType, compareType: L7RuleCompareType, key: String? = nil, value: String,
        invert: Bool = false
    ) {
        self.id = id
        self.type = type
        self.compareType = compareType
        self.key = key
        self.value = value
        self.invert = invert
    }
}
