// Security groups and their rules in the API.

internal import JSON
internal import LoadBalancing
internal import Networking

extension Endpoints {
    static let securityGroups = Endpoint<SecurityGroup, SecurityGroupAttributes>(
        resource: .securityGroup,
        known: commonAttributes.union(["security_group_rules", "shared", "stateful"]),
        id: \.id,
        list: { try $0.securityGroups($1) },
        get: { try $0.securityGroup($1) },
        create: { try $0.createSecurityGroup($1) },
        update: { try $0.updateSecurityGroup($1, $2) },
        delete: { try $0.deleteSecurityGroup($1) },
        read: { reader in
            var attributes = SecurityGroupAttributes()
            attributes.name = try reader.text("name")
            attributes.description = try reader.text("description")
            attributes.isStateful = try reader.bool("stateful")
            if reader.isCreation {
                attributes.projectID = try reader.projectID()
                attributes.tags = try reader.texts("tags") ?? []
            }
            attributes.expectedRevision = reader.expectedRevision
            return attributes
        },
        write: { group, fields, writer in
            fields.write(group.header, &writer)
            fields.write("stateful", group.isStateful, &writer)
            fields.write("shared", false, &writer)
            let all = FieldSelection(names: nil)
            fields.write("security_group_rules", group.rules, &writer) { write($1, all, &$0) }
        })

    static let securityGroupRules = Endpoint<SecurityGroupRule, SecurityGroupRuleAttributes>(
        resource: .securityGroupRule,
        known: commonAttributes.subtracting(["name"]).union([
            "belongs_to_default_sg", "direction", "ethertype", "normalized_cidr", "port_range_max", "port_range_min",
            "protocol", "remote_address_group_id", "remote_group_id", "remote_ip_prefix", "security_group_id",
        ]),
        id: \.id,
        list: { try $0.securityGroupRules($1) },
        get: { try $0.securityGroupRule($1) },
        create: { try $0.createSecurityGroupRule($1) },
        update: nil,
        delete: { try $0.deleteSecurityGroupRule($1) },
        read: { reader in
            var attributes = SecurityGroupRuleAttributes()
            attributes.projectID = try reader.projectID()
            attributes.groupID = try reader.identifier("security_group_id")
            attributes.description = try reader.text("description") ?? ""
            let directions = SecurityGroupRule.Direction.allCases.map(\.rawValue)
            attributes.direction = try reader.word("direction", of: directions).value
                .flatMap(SecurityGroupRule.Direction.init)
            if let text = try reader.text("ethertype") {
                let match = SecurityGroupRule.EtherType.allCases.first {
                    $0.rawValue.lowercased() == text.lowercased()
                }
                guard let match else {
                    throw NetworkFault.invalid(field: "ethertype", "'\(text)' is neither IPv4 nor IPv6")
                }
                attributes.etherType = match
            }
            attributes.transport = try transport(&reader)
            // ICMP codes begin at 0, ports at 1; the rule's own check knows which these are.
            attributes.portRangeMinimum = try reader.integer("port_range_min", -1...65535)
            attributes.portRangeMaximum = try reader.integer("port_range_max", -1...65535)
            attributes.remoteGroupID = try reader.identifier("remote_group_id")
            if let value = reader.value("remote_ip_prefix"), !value.isNull, value != "" {
                guard let prefix = value.string.flatMap({ IPNetwork($0) }) else {
                    throw NetworkFault.invalid(
                        field: "remote_ip_prefix", "it is not a valid IP address or CIDR")
                }
                attributes.remotePrefix = prefix
            }
            if let group = try reader.identifier("remote_address_group_id") {
                throw NetworkFault.invalid(
                    field: "remote_address_group_id", "'\(group)': address groups are not supported")
            }
            return attributes
        },
        write: { write($0, $1, &$2) })

    /// The protocol: a name, a number as text or number; `nil` for any.
    private static func transport(_ reader: inout AttributeReader) throws -> String? {
        guard let value = reader.value("protocol"), !value.isNull else { return nil }
        let text = value.integer.map { String($0) } ?? value.string?.lowercased()
        guard let text, text.utf8.count <= 32 else {
            throw NetworkFault.invalid(field: "protocol", "it is neither a protocol's name nor its number")
        }
        return text.isEmpty || text == "any" || text == "null" ? nil : text
    }

    private static func write(_ rule: SecurityGroupRule, _ fields: FieldSelection, _ writer: inout JSONWriter) {
        fields.write(rule.header, hasName: false, &writer)
        fields.write("security_group_id", rule.groupID.string, &writer)
        fields.write("direction", rule.direction.rawValue, &writer)
        fields.write("ethertype", rule.etherType.rawValue, &writer)
        fields.write("protocol", rule.transport, &writer)
        fields.write("port_range_min", rule.portRangeMinimum, &writer)
        fields.write("port_range_max", rule.portRangeMaximum, &writer)
        fields.write("remote_ip_prefix", rule.remotePrefix?.description, &writer)
        fields.write("remote_group_id", rule.remoteGroupID?.string, &writer)
        fields.writeNull("remote_address_group_id", &writer)
        fields.write("normalized_cidr", rule.remotePrefix?.description, &writer)
    }
}
