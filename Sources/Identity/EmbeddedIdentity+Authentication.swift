// From proofs to a token.

internal import LoadBalancing

extension EmbeddedIdentity {
    /// What is known about a caller once a proof holds.
    private struct Proven: Sendable {
        var account: Account
        var methods: Set<AuthenticationMethod>
        /// Set when the user acts through an application credential, whose project can't be left.
        var credential: ApplicationCredential?
        /// A token made from another one lives no longer than that.
        var notAfter: Timestamp?
        var parentAuditID: String?
    }

    /// Issues a token.
    ///
    /// - Throws: ``IdentityFault`` with 401 when a proof does not hold or the user may not have that scope: always
    ///   with the same message.
    public func authenticate(_ request: AuthenticationRequest) async throws -> IssuedToken {
        if case .trust = request.scope {
            throw IdentityFault.unauthorized(
                "Scope 'OS-TRUST:trust' is not supported; allowed are 'project', 'domain', 'system' and 'unscoped'.")
        }
        guard let first = request.proofs.first else { throw IdentityFault.unauthorized }
        var proven = try await prove(first)
        for proof in request.proofs.dropFirst() {
            let other = try await prove(proof)
            guard other.account.user.id == proven.account.user.id,
                proven.credential == nil || other.credential == nil || proven.credential?.id == other.credential?.id
            else { throw IdentityFault.unauthorized }
            proven.methods.formUnion(other.methods)
            proven.credential = proven.credential ?? other.credential
            proven.notAfter = [proven.notAfter, other.notAfter].compactMap { $0 }.min()
            proven.parentAuditID = proven.parentAuditID ?? other.parentAuditID
        }
        return try await issue(proven, scope: request.scope)
    }

    private func prove(_ proof: AuthenticationRequest.Proof) async throws -> Proven {
        switch proof {
        case .password(let reference, let password):
            let account = try await read { try $0.account(reference) }
            let isRight = try await passwords.verify(password, against: account?.passwordHash)
            guard isRight, let account, account.isUsable else { throw IdentityFault.unauthorized }
            return Proven(account: account, methods: [.password])

        case .token(let text):
            guard let token = try await validate(text),
                let account = try await read({ try $0.account(.id(token.user.id)) }),
                account.tokenGeneration == token.payload.generation
            else { throw IdentityFault.unauthorized }
            return Proven(
                account: account, methods: token.payload.methods.union([.token]),
                credential: token.applicationCredential, notAfter: token.payload.expires,
                parentAuditID: token.payload.auditIDs.first)

        case .applicationCredential(let reference, let secret):
            let found = try await read { store -> (ApplicationCredential, String, Account)? in
                guard let (credential, hash) = try store.applicationCredential(reference),
                    let account = try store.account(.id(credential.userID))
                else { return nil }
                return (credential, hash, account)
            }
            let isRight = try await passwords.verify(secret, against: found?.1)
            guard isRight, let (credential, _, account) = found, account.isUsable else {
                throw IdentityFault.unauthorized
            }
            return Proven(account: account, methods: [.applicationCredential], credential: credential)
        }
    }

    private func issue(_ proven: Proven, scope: AuthenticationRequest.Scope) async throws -> IssuedToken {
        let now = now()
        var expires = now.advanced(bySeconds: options.tokenLifetime)
        for limit in [proven.notAfter, proven.credential?.expires] {
            if let limit { expires = min(expires, limit) }
        }
        let auditID = RandomValue.secret(byteCount: 16)
        let template = TokenPayload(
            userID: proven.account.user.id, scope: .unscoped, methods: proven.methods, issued: now, expires: expires,
            auditIDs: [auditID, proven.parentAuditID].compactMap { $0 },
            applicationCredentialID: proven.credential?.id, generation: proven.account.tokenGeneration)

        let key = try await keys.current(now: now)
        let token = try await read { store -> ValidatedToken? in
            for scope in try store.candidates(for: scope, of: proven.account.user, credential: proven.credential) {
                var payload = template
                payload.scope = scope
                if let token = try store.resolve(payload, now: now) { return token }
            }
            return nil
        }
        guard let token else { throw IdentityFault.unauthorized }
        return IssuedToken(text: SignedToken.encode(token.payload, with: key), token: token)
    }
}

extension IdentityStore {
    /// The scopes to try, best first. Application credentials have one scope: asking for it is allowed, because
    /// gophercloud's helper for environment variables does so.
    fileprivate func candidates(
        for scope: AuthenticationRequest.Scope, of user: User, credential: ApplicationCredential?
    ) throws -> [TokenScope] {
        let asked: TokenScope
        switch scope {
        case .absent:
            if let credential { return [.project(credential.projectID)] }
            return (user.defaultProjectID.map { [.project($0)] } ?? []) + [.unscoped]
        case .unscoped: asked = .unscoped
        case .project(let reference):
            guard let project = try project(reference) else { return [] }
            asked = .project(project.id)
        case .domain(let reference):
            guard let domain = try domain(reference) else { return [] }
            asked = .domain(domain.id)
        case .system: asked = .system
        case .trust: return []
        }
        if let credential, asked != .project(credential.projectID) { return [] }
        return [asked]
    }
}
