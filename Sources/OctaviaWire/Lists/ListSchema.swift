// The fields by which lists are filtered and sorted.

public import LoadBalancing

/// The scalar fields of one kind of resource, under their names in the API.
public struct ListSchema: Sendable {
    /// How a filter reads its text.
    public enum FieldType: Sendable, Hashable {
        case text, integer, bool, real, time
        /// Text that is a UUID: every spelling finds it.
        case uuid
    }

    /// The fields by name.
    public let fields: [String: FieldType]
    /// Other names under which filters and orders may mention fields.
    public let aliases: [String: String]
    /// Names that filters may mention and orders may not, while another name of the same field may be in both.
    public let unsortable: Set<String>
    /// Whether what is listed belongs to projects.
    public let hasProjects: Bool
    /// The fields that end every order, so that it is complete.
    public let defaultSort: [String]

    /// The fields of a kind of resource by name.
    public static func fields(of kind: ResourceKind) -> [String: FieldType] { of(kind).fields }

    /// The schema of a kind of resource.
    public static func of(_ kind: ResourceKind) -> ListSchema {
        switch kind {
        case .loadBalancer: loadBalancer
        case .listener: listener
        case .pool: pool
        case .member: member
        case .healthMonitor: healthMonitor
        case .l7Policy: l7Policy
        case .l7Rule: l7Rule
        }
    }

    /// The schema of quotas: one row for each project.
    public static let quota = ListSchema(
        fields: [
            "load_balancer": .integer, "listener": .integer, "pool": .integer, "member": .integer,
            "health_monitor": .integer, "l7policy": .integer, "l7rule": .integer,
        ],
        aliases: ["loadbalancer": "load_balancer", "healthmonitor": "health_monitor"], defaultSort: ["project_id"])

    init(
        fields: [String: FieldType], aliases: [String: String] = [:], unsortable: Set<String> = [],
        hasProjects: Bool = true, defaultSort: [String]
    ) {
        self.fields = fields
        self.aliases = aliases
        self.unsortable = unsortable
        self.hasProjects = hasProjects
        self.defaultSort = defaultSort
    }

    private init(
        resource fields: [String: FieldType], aliases: [String: String] = [:], unsortable: Set<String> = []
    ) {
        // `enabled` is the name in the reference implementation's database, which shines through there.
        self.init(
            fields: fields.merging(Self.core) { own, _ in own },
            aliases: aliases.merging(["enabled": "admin_state_up"]) { own, _ in own }, unsortable: unsortable,
            defaultSort: ["created_at", "id"])
    }

    private static let core: [String: FieldType] = [
        "id": .uuid, "admin_state_up": .bool, "provisioning_status": .text, "operating_status": .text,
        "created_at": .time, "updated_at": .time,
    ]

    private static let loadBalancer = ListSchema(resource: [
        "name": .text, "description": .text, "vip_address": .text, "vip_port_id": .uuid, "vip_subnet_id": .uuid,
        "vip_network_id": .uuid, "vip_qos_policy_id": .uuid, "vip_vnic_type": .text, "provider": .text,
        "flavor_id": .uuid, "availability_zone": .text,
    ])

    private static let listener = ListSchema(
        resource: [
            "name": .text, "description": .text, "loadbalancer_id": .uuid, "protocol": .text,
            "protocol_port": .integer, "connection_limit": .integer, "default_pool_id": .uuid,
            "timeout_client_data": .integer, "timeout_member_connect": .integer, "timeout_member_data": .integer,
            "timeout_tcp_inspect": .integer, "default_tls_container_ref": .text, "client_authentication": .text,
            "client_ca_tls_container_ref": .text, "client_crl_container_ref": .text, "tls_ciphers": .text,
            "hsts_max_age": .integer, "hsts_include_subdomains": .bool, "hsts_preload": .bool,
        ],
        aliases: ["load_balancer_id": "loadbalancer_id"], unsortable: ["loadbalancer_id"])

    private static let pool = ListSchema(
        resource: [
            "name": .text, "description": .text, "loadbalancer_id": .uuid, "healthmonitor_id": .uuid,
            "protocol": .text, "lb_algorithm": .text, "tls_enabled": .bool, "tls_container_ref": .text,
            "ca_tls_container_ref": .text, "crl_container_ref": .text, "tls_ciphers": .text,
        ],
        aliases: ["load_balancer_id": "loadbalancer_id"], unsortable: ["loadbalancer_id"])

    private static let member = ListSchema(resource: [
        "name": .text, "pool_id": .uuid, "address": .text, "protocol_port": .integer, "weight": .integer,
        "backup": .bool,
        "subnet_id": .uuid, "monitor_address": .text, "monitor_port": .integer, "vnic_type": .text,
    ])

    private static let healthMonitor = ListSchema(resource: [
        "name": .text, "pool_id": .uuid, "type": .text, "delay": .integer, "timeout": .integer,
        "max_retries": .integer, "max_retries_down": .integer, "http_method": .text, "url_path": .text,
        "expected_codes": .text, "http_version": .real, "domain_name": .text,
    ])

    private static let l7Policy = ListSchema(resource: [
        "name": .text, "description": .text, "listener_id": .uuid, "action": .text, "redirect_pool_id": .uuid,
        "redirect_url": .text, "redirect_prefix": .text, "redirect_http_code": .integer, "position": .integer,
    ])

    private static let l7Rule = ListSchema(resource: [
        "l7policy_id": .uuid, "type": .text, "compare_type": .text, "key": .text, "value": .text, "invert": .bool,
    ])
}
