// Tokens that were revoked before they expired.

internal import LoadBalancing
internal import Persistence

extension IdentityStore {
    func isRevoked(auditID: String) throws -> Bool {
        try connection.exists("SELECT 1 FROM identity_revoked_tokens WHERE audit_id = ?", [auditID])
    }

    /// Notes that a token is void; what was noted of tokens that have expired since is dropped.
    func revoke(auditID: String, until expires: Timestamp, now: Timestamp) throws {
        try connection.execute("DELETE FROM identity_revoked_tokens WHERE expires_at <= ?", [now])
        try connection.execute(
            "INSERT INTO identity_revoked_tokens (audit_id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [auditID, expires])
    }
}
