// What makes the parts of a security group rule fit together.

import LoadBalancing

/// The rules about rules, without a database.
struct SecurityGroupRuleCheck {
    let attributes: SecurityGroupRuleAttributes

    init(_ attributes: SecurityGroupRuleAttributes) {
        self.attributes = attributes
    }

    /// Protocol numbers by name (IANA "Protocol Numbers").
    private static let numbers: [String: Int] = [
        "ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "hopopt": 0, "icmp": 1, "icmpv6": 58, "igmp": 2, "ip": 0,
        "ipip": 4, "ipv6-encap": 41, "ipv6-frag": 44, "ipv6-icmp": 58, "ipv6-nonxt": 59, "ipv6-opts": 60,
        "ipv6-route": 43, "ospf": 89, "pgm": 113, "rsvp": 46, "sctp": 132, "tcp": 6, "udp": 17, "udplite": 136,
        "vrrp": 112,
    ]
    /// The protocols that have ports.
    private static let withPorts: Set<Int> = [6, 17, 33, 132, 136]
    private static let icmp: Set<Int> = [1, 58]

    private var number: Int? {
        attributes.transport.flatMap { Self.numbers[$0] ?? Int($0) }
    }

    /// What makes two rules of a group the same.
    var fingerprint: String {
        let any = IPNetwork(
            address: IPAddress(family: attributes.etherType == .ipv4 ? .ipv4 : .ipv6, value: 0), prefixLength: 0)
        let prefix = attributes.remotePrefix == any ? nil : attributes.remotePrefix
        return [
            (attributes.direction ?? .ingress).rawValue, attributes.etherType.rawValue,
            number.map(String.init) ?? "any", attributes.portRangeMinimum.map(String.init) ?? "-",
            attributes.portRangeMaximum.map(String.init) ?? "-", prefix?.description ?? "-",
            attributes.remoteGroupID?.string ?? "-",
        ].joined(separator: " ")
    }

    /// - Throws: ``NetworkFault`` for a rule that contradicts itself.
    func run() throws {
        if let transport = attributes.transport {
            guard let number, (0...255).contains(number) else {
                throw NetworkFault(
                    .invalid, type: "SecurityGroupRuleInvalidProtocol",
                    "Security group rule protocol \(transport) not supported. Only protocol values"
                        + " \(Self.numbers.keys.sorted()) and integer representations [0 to 255] are supported.")
            }
            if number == 58, attributes.etherType == .ipv4 {
                throw NetworkFault(
                    .invalid, type: "SecurityGroupEthertypeConflictWithProtocol",
                    "Invalid ethertype IPv4 for protocol \(transport).")
            }
        }
        if let prefix = attributes.remotePrefix {
            guard attributes.remoteGroupID == nil else {
                throw NetworkFault(
                    .invalid, type: "SecurityGroupMultipleRemoteEntites",
                    "Only remote_ip_prefix or remote_group_id may be provided.")
            }
            guard (prefix.address.family == .ipv4) == (attributes.etherType == .ipv4) else {
                throw NetworkFault(
                    .invalid, type: "SecurityGroupRuleParameterConflict",
                    "Conflicting value ethertype \(attributes.etherType.rawValue) for CIDR \(prefix).")
            }
        }
        try checkPorts()
    }

    private func checkPorts() throws {
        let (minimum, maximum) = (attributes.portRangeMinimum, attributes.portRangeMaximum)
        guard minimum != nil || maximum != nil else { return }
        guard let number else {
            throw NetworkFault(
                .invalid, type: "SecurityGroupProtocolRequiredWithPorts",
                "Must also specify protocol if port range is given.")
        }
        if Self.icmp.contains(number) {
            for (name, value) in [("type", minimum), ("code", maximum)] {
                if let value, !(0...255).contains(value) {
                    throw NetworkFault(
                        .invalid, type: "SecurityGroupInvalidIcmpValue",
                        "Invalid value for ICMP \(name): \(value). It must be 0 to 255.")
                }
            }
            guard minimum != nil else {
                throw NetworkFault(
                    .invalid, type: "SecurityGroupMissingIcmpType",
                    "ICMP code (port-range-max) is provided but ICMP type (port-range-min) is missing.")
            }
            return
        }
        guard Self.withPorts.contains(number) else {
            throw NetworkFault(
                .invalid, type: "SecurityGroupInvalidProtocolForPort",
                "Invalid protocol \(attributes.transport ?? "") for port range, only supported for TCP, UDP, UDPLITE, SCTP"
                    + " and DCCP.")
        }
        guard let minimum, let maximum, (1...65535).contains(minimum), (1...65535).contains(maximum),
            minimum <= maximum
        else {
            throw NetworkFault(
                .invalid, type: "SecurityGroupInvalidPortRange",
                "For TCP/UDP protocols, port_range_min must be <= port_range_max and both must be 1 to 65535.")
        }
    }
}
