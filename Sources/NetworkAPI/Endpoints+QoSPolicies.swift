// QoS policies in the API.

internal import LoadBalancing
internal import Networking

extension Endpoints {
    static let qosPolicies = Endpoint<QoSPolicy, QoSPolicyAttributes>(
        resource: .qosPolicy,
        known: commonAttributes.union(["is_default", "rules", "shared"]),
        id: \.id,
        list: { try $0.qosPolicies($1) },
        get: { try $0.qosPolicy($1) },
        create: { try $0.createQoSPolicy($1) },
        update: { try $0.updateQoSPolicy($1, $2) },
        delete: { try $0.deleteQoSPolicy($1) },
        read: { reader in
            var attributes = QoSPolicyAttributes()
            attributes.name = try reader.text("name")
            attributes.description = try reader.text("description")
            attributes.isShared = try reader.bool("shared")
            attributes.isDefault = try reader.bool("is_default")
            if reader.isCreation {
                attributes.projectID = try reader.projectID()
                attributes.tags = try reader.texts("tags") ?? []
            }
            attributes.expectedRevision = reader.expectedRevision
            return attributes
        },
        write: { policy, fields, writer in
            fields.write(policy.header, &writer)
            fields.write("shared", policy.isShared, &writer)
            fields.write("is_default", policy.isDefault, &writer)
            fields.write("rules", strings: [], &writer)
        })
}
