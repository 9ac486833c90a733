// An L7 rule as the API shows it.

public import JSON
public import LoadBalancing

/// A rule of a policy.
public struct L7RuleView: ResourceView {
    public static let key = "rule"
    public static let collectionKey = "rules"

    public var rule: L7Rule

    public init(_ rule: L7Rule) {
        self.rule = rule
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("id", rule.id, in: fields)
            writer.core(rule.core, in: fields)
            writer.field("type", rule.type.rawValue, in: fields)
            writer.field("compare_type", rule.compareType.rawValue, in: fields)
            writer.field("key", rule.key, in: fields)
            writer.field("value", rule.value, in: fields)
            writer.field("invert", rule.invert, in: fields)
        }
    }
}
