// The fields of members.

internal import JSON
internal import OctaviaWire

extension OpenAPI.Resource {
    static let member = OpenAPI.Resource(
        name: "Member", key: MemberView.key, collectionKey: MemberView.collectionKey, linksKey: MemberView.linksKey,
        fields: [.id, .name] + OpenAPI.Field.core + [
            .init("address", .address, "The address of the server.", post: .required, answer: .always),
            .init("protocol_port", .port, "The port of the server.", post: .required, answer: .always),
            .init(
                "weight", .integer(0...256), "Its share of the work; 0 gets no new sessions.", post: .nullable,
                put: .nullable, standard: 1, answer: .nullable),
            .init(
                "backup", .bool, "Whether it gets work only while no other member works.", post: .optional,
                put: .nullable, standard: false, answer: .always),
            .init("subnet_id", .uuid, "The subnet of the address.", post: .nullable, answer: .nullable),
            .init(
                "monitor_address", .address, "Another address for the health monitor.", post: .nullable,
                put: .nullable, answer: .nullable),
            .init(
                "monitor_port", .port, "Another port for the health monitor.", post: .nullable, put: .nullable,
                answer: .nullable),
            .init(
                "request_sriov", .bool, "Whether to attach a direct port, if the flavor allows it.", post: .nullable,
                standard: false),
            .init("vnic_type", .vnicType, "How the port is attached.", answer: .always),
        ])
}
