// The fields of amphorae.

internal import OctaviaWire

extension OpenAPI.Resource {
    static let amphora = OpenAPI.Resource(
        name: "Amphora", key: AmphoraView.key, collectionKey: AmphoraView.collectionKey,
        linksKey: AmphoraView.linksKey,
        fields: [
            .id,
            .init("loadbalancer_id", .uuid, "The load balancer that it serves.", answer: .nullable),
            .init("compute_id", .uuid, "The machine.", answer: .nullable),
            .init("lb_network_ip", .address, "Where the control plane reaches it.", answer: .nullable),
            .init("vrrp_ip", .address, "Its own address.", answer: .nullable),
            .init("ha_ip", .address, "The load balancer's address.", answer: .nullable),
            .init("vrrp_port_id", .uuid, "The port of its own address.", answer: .nullable),
            .init("ha_port_id", .uuid, "The port of the load balancer's address.", answer: .nullable),
            .init("cert_expiration", .text(), "When its certificate expires.", answer: .nullable),
            .init("cert_busy", .bool, "Whether its certificate is being replaced.", answer: .always),
            .init("role", .choice(["STANDALONE", "MASTER", "BACKUP"]), "Its role.", answer: .nullable),
            .init(
                "status",
                .choice([
                    "PENDING_CREATE", "BOOTING", "ALLOCATED", "READY", "PENDING_UPDATE", "PENDING_DELETE", "ERROR",
                    "DELETED", "FAILOVER_STOPPED",
                ]), "What it is doing.", answer: .always),
            .init("vrrp_interface", .text(), "The interface of its own address.", answer: .nullable),
            .init("vrrp_id", .init(.integer(minimum: nil, maximum: nil)), "The VRRP group.", answer: .nullable),
            .init(
                "vrrp_priority", .init(.integer(minimum: nil, maximum: nil)), "The priority in that group.",
                answer: .nullable),
            .init("cached_zone", .text(), "The zone of the machine.", answer: .nullable),
            .init("image_id", .uuid, "The image of the machine.", answer: .nullable),
            .init("compute_flavor", .text(), "The flavor of the machine.", answer: .nullable),
            .init("created_at", .timestamp, "When it was created, in UTC.", answer: .always),
            .init("updated_at", .timestamp, "When it last changed, in UTC.", answer: .nullable),
        ])
}
