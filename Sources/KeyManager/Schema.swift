// The tables of the embedded key manager.

public import Persistence

extension EmbeddedKeyManager {
    /// The schema's history, for `Database.migrate`.
    public static let migrations: [Migration] = [Migration("0001-key-manager", secrets + containers + lists)]

    private static let header = """
        id TEXT PRIMARY KEY NOT NULL, project_id TEXT NOT NULL, creator_id TEXT NOT NULL, name TEXT,
        created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
        """

    private static let secrets = [
        """
        CREATE TABLE key_manager_secret (
            \(header), secret_type TEXT NOT NULL, algorithm TEXT, bit_length BIGINT, mode TEXT, expiration BIGINT,
            payload_type TEXT)
        """,
        "CREATE INDEX key_manager_secret_project ON key_manager_secret (project_id, created_at)",
        "CREATE INDEX key_manager_secret_expiration ON key_manager_secret (expiration)",
        // Apart from the secrets, so that lists do not read it. SQLite takes PostgreSQL's name for bytes, too.
        """
        CREATE TABLE key_manager_payload (
            secret_id TEXT PRIMARY KEY NOT NULL REFERENCES key_manager_secret (id) ON DELETE CASCADE,
            key_id TEXT NOT NULL, wrapped_key BYTEA NOT NULL, ciphertext BYTEA NOT NULL)
        """,
        "CREATE INDEX key_manager_payload_key ON key_manager_payload (key_id)",
        """
        CREATE TABLE key_manager_metadatum (
            secret_id TEXT NOT NULL REFERENCES key_manager_secret (id) ON DELETE CASCADE, name TEXT NOT NULL,
            value TEXT NOT NULL, PRIMARY KEY (secret_id, name))
        """,
        """
        CREATE TABLE key_manager_secret_consumer (
            secret_id TEXT NOT NULL REFERENCES key_manager_secret (id) ON DELETE CASCADE, service TEXT NOT NULL,
            resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, project_id TEXT NOT NULL,
            created_at BIGINT NOT NULL, PRIMARY KEY (secret_id, service, resource_type, resource_id))
        """,
    ]

    private static let containers = [
        "CREATE TABLE key_manager_container (\(header), type TEXT NOT NULL)",
        "CREATE INDEX key_manager_container_project ON key_manager_container (project_id, created_at)",
        // A reference outlives its secret, as in Barbican: whoever reads it learns that the secret is gone.
        """
        CREATE TABLE key_manager_container_secret (
            container_id TEXT NOT NULL REFERENCES key_manager_container (id) ON DELETE CASCADE, name TEXT,
            secret_id TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (container_id, position))
        """,
        "CREATE INDEX key_manager_container_secret_secret ON key_manager_container_secret (secret_id)",
        """
        CREATE TABLE key_manager_container_consumer (
            container_id TEXT NOT NULL REFERENCES key_manager_container (id) ON DELETE CASCADE, name TEXT NOT NULL,
            url TEXT NOT NULL, project_id TEXT NOT NULL, created_at BIGINT NOT NULL,
            PRIMARY KEY (container_id, name, url))
        """,
    ]

    private static let lists = [
        """
        CREATE TABLE key_manager_acl (
            resource_id TEXT PRIMARY KEY NOT NULL, project_access BIGINT NOT NULL, created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE key_manager_acl_user (
            resource_id TEXT NOT NULL REFERENCES key_manager_acl (resource_id) ON DELETE CASCADE,
            user_id TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (resource_id, user_id))
        """,
        "CREATE INDEX key_manager_acl_user_user ON key_manager_acl_user (user_id)",
    ]
}
