// A token that has been checked, with what it stands for.

internal import LoadBalancing

/// A valid token and all that was found out about it.
public struct ValidatedToken: Sendable, Hashable {
    /// What a token is good for, in full.
    public enum Scope: Sendable, Hashable {
        case unscoped
        case project(Project, Domain)
        case domain(Domain)
        case system
    }

    /// The claims.
    public var payload: TokenPayload
    public var user: User
    /// The user's domain.
    public var userDomain: Domain
    public var scope: Scope
    /// The roles in that scope with those that they imply, by name.
    public var roles: [Role]
    /// The credential that the token was made with, if any.
    public var applicationCredential: ApplicationCredential?

    /// The project of a token that has one.
    public var project: Project? {
        guard case .project(let project, _) = scope else { return nil }
        return project
    }

    /// Whether the token has that role.
    public func hasRole(_ name: String) -> Bool { roles.contains { $0.name == name } }

    /// Whether the token may do everything: it has the role `admin` in any scope.
    public var isAdministrator: Bool { hasRole("admin") }

    /// What the other services see of the token.
    public var subject: AuthenticatedSubject {
        AuthenticatedSubject(
            userID: user.id, userName: user.name, projectID: project?.id, projectName: project?.name,
            roles: Set(roles.map(\.name)), isSystemScoped: scope == .system)
    }
}

extension IdentityStore {
    /// Looks up what claims stand for; `nil` when the token is revoked or expired, or when its user, scope, roles or
    /// application credential are gone or switched off.
    func resolve(_ payload: TokenPayload, now: Timestamp) throws -> ValidatedToken? {
        guard now < payload.expires, let account = try account(.id(payload.userID)), account.isUsable,
            account.tokenGeneration == payload.generation, let auditID = payload.auditIDs.first,
            try !isRevoked(auditID: auditID)
        else { return nil }

        let scope: ValidatedToken.Scope
        var roles: [Role] = []
        switch payload.scope {
        case .unscoped:
            scope = .unscoped
        case .project(let id):
            guard let project = try project(id), project.isEnabled, let domain = try domain(project.domainID),
                domain.isEnabled
            else { return nil }
            scope = .project(project, domain)
            roles = try effectiveRoles(userID: account.user.id, on: .project(id))
        case .domain(let id):
            guard let domain = try domain(id), domain.isEnabled else { return nil }
            scope = .domain(domain)
            roles = try effectiveRoles(userID: account.user.id, on: .domain(id))
        case .system:
            scope = .system
            roles = try effectiveRoles(userID: account.user.id, on: .system)
        }

        var credential: ApplicationCredential?
        if let id = payload.applicationCredentialID {
            guard let found = try applicationCredential(id), found.isAccepted(at: now),
                found.userID == account.user.id, payload.scope == .project(found.projectID)
            else { return nil }
            let granted = Set(Role.effective(found.roles, among: roles).map(\.id))
            roles.removeAll { !granted.contains($0.id) }
            credential = found
        }
        guard scope == .unscoped || !roles.isEmpty else { return nil }
        return ValidatedToken(
            payload: payload, user: account.user, userDomain: account.domain, scope: scope, roles: roles,
            applicationCredential: credential)
    }
}

extension ApplicationCredential {
    /// Whether the credential has not expired.
    func isAccepted(at now: Timestamp) -> Bool { expires.map { now < $0 } ?? true }
}
