// L7 policies and rules as rows.

public import LoadBalancing

extension L7Policy: TreeRecord {
    public static let table = "l7_policy"
    public static let ownColumns = [
        "loadbalancer_id", "listener_id", "name", "description", "action", "redirect_pool_id", "redirect_url",
        "redirect_prefix", "redirect_http_code", "position",
    ]
    public static let columns = TreeColumns.core + ownColumns
    public static let selection = wholeRows

    public init(core: ResourceCore, row: borrowing DatabaseRow) {
        let start = TreeColumns.coreCount
        self.init(
            core: core, loadBalancerID: row.resourceID(start), listenerID: row.resourceID(start + 1),
            name: row.text(start + 2), description: row.text(start + 3), action: row.word(start + 4, default: .reject),
            redirectPoolID: row.optionalResourceID(start + 5), redirectURL: row.optionalText(start + 6),
            redirectPrefix: row.optionalText(start + 7), redirectHTTPCode: row.optionalInt(start + 8),
            position: row.int(start + 9))
    }

    public var ownValues: [any DatabaseValueConvertible] {
        [
            loadBalancerID, listenerID, name, description, action.rawValue, redirectPoolID, redirectURL,
            redirectPrefix, redirectHTTPCode, position,
        ]
    }
}

extension L7Rule: TreeRecord {
    public static let table = "l7_rule"
    // `key` is a reserved word in SQL.
    public static let ownColumns = [
        "loadbalancer_id", "l7policy_id", "type", "compare_type", "rule_key", "value", "invert",
    ]
    public static let columns = TreeColumns.core + ownColumns
    public static let selection = wholeRows

    public init(core: ResourceCore, row: borrowing DatabaseRow) {
        let start = TreeColumns.coreCount
        self.init(
            core: core, loadBalancerID: row.resourceID(start), policyID: row.resourceID(start + 1),
            type: row.word(start + 2, default: .path), compareType: row.word(start + 3, default: .equalTo),
            key: row.optionalText(start + 4), value: row.text(start + 5), invert: row.bool(start + 6))
    }

    public var ownValues: [any DatabaseValueConvertible] {
        [loadBalancerID, policyID, type.rawValue, compareType.rawValue, key, value, invert]
    }
}
