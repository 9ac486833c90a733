// Use cases of QoS policies.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    /// The policies that the caller sees: its own and the shared ones.
    public func qosPolicies(_ query: ListQuery) throws -> NetworkPage<QoSPolicy> {
        var page = try select(.qosPolicy, "\(Self.headerColumns), shared, is_default", query) { row in
            QoSPolicy(header: Self.header(row), isShared: row.bool(7), isDefault: row.bool(8))
        }
        let tags = try tags(of: page.items.map(\.id))
        for index in page.items.indices { page.items[index].header.tags = tags[page.items[index].id] ?? [] }
        return page
    }

    /// The policy.
    ///
    /// - Throws: `QosPolicyNotFound`.
    public func qosPolicy(_ id: ResourceID) throws -> QoSPolicy {
        guard let policy = try qosPolicies(ListQuery(id: id)).items.first else {
            throw NetworkFault.notFound(.qosPolicy, id)
        }
        return policy
    }

    /// Makes a policy; for administrators.
    public func createQoSPolicy(_ attributes: QoSPolicyAttributes) throws -> QoSPolicy {
        guard access.isAdmin else { throw NetworkFault.forbidden("Creating a QoS policy") }
        guard let name = attributes.name else { throw NetworkFault.missing("name") }
        let project = try owner(ofNew: .qosPolicy, attributes.projectID)
        let id = ResourceID.random()
        try connection.insert(
            into: NetworkResource.qosPolicy.table,
            newHeader(id: id, projectID: project, name: name, description: attributes.description) + [
                ("shared", attributes.isShared ?? false), ("is_default", attributes.isDefault ?? false),
            ])
        try writeTags(attributes.tags, of: id)
        return try qosPolicy(id)
    }

    /// Changes a policy; for administrators.
    public func updateQoSPolicy(_ id: ResourceID, _ attributes: QoSPolicyAttributes) throws -> QoSPolicy {
        let current = try qosPolicy(id)
        guard access.isAdmin else { throw NetworkFault.forbidden("Updating a QoS policy") }
        try change(
            .qosPolicy, id, expecting: attributes.expectedRevision,
            [
                ("name", attributes.name ?? current.header.name),
                ("description", attributes.description ?? current.header.description),
                ("shared", attributes.isShared ?? current.isShared),
                ("is_default", attributes.isDefault ?? current.isDefault),
            ])
        return try qosPolicy(id)
    }

    /// Removes a policy that nothing refers to; for administrators.
    ///
    /// - Throws: `QosPolicyInUse`.
    public func deleteQoSPolicy(_ id: ResourceID) throws {
        _ = try qosPolicy(id)
        guard access.isAdmin else { throw NetworkFault.forbidden("Deleting a QoS policy") }
        for resource in [NetworkResource.port, .network, .floatingIP] {
            let user = try connection.first(
                "SELECT id FROM \(resource.table) WHERE qos_policy_id = ? LIMIT 1", [id]
            ) { $0.text(0) }
            if let user {
                throw NetworkFault(
                    .inUse(.qosPolicy), type: "QosPolicyInUse",
                    "QoS Policy \(id) is used by \(resource.key) \(user).")
            }
        }
        try remove(.qosPolicy, id)
    }
}
