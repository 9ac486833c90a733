// Security groups and their rules.

public import LoadBalancing

/// A set of packet filter rules (Network API v2.0 reference, "Security groups").
public struct SecurityGroup: Sendable, Hashable {
    public var header: NetworkObjectHeader
    public var isStateful: Bool
    public var rules: [SecurityGroupRule]

    public var id: ResourceID { header.id }

    /// The name of the group that each project has.
    public static let defaultName = "default"
}

/// What a request says about a security group; `nil` is "not mentioned".
public struct SecurityGroupAttributes: Sendable, Hashable {
    public var projectID: String?
    public var name: String?
    public var description: String?
    public var isStateful: Bool?
    public var tags: [String] = []
    /// The revision that the caller last saw (`If-Match`); another one is refused.
    public var expectedRevision: Int64?

    public init() {}
}

/// One rule: what it names may pass (Network API v2.0 reference, "Security group rules").
public struct SecurityGroupRule: Sendable, Hashable {
    /// Which way the packets go, seen from the port.
    public enum Direction: String, Sendable, Hashable, CaseIterable {
        case ingress
        case egress
    }

    /// The network layer protocol.
    public enum EtherType: String, Sendable, Hashable, CaseIterable {
        case ipv4 = "IPv4"
        case ipv6 = "IPv6"
    }

    /// Its name is empty.
    public var header: NetworkObjectHeader
    public var groupID: ResourceID
    public var direction: Direction
    public var etherType: EtherType
    /// A name or a number; `nil` is any.
    public var transport: String?
    /// The first port, or the ICMP type.
    public var portRangeMinimum: Int?
    /// The last port, or the ICMP code.
    public var portRangeMaximum: Int?
    public var remotePrefix: IPNetwork?
    public var remoteGroupID: ResourceID?

    public var id: ResourceID { header.id }
}

/// What a request says about a new rule.
public struct SecurityGroupRuleAttributes: Sendable, Hashable {
    public var projectID: String?
    public var groupID: ResourceID?
    public var direction: SecurityGroupRule.Direction?
    public var etherType: SecurityGroupRule.EtherType = .ipv4
    public var description: String = ""
    public var transport: String?
    public var portRangeMinimum: Int?
    public var portRangeMaximum: Int?
    public var remotePrefix: IPNetwork?
    public var remoteGroupID: ResourceID?

    public init() {}
}
