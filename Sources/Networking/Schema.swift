// The tables of the embedded network service.

public import Persistence

extension EmbeddedNetwork {
    /// The schema's history, for `Database.migrate`.
    ///
    /// Addresses are kept twice: as people read them, and as keys of 32 hexadecimal digits that sort like the addresses.
    public static let migrations: [Migration] = [
        Migration("0001-network", networks + ports + floatingIPs + securityGroups + other)
    ]

    private static let header = """
        id TEXT PRIMARY KEY NOT NULL, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
        revision_number BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
        """

    private static let networks = [
        """
        CREATE TABLE network_network (
            \(header), admin_state_up BIGINT NOT NULL, shared BIGINT NOT NULL, external BIGINT NOT NULL,
            is_default BIGINT NOT NULL, mtu BIGINT NOT NULL, port_security_enabled BIGINT NOT NULL,
            dns_domain TEXT NOT NULL, qos_policy_id TEXT, provider_network_type TEXT, provider_physical_network TEXT,
            provider_segmentation_id BIGINT, availability_zone_hints TEXT NOT NULL, status TEXT NOT NULL)
        """,
        "CREATE INDEX network_network_project ON network_network (project_id)",
        "CREATE INDEX network_network_name ON network_network (name)",
        """
        CREATE TABLE network_subnet (
            \(header), network_id TEXT NOT NULL REFERENCES network_network (id), cidr TEXT NOT NULL,
            ip_version BIGINT NOT NULL, first_key TEXT NOT NULL, last_key TEXT NOT NULL, gateway_ip TEXT,
            enable_dhcp BIGINT NOT NULL, dns_nameservers TEXT NOT NULL, host_routes TEXT NOT NULL,
            service_types TEXT NOT NULL, ipv6_ra_mode TEXT, ipv6_address_mode TEXT,
            dns_publish_fixed_ip BIGINT NOT NULL)
        """,
        "CREATE INDEX network_subnet_network ON network_subnet (network_id)",
        "CREATE INDEX network_subnet_project ON network_subnet (project_id)",
        """
        CREATE TABLE network_allocation_pool (
            subnet_id TEXT NOT NULL REFERENCES network_subnet (id) ON DELETE CASCADE, first_key TEXT NOT NULL,
            last_key TEXT NOT NULL, PRIMARY KEY (subnet_id, first_key))
        """,
        // The pools less the addresses in use, as few ranges as possible.
        """
        CREATE TABLE network_free_range (
            subnet_id TEXT NOT NULL REFERENCES network_subnet (id) ON DELETE CASCADE, first_key TEXT NOT NULL,
            last_key TEXT NOT NULL, PRIMARY KEY (subnet_id, first_key))
        """,
        "CREATE INDEX network_free_range_last ON network_free_range (subnet_id, last_key)",
    ]

    private static let ports = [
        """
        CREATE TABLE network_port (
            \(header), network_id TEXT NOT NULL REFERENCES network_network (id), admin_state_up BIGINT NOT NULL,
            mac_address TEXT NOT NULL, device_id TEXT NOT NULL, device_owner TEXT NOT NULL,
            port_security_enabled BIGINT NOT NULL, qos_policy_id TEXT, allowed_address_pairs TEXT NOT NULL,
            extra_dhcp_opts TEXT NOT NULL, dns_name TEXT NOT NULL, binding_host_id TEXT NOT NULL,
            binding_vnic_type TEXT NOT NULL, status TEXT NOT NULL)
        """,
        "CREATE UNIQUE INDEX network_port_mac ON network_port (network_id, mac_address)",
        "CREATE INDEX network_port_project ON network_port (project_id)",
        "CREATE INDEX network_port_device ON network_port (device_id)",
        "CREATE INDEX network_port_owner ON network_port (device_owner)",
        "CREATE INDEX network_port_name ON network_port (name)",
        """
        CREATE TABLE network_address (
            subnet_id TEXT NOT NULL REFERENCES network_subnet (id), address_key TEXT NOT NULL,
            network_id TEXT NOT NULL, address TEXT NOT NULL,
            port_id TEXT NOT NULL REFERENCES network_port (id) ON DELETE CASCADE, position BIGINT NOT NULL,
            PRIMARY KEY (subnet_id, address_key))
        """,
        "CREATE UNIQUE INDEX network_address_network ON network_address (network_id, address_key)",
        "CREATE INDEX network_address_port ON network_address (port_id)",
        "CREATE INDEX network_address_text ON network_address (address)",
    ]

    private static let floatingIPs = [
        """
        CREATE TABLE network_floating_ip (
            \(header), floating_network_id TEXT NOT NULL REFERENCES network_network (id),
            floating_ip_address TEXT NOT NULL, holder_port_id TEXT NOT NULL REFERENCES network_port (id),
            port_id TEXT REFERENCES network_port (id), fixed_ip_address TEXT, qos_policy_id TEXT,
            dns_name TEXT NOT NULL, dns_domain TEXT NOT NULL, status TEXT NOT NULL)
        """,
        "CREATE UNIQUE INDEX network_floating_ip_fixed ON network_floating_ip (port_id, fixed_ip_address)",
        "CREATE UNIQUE INDEX network_floating_ip_holder ON network_floating_ip (holder_port_id)",
        "CREATE INDEX network_floating_ip_project ON network_floating_ip (project_id)",
        "CREATE INDEX network_floating_ip_address ON network_floating_ip (floating_ip_address)",
    ]

    private static let securityGroups = [
        "CREATE TABLE network_security_group (\(header), stateful BIGINT NOT NULL)",
        "CREATE INDEX network_security_group_project ON network_security_group (project_id)",
        """
        CREATE TABLE network_default_security_group (
            project_id TEXT PRIMARY KEY NOT NULL,
            security_group_id TEXT NOT NULL REFERENCES network_security_group (id) ON DELETE CASCADE)
        """,
        "CREATE INDEX network_default_security_group_id ON network_default_security_group (security_group_id)",
        // The fingerprint is what makes two rules of a group the same.
        """
        CREATE TABLE network_security_group_rule (
            \(header),
            security_group_id TEXT NOT NULL REFERENCES network_security_group (id) ON DELETE CASCADE,
            direction TEXT NOT NULL, ethertype TEXT NOT NULL, protocol TEXT, port_range_min BIGINT,
            port_range_max BIGINT, remote_ip_prefix TEXT,
            remote_group_id TEXT REFERENCES network_security_group (id) ON DELETE CASCADE,
            fingerprint TEXT NOT NULL)
        """,
        """
        CREATE UNIQUE INDEX network_security_group_rule_unique
        ON network_security_group_rule (security_group_id, fingerprint)
        """,
        "CREATE INDEX network_security_group_rule_remote ON network_security_group_rule (remote_group_id)",
        """
        CREATE TABLE network_port_security_group (
            port_id TEXT NOT NULL REFERENCES network_port (id) ON DELETE CASCADE,
            security_group_id TEXT NOT NULL REFERENCES network_security_group (id),
            PRIMARY KEY (port_id, security_group_id))
        """,
        "CREATE INDEX network_port_security_group_group ON network_port_security_group (security_group_id)",
    ]

    private static let other = [
        "CREATE TABLE network_qos_policy (\(header), shared BIGINT NOT NULL, is_default BIGINT NOT NULL)",
        "CREATE INDEX network_qos_policy_project ON network_qos_policy (project_id)",
        "CREATE TABLE network_tag (resource_id TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (resource_id, tag))",
        "CREATE INDEX network_tag_tag ON network_tag (tag, resource_id)",
    ]
}
