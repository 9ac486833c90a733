// An L7 policy as the API shows it.

public import JSON
public import LoadBalancing

/// A policy and the ids of its rules.
public struct L7PolicyView: ResourceView {
    public static let key = "l7policy"
    public static let collectionKey = "l7policies"

    public var policy: L7Policy
    public var ruleIDs: [ResourceID]

    public init(_ policy: L7Policy, ruleIDs: [ResourceID]) {
        self.policy = policy
        self.ruleIDs = ruleIDs
    }

    public init(_ policy: L7Policy, in tree: LoadBalancerTree) {
        self.init(policy, ruleIDs: tree.l7Rules(ofPolicy: policy.id).map(\.id))
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.fields(of: policy, in: fields)
            writer.references("rules", ruleIDs, in: fields)
        }
    }
}

extension JSONWriter {
    /// The fields of a policy but for its rules.
    mutating func fields(of policy: L7Policy, in fields: FieldSelection) {
        field("id", policy.id, in: fields)
        field("name", policy.name, in: fields)
        field("description", policy.description, in: fields)
        core(policy.core, in: fields)
        field("listener_id", policy.listenerID, in: fields)
        field("action", policy.action.rawValue, in: fields)
        field("redirect_pool_id", policy.redirectPoolID, in: fields)
        field("redirect_url", policy.redirectURL, in: fields)
        field("redirect_prefix", policy.redirectPrefix, in: fields)
        field("redirect_http_code", policy.redirectHTTPCode, in: fields)
        field("position", policy.position, in: fields)
    }
}
