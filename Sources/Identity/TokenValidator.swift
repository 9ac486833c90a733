// What the other services need from identity: who is calling.

/// Who a valid token speaks for.
public struct AuthenticatedSubject: Sendable, Hashable {
    public var userID: String
    public var userName: String
    /// The project that the token is scoped to; `nil` for unscoped, domain-scoped and system-scoped tokens.
    public var projectID: String?
    public var projectName: String?
    /// Names of the roles that the user has in that scope.
    public var roles: Set<String>
    /// Whether the token is scoped to the whole system.
    public var isSystemScoped: Bool

    public init(
        userID: String, userName: String, projectID: String?, projectName: String?, roles: Set<String>,
        isSystemScoped: Bool = false
    ) {
        self.userID = userID
        self.userName = userName
        self.projectID = projectID
        self.projectName = projectName
        self.roles = roles
        self.isSystemScoped = isSystemScoped
    }
}

/// Tells who a token speaks for: the embedded identity service, or a remote Keystone.
public protocol TokenValidator: Sendable {
    /// The subject of a token, or `nil` when the token is forged, expired, revoked or unknown, or when its user or
    /// project is gone or switched off.
    ///
    /// - Throws: when the identity service cannot be asked.
    func subject(ofToken token: String) async throws -> AuthenticatedSubject?
}
