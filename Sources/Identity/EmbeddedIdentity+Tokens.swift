// Checking and revoking tokens.

internal import LoadBalancing

extension EmbeddedIdentity {
    /// What a token stands for; `nil` when it is forged, expired or revoked, or when what it refers to is gone or
    /// switched off.
    ///
    /// - Throws: ``DatabaseFault`` when the database fails.
    public func validate(_ text: String) async throws -> ValidatedToken? {
        let now = now()
        if let token = cache.token(text, now: now) { return token }
        guard let unverified = SignedToken.Unverified(text), let key = try await keys.key(unverified.keyID),
            let payload = unverified.verified(with: key)
        else { return nil }
        let epoch = cache.epoch
        guard let token = try await read({ try $0.resolve(payload, now: now) }) else { return nil }
        cache.keep(token, for: text, readSince: epoch)
        return token
    }

    /// The caller that a token names.
    ///
    /// - Throws: ``IdentityFault/unauthorized`` when the token is absent or not valid.
    public func caller(withToken text: String?) async throws -> ValidatedToken {
        guard let text, let caller = try await validate(text) else { throw IdentityFault.unauthorized }
        return caller
    }

    /// Shows a token: one's own, or any to administrators and services.
    ///
    /// - Throws: ``IdentityFault`` with 404 when that token is not valid, 403 when it is another user's.
    public func showToken(_ text: String, as caller: ValidatedToken) async throws -> ValidatedToken {
        guard let token = try await validate(text) else {
            throw IdentityFault.notFound("Could not find token.")
        }
        guard token.user.id == caller.user.id || caller.isAdministrator || caller.hasRole("service") else {
            throw IdentityFault.forbidden(action: "identity:validate_token")
        }
        return token
    }

    /// Makes a token void at once: one's own, or any to administrators.
    ///
    /// - Throws: ``IdentityFault`` with 404 when that token is not valid, 403 when it is another user's.
    public func revokeToken(_ text: String, as caller: ValidatedToken) async throws {
        guard let token = try await validate(text), let auditID = token.payload.auditIDs.first else {
            throw IdentityFault.notFound("Could not find token.")
        }
        guard token.user.id == caller.user.id || caller.isAdministrator else {
            throw IdentityFault.forbidden(action: "identity:revoke_token")
        }
        let now = now()
        try await write { try $0.revoke(auditID: auditID, until: token.payload.expires, now: now) }
    }

    /// Makes a new key that signs all tokens from now on.
    ///
    /// - Parameter discardingOldKeys: whether the tokens of all earlier keys become void, here at once and in other
    ///   processes within a minute. Otherwise an old key is deleted by the first rotation after its tokens have expired.
    public func rotateSigningKey(discardingOldKeys: Bool = false) async throws {
        let now = now()
        // Other processes go on signing with the previous key for a minute.
        let cutoff = now.advanced(bySeconds: -options.tokenLifetime - 3600)
        try await keys.rotate(now: now, discardingAll: discardingOldKeys, supersededBefore: cutoff)
        cache.clear()
    }
}
