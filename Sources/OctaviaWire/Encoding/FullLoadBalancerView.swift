// The answer to the creation of a load balancer: everything that was created, nested.

public import JSON
public import LoadBalancing

/// A load balancer with its listeners and pools as full objects instead of references, and theirs likewise.
///
/// Nested objects do not refer back: listeners and pools have no `loadbalancers`, monitors no `pools`; pools have
/// `healthmonitor` in place of `healthmonitor_id`.
public struct FullLoadBalancerView: ResourceView {
    public static let key = "loadbalancer"
    public static let collectionKey = "loadbalancers"

    public var tree: LoadBalancerTree

    public init(_ tree: LoadBalancerTree) {
        self.tree = tree
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        let members = Dictionary(grouping: tree.members, by: \.poolID)
        let policies = Dictionary(grouping: tree.l7Policies, by: \.listenerID)
        let rules = Dictionary(grouping: tree.l7Rules, by: \.policyID)
        let monitors = Dictionary(tree.healthMonitors.map { ($0.poolID, $0) }, uniquingKeysWith: { first, _ in first })
        writer.object { writer in
            writer.fields(of: tree.loadBalancer, in: fields)
            if fields.contains("listeners") {
                writer.arrayMember("listeners", tree.listeners) { writer, listener in
                    let policies = policies[listener.id, default: []].sorted { $0.position < $1.position }
                    Self.write(listener, policies: policies, rules: rules, to: &writer)
                }
            }
            if fields.contains("pools") {
                writer.arrayMember("pools", tree.pools) { writer, pool in
                    writer.object { writer in
                        writer.fields(of: pool, in: .all)
                        writer.references("listeners", tree.listeners(usingPool: pool.id).map(\.id), in: .all)
                        writer.resources("members", members[pool.id, default: []].map(MemberView.init), in: .all)
                        writer.key("healthmonitor")
                        if let monitor = monitors[pool.id] {
                            writer.object { $0.fields(of: monitor, in: .all) }
                        } else {
                            writer.null()
                        }
                    }
                }
            }
        }
    }

    private static func write(
        _ listener: Listener, policies: [L7Policy], rules: [ResourceID: [L7Rule]], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.fields(of: listener, in: .all)
            writer.arrayMember("l7policies", policies) { writer, policy in
                writer.object { writer in
                    writer.fields(of: policy, in: .all)
                    writer.resources("rules", rules[policy.id, default: []].map(L7RuleView.init), in: .all)
                }
            }
        }
    }
}
