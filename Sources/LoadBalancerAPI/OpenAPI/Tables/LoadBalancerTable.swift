// The fields of load balancers.

internal import JSON
internal import OctaviaWire

extension OpenAPI.Resource {
    static let loadBalancer = OpenAPI.Resource(
        name: "LoadBalancer", key: LoadBalancerView.key, collectionKey: LoadBalancerView.collectionKey,
        linksKey: LoadBalancerView.linksKey,
        fields: [.id, .name, .description] + OpenAPI.Field.core + [
            .init(
                "vip_address", .address, "The address at which it answers.", post: .nullable, answer: .nullable),
            .init(
                "vip_port_id", .uuid,
                "The port of the address; wins over network and subnet. One of the three is needed.",
                post: .nullable, answer: .nullable),
            .init(
                "vip_subnet_id", .uuid, "The subnet that the address is from.", post: .nullable, answer: .nullable),
            .init(
                "vip_network_id", .uuid, "The network that the address is from.", post: .nullable, answer: .nullable),
            .init(
                "vip_qos_policy_id", .uuid, "The QoS policy of the address's port.", post: .nullable, put: .nullable,
                answer: .nullable),
            .init("vip_vnic_type", .vnicType, "How the address's port is attached.", answer: .always),
            .init(
                "vip_sg_ids", .list(of: .uuid), "Security groups of the address's port.", post: .nullable,
                put: .nullable, standard: [], answer: .always),
            .init(
                "additional_vips", .list(of: .component("AdditionalVIPCreate")), "Further addresses on the same port.",
                post: .nullable, standard: [], answer: .always, shown: .list(of: .component("AdditionalVIP"))),
            .init(
                "provider", .text(max: 64), "What carries out the load balancing; `null` is `amphora`.",
                post: .nullable, answer: .always),
            .init("flavor_id", .uuid, "The flavor.", post: .optional, answer: .nullable),
            .init(
                "availability_zone", .text(max: 255), "The name of the availability zone.", post: .optional,
                answer: .nullable),
            .init(
                "listeners", .list(of: .component("ListenerInTree")),
                "The listeners; in a POST, those to create with the load balancer.", post: .nullable, standard: [],
                answer: .always, shown: .references),
            .init(
                "pools", .list(of: .component("PoolInTree")),
                "The pools; in a POST, those to create with the load balancer.", post: .nullable, standard: [],
                answer: .always, shown: .references),
        ], alternatives: ["vip_subnet_id", "vip_network_id", "vip_port_id"])

    /// The addresses beside the first one.
    static let additionalVIPComponents: [Component] = [
        (
            "AdditionalVIPCreate",
            .object([
                .init(name: "subnet_id", schema: .uuid, isRequired: true),
                .init(name: "ip_address", schema: .address.nullable(), isRequired: false),
                .init(name: "port_id", schema: .uuid.nullable(), isRequired: false),
            ])
        ),
        (
            "AdditionalVIP",
            .object([
                .init(name: "subnet_id", schema: .uuid, isRequired: true),
                .init(name: "ip_address", schema: .address.nullable(), isRequired: true),
                .init(name: "port_id", schema: .uuid.nullable(), isRequired: true),
            ])
        ),
    ]
}
