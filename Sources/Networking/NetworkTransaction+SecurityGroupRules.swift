// Use cases of security group rules.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    static let ruleColumns = """
        \(headerColumns), security_group_id, direction, ethertype, protocol, port_range_min, port_range_max,
        remote_ip_prefix, remote_group_id
        """

    /// Reads the columns ``ruleColumns``, the first of which is at a position.
    static func rule(_ row: borrowing DatabaseRow, from first: Int) -> SecurityGroupRule {
        SecurityGroupRule(
            header: NetworkObjectHeader(
                id: row.resourceID(first), projectID: row.text(first + 1), name: row.text(first + 2),
                description: row.text(first + 3), tags: [], revision: row.integer(first + 4),
                createdAt: row.timestamp(first + 5), updatedAt: row.timestamp(first + 6)),
            groupID: row.resourceID(first + 7), direction: row.word(first + 8, default: .ingress),
            etherType: row.word(first + 9, default: .ipv4), transport: row.optionalText(first + 10),
            portRangeMinimum: row.optionalInt(first + 11), portRangeMaximum: row.optionalInt(first + 12),
            remotePrefix: row.optionalText(first + 13).flatMap { IPNetwork($0) },
            remoteGroupID: row.optionalResourceID(first + 14))
    }

    /// The rules that the caller sees.
    public func securityGroupRules(_ query: ListQuery) throws -> NetworkPage<SecurityGroupRule> {
        try select(.securityGroupRule, Self.ruleColumns, query) { Self.rule($0, from: 0) }
    }

    /// The rule.
    ///
    /// - Throws: `SecurityGroupRuleNotFound`.
    public func securityGroupRule(_ id: ResourceID) throws -> SecurityGroupRule {
        guard let rule = try securityGroupRules(ListQuery(id: id)).items.first else {
            throw NetworkFault.notFound(.securityGroupRule, id)
        }
        return rule
    }

    /// Adds a rule to a group of the caller.
    ///
    /// - Throws: `SecurityGroupRuleExists` when the group has the same rule.
    public func createSecurityGroupRule(_ attributes: SecurityGroupRuleAttributes) throws -> SecurityGroupRule {
        guard let group = attributes.groupID else { throw NetworkFault.missing("security_group_id") }
        guard attributes.direction != nil else { throw NetworkFault.missing("direction") }
        try requireOwned(.securityGroup, group)
        _ = try owner(ofNew: .securityGroupRule, attributes.projectID ?? (try owner(.securityGroup, group)))
        try SecurityGroupRuleCheck(attributes).run()
        if let remote = attributes.remoteGroupID, try !exists(.securityGroup, remote) {
            throw NetworkFault.notFound(.securityGroup, remote)
        }
        let project = try owner(.securityGroup, group) ?? ""
        let id = try insertRule(attributes, group: group, projectID: project)
        try change(.securityGroup, group, [])
        return try securityGroupRule(id)
    }

    /// Removes a rule.
    public func deleteSecurityGroupRule(_ id: ResourceID) throws {
        try requireOwned(.securityGroupRule, id)
        let group = try securityGroupRule(id).groupID
        try remove(.securityGroupRule, id)
        try change(.securityGroup, group, [])
    }

    /// Writes a rule that has been checked.
    @discardableResult
    func insertRule(
        _ attributes: SecurityGroupRuleAttributes, group: ResourceID, projectID: String
    ) throws -> ResourceID {
        let fingerprint = SecurityGroupRuleCheck(attributes).fingerprint
        let same = try connection.first(
            "SELECT id FROM network_security_group_rule WHERE security_group_id = ? AND fingerprint = ?",
            [group, fingerprint]
        ) { $0.text(0) }
        if let same {
            throw NetworkFault.conflict(
                "SecurityGroupRuleExists", "Security group rule already exists. Rule id is \(same).")
        }
        let id = ResourceID.random()
        try connection.insert(
            into: NetworkResource.securityGroupRule.table,
            newHeader(id: id, projectID: projectID, name: nil, description: attributes.description) + [
                ("security_group_id", group), ("direction", (attributes.direction ?? .ingress).rawValue),
                ("ethertype", attributes.etherType.rawValue), ("protocol", attributes.transport),
                ("port_range_min", attributes.portRangeMinimum), ("port_range_max", attributes.portRangeMaximum),
                ("remote_ip_prefix", attributes.remotePrefix?.description),
                ("remote_group_id", attributes.remoteGroupID), ("fingerprint", fingerprint),
            ])
        return id
    }
}
