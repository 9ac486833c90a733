// The table of what happened to load balancers.

extension LoadBalancingSchema {
    /// Events outlive their load balancer for a while, so nothing refers to it. Ids are in the order of time, so that
    /// old rows are a range of the primary key, and new ones go to its end.
    static let timeline = Migration(
        "0007-timeline",
        [
            """
            CREATE TABLE load_balancer_event (
                id TEXT PRIMARY KEY NOT NULL,
                loadbalancer_id TEXT NOT NULL,
                project_id TEXT NOT NULL,
                type TEXT NOT NULL,
                object_type TEXT NOT NULL,
                object_id TEXT NOT NULL,
                user_id TEXT,
                request_id TEXT,
                generation BIGINT,
                fields TEXT NOT NULL,
                duration BIGINT,
                message TEXT NOT NULL,
                occurrences BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT
            )
            """,
            "CREATE INDEX load_balancer_event_by_time ON load_balancer_event (loadbalancer_id, created_at, id)",
        ])
}
