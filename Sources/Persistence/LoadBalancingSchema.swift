// The tables of load balancers and of the work on them.

/// Tables for load balancers. Columns carry the names of the API's fields, so that filters and orders need no map.
public enum LoadBalancingSchema {
    /// Columns that every resource has, in the order in which records read them.
    static let coreColumns = """
        id TEXT PRIMARY KEY NOT NULL,
        project_id TEXT NOT NULL,
        admin_state_up BIGINT NOT NULL,
        provisioning_status TEXT NOT NULL,
        operating_status TEXT NOT NULL,
        tags TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT,
        generation BIGINT NOT NULL,
        status_reason TEXT,
        is_being_deleted BIGINT NOT NULL
        """

    /// The history of the schema.
    public static let migrations: [Migration] = [
        Migration(
            "0001-load-balancing",
            [
                """
                CREATE TABLE load_balancer (
                    \(coreColumns),
                    name TEXT NOT NULL,
                    description TEXT NOT NULL,
                    vip_address TEXT,
                    vip_subnet_id TEXT,
                    vip_network_id TEXT,
                    vip_port_id TEXT,
                    vip_qos_policy_id TEXT,
                    vip_sg_ids TEXT NOT NULL,
                    vip_vnic_type TEXT NOT NULL,
                    owns_vip_port BIGINT NOT NULL,
                    additional_vips TEXT NOT NULL,
                    provider TEXT NOT NULL,
                    flavor_id TEXT,
                    availability_zone TEXT
                )
                """,
                "CREATE INDEX load_balancer_by_project ON load_balancer (project_id, created_at, id)",
                "CREATE INDEX load_balancer_by_creation ON load_balancer (created_at, id)",
                "CREATE INDEX load_balancer_by_port ON load_balancer (vip_port_id)",
                """
                CREATE TABLE listener (
                    \(coreColumns),
                    loadbalancer_id TEXT NOT NULL REFERENCES load_balancer (id),
                    name TEXT NOT NULL,
                    description TEXT NOT NULL,
                    protocol TEXT NOT NULL,
                    protocol_port BIGINT NOT NULL,
                    connection_limit BIGINT,
                    default_pool_id TEXT,
                    insert_headers TEXT NOT NULL,
                    timeout_client_data BIGINT NOT NULL,
                    timeout_member_connect BIGINT NOT NULL,
                    timeout_member_data BIGINT NOT NULL,
                    timeout_tcp_inspect BIGINT NOT NULL,
                    default_tls_container_ref TEXT,
                    sni_container_refs TEXT NOT NULL,
                    client_authentication TEXT NOT NULL,
                    client_ca_tls_container_ref TEXT,
                    client_crl_container_ref TEXT,
                    tls_ciphers TEXT,
                    tls_versions TEXT,
                    alpn_protocols TEXT,
                    allowed_cidrs TEXT NOT NULL,
                    hsts_max_age BIGINT,
                    hsts_include_subdomains BIGINT NOT NULL,
                    hsts_preload BIGINT NOT NULL
                )
                """,
                "CREATE INDEX listener_by_load_balancer ON listener (loadbalancer_id, created_at, id)",
                "CREATE INDEX listener_by_project ON listener (project_id, created_at, id)",
                "CREATE INDEX listener_by_default_pool ON listener (default_pool_id)",
                """
                CREATE TABLE pool (
                    \(coreColumns),
                    loadbalancer_id TEXT NOT NULL REFERENCES load_balancer (id),
                    name TEXT NOT NULL,
                    description TEXT NOT NULL,
                    protocol TEXT NOT NULL,
                    lb_algorithm TEXT NOT NULL,
                    session_persistence TEXT,
                    tls_enabled BIGINT NOT NULL,
                    tls_container_ref TEXT,
                    ca_tls_container_ref TEXT,
                    crl_container_ref TEXT,
                    tls_ciphers TEXT,
                    tls_versions TEXT,
                    alpn_protocols TEXT
                )
                """,
                "CREATE INDEX pool_by_load_balancer ON pool (loadbalancer_id, created_at, id)",
                "CREATE INDEX pool_by_project ON pool (project_id, created_at, id)",
                """
                CREATE TABLE member (
                    \(coreColumns),
                    loadbalancer_id TEXT NOT NULL REFERENCES load_balancer (id),
                    pool_id TEXT NOT NULL REFERENCES pool (id),
                    name TEXT NOT NULL,
                    address TEXT NOT NULL,
                    protocol_port BIGINT NOT NULL,
                    weight BIGINT,
                    backup BIGINT NOT NULL,
                    subnet_id TEXT,
                    monitor_address TEXT,
                    monitor_port BIGINT,
                    vnic_type TEXT NOT NULL
                )
                """,
                "CREATE INDEX member_by_pool ON member (pool_id, address, protocol_port)",
                "CREATE INDEX member_by_load_balancer ON member (loadbalancer_id)",
                """
                CREATE TABLE health_monitor (
                    \(coreColumns),
                    loadbalancer_id TEXT NOT NULL REFERENCES load_balancer (id),
                    pool_id TEXT NOT NULL REFERENCES pool (id),
                    name TEXT NOT NULL,
                    type TEXT NOT NULL,
                    delay BIGINT NOT NULL,
                    timeout BIGINT NOT NULL,
                    max_retries BIGINT NOT NULL,
                    max_retries_down BIGINT NOT NULL,
                    http_method TEXT,
                    url_path TEXT,
                    expected_codes TEXT,
                    http_version DOUBLE PRECISION,
                    domain_name TEXT
                )
                """,
                "CREATE INDEX health_monitor_by_pool ON health_monitor (pool_id)",
                "CREATE INDEX health_monitor_by_load_balancer ON health_monitor (loadbalancer_id)",
                "CREATE INDEX health_monitor_by_project ON health_monitor (project_id, created_at, id)",
                """
                CREATE TABLE l7_policy (
                    \(coreColumns),
                    loadbalancer_id TEXT NOT NULL REFERENCES load_balancer (id),
                    listener_id TEXT NOT NULL REFERENCES listener (id),
                    name TEXT NOT NULL,
                    description TEXT NOT NULL,
                    action TEXT NOT NULL,
                    redirect_pool_id TEXT,
                    redirect_url TEXT,
                    redirect_prefix TEXT,
                    redirect_http_code BIGINT,
                    position BIGINT NOT NULL
                )
                """,
                "CREATE INDEX l7_policy_by_listener ON l7_policy (listener_id, position)",
                "CREATE INDEX l7_policy_by_load_balancer ON l7_policy (loadbalancer_id)",
                "CREATE INDEX l7_policy_by_redirect_pool ON l7_policy (redirect_pool_id)",
                """
                CREATE TABLE l7_rule (
                    \(coreColumns),
                    loadbalancer_id TEXT NOT NULL REFERENCES load_balancer (id),
                    l7policy_id TEXT NOT NULL REFERENCES l7_policy (id),
                    type TEXT NOT NULL,
                    compare_type TEXT NOT NULL,
                    rule_key TEXT,
                    value TEXT NOT NULL,
                    invert BIGINT NOT NULL
                )
                """,
                "CREATE INDEX l7_rule_by_policy ON l7_rule (l7policy_id)",
                "CREATE INDEX l7_rule_by_load_balancer ON l7_rule (loadbalancer_id)",
                """
                CREATE TABLE resource_tag (
                    resource_id TEXT NOT NULL,
                    tag TEXT NOT NULL,
                    PRIMARY KEY (resource_id, tag)
                )
                """,
                """
                CREATE TABLE work (
                    loadbalancer_id TEXT PRIMARY KEY NOT NULL,
                    generation BIGINT NOT NULL,
                    applied_generation BIGINT NOT NULL,
                    is_retry BIGINT NOT NULL,
                    attempts BIGINT NOT NULL,
                    next_attempt_at BIGINT NOT NULL,
                    lease TEXT,
                    lease_until BIGINT
                )
                """,
                "CREATE INDEX work_by_time ON work (next_attempt_at)",
                """
                CREATE TABLE listener_statistics (
                    listener_id TEXT PRIMARY KEY NOT NULL,
                    loadbalancer_id TEXT NOT NULL,
                    bytes_in BIGINT NOT NULL,
                    bytes_out BIGINT NOT NULL,
                    active_connections BIGINT NOT NULL,
                    total_connections BIGINT NOT NULL,
                    request_errors BIGINT NOT NULL
                )
                """,
                "CREATE INDEX listener_statistics_by_load_balancer ON listener_statistics (loadbalancer_id)",
            ]),
        administration,
        dueWork,
        WorkOrigin.migration,
        ObservationStore.migration,
        errorPages,
        timeline,
        idempotency,
        changedWork,
    ]

    /// After a start all load balancers are compared with what runs; what owners change meanwhile is found before them.
    private static let changedWork = Migration(
        "0009-changed-work",
        ["CREATE INDEX work_changed ON work (next_attempt_at) WHERE generation > applied_generation"])

    /// Among many load balancers those with work are few: finding them must not mean looking at all.
    private static let dueWork = Migration(
        "0003-due-work",
        [
            """
            CREATE INDEX work_due ON work (next_attempt_at) WHERE generation > applied_generation OR is_retry = 1
            """,
            "DROP INDEX work_by_time",
        ])
}
