// Which column an attribute of the API is stored in.

/// The column behind an attribute, for filters and sorting.
struct AttributeColumn: Sendable {
    /// How a filter's text becomes the column's value.
    enum Kind: Sendable {
        case text, identifier, address, prefix, hardwareAddress, bool, integer
        /// Can be sorted by but not filtered.
        case time
    }

    var column: String
    var kind: Kind
    var isNullable = false
    /// Whether the column is one; other expressions only serve filters.
    var isSortable = true

    /// The column without NULL, so that engines agree on the order.
    var sortExpression: String {
        guard isNullable else { return column }
        return isNumeric ? "COALESCE(\(column), -1)" : "COALESCE(\(column), '')"
    }

    var isNumeric: Bool {
        switch kind {
        case .bool, .integer, .time: true
        default: false
        }
    }

    private static func all(
        text: [String] = [], nullableText: [String] = [], identifiers: [String] = [],
        nullableIdentifiers: [String] = [], booleans: [String] = [], integers: [String] = [],
        nullableIntegers: [String] = [], others: [String: AttributeColumn] = [:]
    ) -> [String: AttributeColumn] {
        var result = others
        func add(_ names: [String], _ kind: Kind, nullable: Bool = false) {
            for name in names { result[name] = AttributeColumn(column: name, kind: kind, isNullable: nullable) }
        }
        add(["name", "description", "project_id"] + text, .text)
        add(nullableText, .text, nullable: true)
        add(["id"] + identifiers, .identifier)
        add(nullableIdentifiers, .identifier, nullable: true)
        add(booleans, .bool)
        add(["revision_number"] + integers, .integer)
        add(nullableIntegers, .integer, nullable: true)
        add(["created_at", "updated_at"], .time)
        result["tenant_id"] = result["project_id"]
        return result
    }

    /// The attributes that are stored in a column of their own, by their names in the API.
    static let byResource: [NetworkResource: [String: AttributeColumn]] = [
        .network: all(
            text: ["status", "dns_domain"], nullableIdentifiers: ["qos_policy_id"],
            booleans: ["admin_state_up", "shared", "is_default", "port_security_enabled"], integers: ["mtu"],
            others: [
                "router:external": .init(column: "external", kind: .bool),
                "provider:network_type": .init(column: "provider_network_type", kind: .text, isNullable: true),
                "provider:physical_network": .init(
                    column: "provider_physical_network", kind: .text, isNullable: true),
                "provider:segmentation_id": .init(
                    column: "provider_segmentation_id", kind: .integer, isNullable: true),
            ]),
        .subnet: all(
            nullableText: ["ipv6_ra_mode", "ipv6_address_mode"], identifiers: ["network_id"],
            booleans: ["enable_dhcp", "dns_publish_fixed_ip"], integers: ["ip_version"],
            others: [
                "cidr": .init(column: "cidr", kind: .prefix),
                "router:external": .init(
                    column: "(SELECT external FROM network_network WHERE network_network.id = network_id)",
                    kind: .bool, isSortable: false),
                "gateway_ip": .init(column: "gateway_ip", kind: .address, isNullable: true),
            ]),
        .port: all(
            text: ["device_id", "device_owner", "dns_name", "status"], identifiers: ["network_id"],
            nullableIdentifiers: ["qos_policy_id"], booleans: ["admin_state_up", "port_security_enabled"],
            others: [
                "mac_address": .init(column: "mac_address", kind: .hardwareAddress),
                "binding:host_id": .init(column: "binding_host_id", kind: .text),
                "binding:vnic_type": .init(column: "binding_vnic_type", kind: .text),
                "binding:vif_type": .init(column: "'unbound'", kind: .text, isSortable: false),
            ]),
        .floatingIP: all(
            text: ["status", "dns_name", "dns_domain"], identifiers: ["floating_network_id"],
            nullableIdentifiers: ["port_id", "qos_policy_id"],
            others: [
                "floating_ip_address": .init(column: "floating_ip_address", kind: .address),
                "fixed_ip_address": .init(column: "fixed_ip_address", kind: .address, isNullable: true),
            ]),
        .securityGroup: all(
            booleans: ["stateful"], others: ["shared": .init(column: "0", kind: .bool, isSortable: false)]),
        .securityGroupRule: all(
            text: ["direction", "ethertype"], nullableText: ["protocol"], identifiers: ["security_group_id"],
            nullableIdentifiers: ["remote_group_id"], nullableIntegers: ["port_range_min", "port_range_max"],
            others: ["remote_ip_prefix": .init(column: "remote_ip_prefix", kind: .prefix, isNullable: true)]),
        .qosPolicy: all(booleans: ["shared", "is_default"]),
    ]

    /// Attributes of the API that are null or empty on every object here; filters on them find nothing.
    static let alwaysEmpty: Set<String> = [
        "router_id", "subnetpool_id", "segment_id", "segments", "vlan_transparent", "l2_adjacency",
        "remote_address_group_id", "port_details",
    ]
}
