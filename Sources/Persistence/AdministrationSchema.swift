// The tables of what administrators decide: quotas, flavors, availability zones; and of the amphorae they look at.

extension LoadBalancingSchema {
    /// The second step of the history.
    static let administration = Migration(
        "0002-administration",
        [
            // NULL is the deployment's default.
            """
            CREATE TABLE quota (
                project_id TEXT PRIMARY KEY NOT NULL,
                load_balancer BIGINT,
                listener BIGINT,
                pool BIGINT,
                member BIGINT,
                health_monitor BIGINT,
                l7policy BIGINT,
                l7rule BIGINT,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX member_by_project ON member (project_id, created_at, id)",
            "CREATE INDEX l7_policy_by_project ON l7_policy (project_id, created_at, id)",
            "CREATE INDEX l7_rule_by_project ON l7_rule (project_id, created_at, id)",
            """
            CREATE TABLE flavor_profile (
                id TEXT PRIMARY KEY NOT NULL,
                name TEXT NOT NULL,
                provider_name TEXT NOT NULL,
                flavor_data TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE flavor (
                id TEXT PRIMARY KEY NOT NULL,
                name TEXT NOT NULL UNIQUE,
                description TEXT NOT NULL,
                enabled BIGINT NOT NULL,
                flavor_profile_id TEXT NOT NULL REFERENCES flavor_profile (id),
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX flavor_by_profile ON flavor (flavor_profile_id)",
            """
            CREATE TABLE availability_zone_profile (
                id TEXT PRIMARY KEY NOT NULL,
                name TEXT NOT NULL,
                provider_name TEXT NOT NULL,
                availability_zone_data TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE availability_zone (
                name TEXT PRIMARY KEY NOT NULL,
                description TEXT NOT NULL,
                enabled BIGINT NOT NULL,
                availability_zone_profile_id TEXT NOT NULL REFERENCES availability_zone_profile (id),
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX availability_zone_by_profile ON availability_zone (availability_zone_profile_id)",
            "CREATE INDEX load_balancer_by_flavor ON load_balancer (flavor_id)",
            "CREATE INDEX load_balancer_by_availability_zone ON load_balancer (availability_zone)",
            """
            CREATE TABLE amphora (
                id TEXT PRIMARY KEY NOT NULL,
                loadbalancer_id TEXT NOT NULL UNIQUE,
                compute_id TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            // Load balancers from before get the identifier that is at hand and unique.
            """
            INSERT INTO amphora (id, loadbalancer_id, compute_id, created_at)
            SELECT id, id, id, created_at FROM load_balancer
            """,
        ])
}
