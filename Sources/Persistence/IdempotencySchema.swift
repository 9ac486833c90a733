// The table of first answers to requests that clients may repeat.

extension LoadBalancingSchema {
    static let idempotency = Migration(
        "0008-idempotency",
        [
            // `key` is a digest of project, user, route and the client's key.
            """
            CREATE TABLE idempotent_answer (
                key TEXT PRIMARY KEY NOT NULL,
                body_digest TEXT NOT NULL,
                status BIGINT NOT NULL,
                answer TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX idempotent_answer_by_time ON idempotent_answer (created_at)",
        ])
}
