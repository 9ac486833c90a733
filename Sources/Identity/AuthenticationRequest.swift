// What a login says.

/// A request for a token (Identity API v3 reference, "Authentication and token management").
public struct AuthenticationRequest: Sendable {
    /// One proof of who is calling.
    public enum Proof: Sendable {
        case password(UserReference, password: String)
        case token(String)
        case applicationCredential(ApplicationCredentialReference, secret: String)

        var method: AuthenticationMethod {
            switch self {
            case .password: .password
            case .token: .token
            case .applicationCredential: .applicationCredential
            }
        }
    }

    /// What the token shall be good for.
    public enum Scope: Sendable {
        /// Not said: the user's default project, or nothing.
        case absent
        /// Said to be nothing.
        case unscoped
        case project(ProjectReference)
        case domain(DomainReference)
        case system
        /// Delegation by a trust, which this service does not have.
        case trust
    }

    /// All must hold and name the same user.
    public var proofs: [Proof]
    public var scope: Scope

    public init(proofs: [Proof], scope: Scope) {
        self.proofs = proofs
        self.scope = scope
    }
}

/// A token that was issued.
public struct IssuedToken: Sendable {
    /// The text for `X-Auth-Token`.
    public var text: String
    public var token: ValidatedToken
}
