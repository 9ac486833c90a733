// Who logs in, and for what.

/// How a program shows who it is (Identity API v3, "Authentication and token management").
public enum Credentials: Sendable, Hashable {
    case password(user: UserReference, password: Secret, scope: TokenScope)
    /// A token that somebody else got; it is exchanged for one with the scope, or used as it is for scope ``TokenScope/unscoped``.
    case token(Secret, scope: TokenScope)
    /// Has its project built in.
    case applicationCredential(ApplicationCredentialReference, secret: Secret)
    /// No Keystone at all: requests go to the overridden endpoints with this token, or without one.
    case endpoints(token: Secret?)
}

/// A user.
public enum UserReference: Sendable, Hashable {
    case id(String)
    case name(String, domain: DomainReference)
}

/// A domain.
public enum DomainReference: Sendable, Hashable {
    case id(String)
    case name(String)

    /// The domain that every Keystone has from the start.
    public static let `default` = DomainReference.id("default")
}

/// An application credential.
public enum ApplicationCredentialReference: Sendable, Hashable {
    case id(String)
    case name(String, user: UserReference)
}

/// What a token is for.
public enum TokenScope: Sendable, Hashable {
    case project(ProjectReference)
    case domain(DomainReference)
    /// The whole cloud; for operators.
    case system
    /// The project of a trust.
    case trust(String)
    case unscoped
}

/// A project.
public enum ProjectReference: Sendable, Hashable {
    case id(String)
    case name(String, domain: DomainReference)
}
