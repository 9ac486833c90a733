// The fields of the lists that administrators fill. What has no time of creation to show is sorted by what identifies it.

extension ListSchema {
    /// Profiles of flavors.
    public static let flavorProfile = ListSchema(
        fields: ["id": .uuid, "name": .text, "provider_name": .text, "flavor_data": .text],
        hasProjects: false, defaultSort: ["id"])

    /// Flavors.
    public static let flavor = ListSchema(
        fields: [
            "id": .uuid, "name": .text, "description": .text, "enabled": .bool, "flavor_profile_id": .uuid,
        ], hasProjects: false, defaultSort: ["id"])

    /// Profiles of availability zones.
    public static let availabilityZoneProfile = ListSchema(
        fields: ["id": .uuid, "name": .text, "provider_name": .text, "availability_zone_data": .text],
        hasProjects: false, defaultSort: ["id"])

    /// Availability zones, which their name identifies.
    public static let availabilityZone = ListSchema(
        fields: ["name": .text, "description": .text, "enabled": .bool, "availability_zone_profile_id": .uuid],
        hasProjects: false, defaultSort: ["name"])

    /// Amphorae.
    public static let amphora = ListSchema(
        fields: [
            "id": .uuid, "loadbalancer_id": .uuid, "compute_id": .uuid, "lb_network_ip": .text, "vrrp_ip": .text,
            "ha_ip": .text, "vrrp_port_id": .uuid, "ha_port_id": .uuid, "cert_expiration": .text, "cert_busy": .bool,
            "role": .text, "status": .text, "vrrp_interface": .text, "vrrp_id": .integer, "vrrp_priority": .integer,
            "cached_zone": .text, "image_id": .uuid, "compute_flavor": .text, "created_at": .time,
            "updated_at": .time,
        ], aliases: ["load_balancer_id": "loadbalancer_id"], defaultSort: ["created_at", "id"])
}
