// The kinds of objects of the network service.

/// A kind of object.
public enum NetworkResource: String, Sendable, Hashable, CaseIterable {
    case network
    case subnet
    case port
    case floatingIP = "floatingip"
    case securityGroup = "security_group"
    case securityGroupRule = "security_group_rule"
    case qosPolicy = "policy"

    /// The key of one object in a body, such as `security_group`.
    public var key: String { rawValue }

    /// The key of a list in a body, such as `security_groups`.
    public var collectionKey: String { self == .qosPolicy ? "policies" : rawValue + "s" }

    /// The path below `/v2.0`, such as `security-groups`.
    public var path: String {
        switch self {
        case .securityGroup: "security-groups"
        case .securityGroupRule: "security-group-rules"
        case .qosPolicy: "qos/policies"
        default: collectionKey
        }
    }

    /// The word that the names of its faults begin with.
    var typeName: String {
        switch self {
        case .network: "Network"
        case .subnet: "Subnet"
        case .port: "Port"
        case .floatingIP: "FloatingIP"
        case .securityGroup: "SecurityGroup"
        case .securityGroupRule: "SecurityGroupRule"
        case .qosPolicy: "QosPolicy"
        }
    }

    /// How sentences call it.
    var title: String {
        switch self {
        case .network: "Network"
        case .subnet: "Subnet"
        case .port: "Port"
        case .floatingIP: "Floating IP"
        case .securityGroup: "Security group"
        case .securityGroupRule: "Security group rule"
        case .qosPolicy: "QoS policy"
        }
    }

    /// The table that holds it.
    var table: String {
        switch self {
        case .network: "network_network"
        case .subnet: "network_subnet"
        case .port: "network_port"
        case .floatingIP: "network_floating_ip"
        case .securityGroup: "network_security_group"
        case .securityGroupRule: "network_security_group_rule"
        case .qosPolicy: "network_qos_policy"
        }
    }
}
