// Use cases of security groups.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    /// The security groups that the caller sees, with their rules.
    ///
    /// In a write transaction, call ``ensureDefaultSecurityGroup(ofProject:)`` first: a project's default group exists
    /// from the project's first use of the service.
    public func securityGroups(_ query: ListQuery) throws -> NetworkPage<SecurityGroup> {
        var page = try select(.securityGroup, "\(Self.headerColumns), stateful", query) { row in
            SecurityGroup(header: Self.header(row), isStateful: row.bool(7), rules: [])
        }
        let ids = page.items.map(\.id)
        let tags = try tags(of: ids)
        let rules = try children(
            Self.ruleColumns, from: "network_security_group_rule", parent: "security_group_id",
            order: "created_at, id", of: ids
        ) { Self.rule($0, from: 1) }
        for index in page.items.indices {
            page.items[index].header.tags = tags[page.items[index].id] ?? []
            page.items[index].rules = rules[page.items[index].id] ?? []
        }
        return page
    }

    /// The security group.
    ///
    /// - Throws: `SecurityGroupNotFound`.
    public func securityGroup(_ id: ResourceID) throws -> SecurityGroup {
        guard let group = try securityGroups(ListQuery(id: id)).items.first else {
            throw NetworkFault.notFound(.securityGroup, id)
        }
        return group
    }

    /// Makes a security group that lets everything out.
    public func createSecurityGroup(_ attributes: SecurityGroupAttributes) throws -> SecurityGroup {
        let project = try owner(ofNew: .securityGroup, attributes.projectID)
        try ensureDefaultSecurityGroup(ofProject: project)
        guard attributes.name != SecurityGroup.defaultName else {
            throw NetworkFault.conflict(
                "SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
        }
        let id = try insertGroup(attributes, projectID: project)
        try writeTags(attributes.tags, of: id)
        return try securityGroup(id)
    }

    /// Changes a security group.
    public func updateSecurityGroup(
        _ id: ResourceID, _ attributes: SecurityGroupAttributes
    ) throws -> SecurityGroup {
        try requireOwned(.securityGroup, id)
        let current = try securityGroup(id)
        if let name = attributes.name, name != current.header.name {
            guard try !isDefault(id), name != SecurityGroup.defaultName else {
                throw NetworkFault.conflict(
                    "SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
            }
        }
        if let isStateful = attributes.isStateful, isStateful != current.isStateful { try requireUnused(id) }
        try change(
            .securityGroup, id, expecting: attributes.expectedRevision,
            [
                ("name", attributes.name ?? current.header.name),
                ("description", attributes.description ?? current.header.description),
                ("stateful", attributes.isStateful ?? current.isStateful),
            ])
        return try securityGroup(id)
    }

    /// Removes a security group that no port uses.
    ///
    /// - Throws: `SecurityGroupInUse`; `SecurityGroupCannotRemoveDefault` except for administrators.
    public func deleteSecurityGroup(_ id: ResourceID) throws {
        try requireOwned(.securityGroup, id)
        guard try access.isAdmin || !isDefault(id) else {
            throw NetworkFault.conflict(
                "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group.")
        }
        try requireUnused(id)
        try connection.execute("DELETE FROM network_security_group_rule WHERE security_group_id = ?", [id])
        try remove(.securityGroup, id)
    }

    /// Makes the default group of a project unless it exists: everything out, and in from members of the group.
    @discardableResult
    public func ensureDefaultSecurityGroup(ofProject projectID: String) throws -> ResourceID {
        if let existing = try defaultSecurityGroup(ofProject: projectID) { return existing }
        var attributes = SecurityGroupAttributes()
        attributes.name = SecurityGroup.defaultName
        attributes.description = "Default security group"
        let id = try insertGroup(attributes, projectID: projectID)
        for etherType in SecurityGroupRule.EtherType.allCases {
            var rule = SecurityGroupRuleAttributes()
            rule.direction = .ingress
            rule.etherType = etherType
            rule.remoteGroupID = id
            try insertRule(rule, group: id, projectID: projectID)
        }
        try connection.insert(
            into: "network_default_security_group", [("project_id", projectID), ("security_group_id", id)])
        return id
    }

    /// The default group of a project, if the project has used the service.
    public func defaultSecurityGroup(ofProject projectID: String) throws -> ResourceID? {
        try connection.first(
            "SELECT security_group_id FROM network_default_security_group WHERE project_id = ?", [projectID]
        ) { $0.resourceID(0) }
    }

    private func isDefault(_ id: ResourceID) throws -> Bool {
        try connection.exists("SELECT 1 FROM network_default_security_group WHERE security_group_id = ?", [id])
    }

    private func requireUnused(_ id: ResourceID) throws {
        let users = try connection.query(
            "SELECT port_id FROM network_port_security_group WHERE security_group_id = ? LIMIT 1", [id]
        ) { $0.text(0) }
        guard users.isEmpty else {
            throw NetworkFault(
                .inUse(.securityGroup), type: "SecurityGroupInUse", "Security Group \(id) in use.")
        }
    }

    private func insertGroup(_ attributes: SecurityGroupAttributes, projectID: String) throws -> ResourceID {
        let id = ResourceID.random()
        try connection.insert(
            into: NetworkResource.securityGroup.table,
            newHeader(id: id, projectID: projectID, name: attributes.name, description: attributes.description) + [
                ("stateful", attributes.isStateful ?? true)
            ])
        for etherType in SecurityGroupRule.EtherType.allCases {
            var rule = SecurityGroupRuleAttributes()
            rule.direction = .egress
            rule.etherType = etherType
            try insertRule(rule, group: id, projectID: projectID)
        }
        return id
    }
}
