// The tables of the embedded identity service.

public import Persistence

extension EmbeddedIdentity {
    /// The history of the tables; apply with ``Database/migrate(_:)`` before use.
    ///
    /// Truth values are 0 or 1, times are microseconds since 1970, binary values are base64url text: what SQLite and
    /// PostgreSQL store alike.
    public static let migrations: [Migration] = [
        Migration(
            "0001-identity",
            [
                """
                CREATE TABLE identity_domains (
                    id TEXT PRIMARY KEY NOT NULL,
                    name TEXT NOT NULL UNIQUE,
                    description TEXT NOT NULL,
                    enabled BIGINT NOT NULL)
                """,
                """
                CREATE TABLE identity_projects (
                    id TEXT PRIMARY KEY NOT NULL,
                    domain_id TEXT NOT NULL REFERENCES identity_domains (id),
                    name TEXT NOT NULL,
                    description TEXT NOT NULL,
                    enabled BIGINT NOT NULL,
                    tags TEXT NOT NULL,
                    UNIQUE (domain_id, name))
                """,
                """
                CREATE TABLE identity_users (
                    id TEXT PRIMARY KEY NOT NULL,
                    domain_id TEXT NOT NULL REFERENCES identity_domains (id),
                    name TEXT NOT NULL,
                    description TEXT,
                    email TEXT,
                    default_project_id TEXT,
                    enabled BIGINT NOT NULL,
                    password_hash TEXT,
                    token_generation BIGINT NOT NULL,
                    UNIQUE (domain_id, name))
                """,
                """
                CREATE TABLE identity_roles (
                    id TEXT PRIMARY KEY NOT NULL,
                    name TEXT NOT NULL UNIQUE,
                    description TEXT)
                """,
                // target_kind is project, domain or system; target_id of the system is 'all'.
                """
                CREATE TABLE identity_role_assignments (
                    user_id TEXT NOT NULL REFERENCES identity_users (id),
                    target_kind TEXT NOT NULL,
                    target_id TEXT NOT NULL,
                    role_id TEXT NOT NULL REFERENCES identity_roles (id),
                    PRIMARY KEY (user_id, target_kind, target_id, role_id))
                """,
                """
                CREATE INDEX identity_role_assignments_by_target
                    ON identity_role_assignments (target_kind, target_id)
                """,
                """
                CREATE TABLE identity_application_credentials (
                    id TEXT PRIMARY KEY NOT NULL,
                    user_id TEXT NOT NULL REFERENCES identity_users (id),
                    project_id TEXT NOT NULL REFERENCES identity_projects (id),
                    name TEXT NOT NULL,
                    description TEXT,
                    secret_hash TEXT NOT NULL,
                    unrestricted BIGINT NOT NULL,
                    expires_at BIGINT,
                    UNIQUE (user_id, name))
                """,
                """
                CREATE TABLE identity_application_credential_roles (
                    credential_id TEXT NOT NULL REFERENCES identity_application_credentials (id),
                    role_id TEXT NOT NULL REFERENCES identity_roles (id),
                    PRIMARY KEY (credential_id, role_id))
                """,
                """
                CREATE TABLE identity_revoked_tokens (
                    audit_id TEXT PRIMARY KEY NOT NULL,
                    expires_at BIGINT NOT NULL)
                """,
                """
                CREATE TABLE identity_signing_keys (
                    id TEXT PRIMARY KEY NOT NULL,
                    secret TEXT NOT NULL,
                    created_at BIGINT NOT NULL)
                """,
            ])
    ]
}
