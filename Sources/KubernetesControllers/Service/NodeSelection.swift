// Which nodes are members, and at which address.

internal import KubernetesClient

internal import struct LoadBalancing.IPAddress

/// A label that a node needs.
struct NodeRequirement: Sendable, Hashable {
    var key: String
    /// Absent: any.
    var value: String?

    /// Reads `KEY=VALUE` or `KEY` between commas.
    static func all(in text: String) -> [NodeRequirement] {
        text.commaSeparated.map { part in
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return NodeRequirement(
                key: sides[0].trimmingSpaces(), value: sides.count == 2 ? sides[1].trimmingSpaces() : nil)
        }
    }

    func isMet(by labels: [String: String]) -> Bool { labels[key].map { value == nil || $0 == value } ?? false }
}

extension Node {
    private static let excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers"
    private static let goingTaint = "ToBeDeletedByClusterAutoscaler"

    /// Whether traffic may be sent to the node. As in Kubernetes' own service controller a node that is not ready still
    /// counts, as what runs on it may work; health monitors decide about that.
    func isMember(_ requirements: [NodeRequirement]) -> Bool {
        guard !metadata.isBeingDeleted else { return false }
        if let value = metadata.labels[Self.excludeLabel], value != "false" { return false }
        guard !spec.taints.contains(where: { $0.key == Self.goingTaint }) else { return false }
        return requirements.allSatisfy { $0.isMet(by: metadata.labels) }
    }

    /// Whether the node may serve Ingresses, as octavia-ingress-controller sees it.
    var isIngressMember: Bool {
        isMember([]) && isReady && !spec.unschedulable && metadata.labels["node-role.kubernetes.io/master"] == nil
    }

    /// The first internal address, else the first external one, of the first family that has one.
    func address(_ families: [IPAddress.Family]) -> String? {
        for family in families {
            for type in ["InternalIP", "ExternalIP"] {
                let found = status.addresses.first { $0.type == type && IPAddress($0.address)?.family == family }
                if let found { return found.address }
            }
        }
        return nil
    }

    /// What decides about membership; changes of anything else need no work.
    var memberTraits: MemberTraits {
        MemberTraits(
            name: metadata.name, isReady: isReady, isUnschedulable: spec.unschedulable,
            isBeingDeleted: metadata.isBeingDeleted, labels: metadata.labels,
            isGoing: spec.taints.contains { $0.key == Self.goingTaint },
            addresses: status.addresses.map { "\($0.type) \($0.address)" })
    }

    struct MemberTraits: Sendable, Hashable {
        var name: String
        var isReady: Bool
        var isUnschedulable: Bool
        var isBeingDeleted: Bool
        var labels: [String: String]
        var isGoing: Bool
        var addresses: [String]
    }
}
