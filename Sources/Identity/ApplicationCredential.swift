// Application credentials: logins for programs, with a part of a user's roles on one project.

public import LoadBalancing
internal import Persistence

/// An application credential (Identity API v3 reference, "Application Credentials"). The secret is not part of it.
public struct ApplicationCredential: Sendable, Hashable {
    public var id: String
    public var userID: String
    public var projectID: String
    /// Unique for the user; 1–255 characters.
    public var name: String
    public var description: String?
    /// Whether tokens of this credential may make and delete application credentials.
    public var isUnrestricted: Bool
    /// From this time on it is not accepted; `nil`: for ever.
    public var expires: Timestamp?
    /// The roles of its tokens, together with those they imply and as far as the user still has them.
    public var roles: [Role]

    public init(
        id: String, userID: String, projectID: String, name: String, description: String? = nil,
        isUnrestricted: Bool = false, expires: Timestamp? = nil, roles: [Role]
    ) {
        self.id = id
        self.userID = userID
        self.projectID = projectID
        self.name = name
        self.description = description
        self.isUnrestricted = isUnrestricted
        self.expires = expires
        self.roles = roles
    }

    static let columns = "c.id, c.user_id, c.project_id, c.name, c.description, c.unrestricted, c.expires_at"
    static let columnCount = 7

    /// The credential without its roles.
    init(_ row: borrowing DatabaseRow) {
        self.init(
            id: row.text(0), userID: row.text(1), projectID: row.text(2), name: row.text(3),
            description: row.optionalText(4), isUnrestricted: row.bool(5), expires: row.optionalTimestamp(6), roles: [])
    }
}

/// How a login names an application credential.
public enum ApplicationCredentialReference: Sendable, Hashable {
    case id(String)
    case name(String, UserReference)
}

extension IdentityStore {
    private func roles(ofCredential id: String) throws -> [Role] {
        try connection.query(
            """
            SELECT r.id, r.name, r.description FROM identity_application_credential_roles cr
            JOIN identity_roles r ON r.id = cr.role_id WHERE cr.credential_id = ? ORDER BY r.name
            """, [id]
        ) { Role($0) }
    }

    func applicationCredential(_ id: String) throws -> ApplicationCredential? {
        guard
            var credential = try connection.first(
                "SELECT \(ApplicationCredential.columns) FROM identity_application_credentials c WHERE c.id = ?", [id],
                { ApplicationCredential($0) })
        else { return nil }
        credential.roles = try roles(ofCredential: id)
        return credential
    }

    /// A credential by what a login says of it, with the hash of its secret.
    func applicationCredential(
        _ reference: ApplicationCredentialReference
    ) throws -> (credential: ApplicationCredential, secretHash: String)? {
        let id: String?
        switch reference {
        case .id(let given): id = given
        case .name(let name, let userReference):
            guard let account = try account(userReference) else { return nil }
            id = try connection.first(
                "SELECT id FROM identity_application_credentials WHERE user_id = ? AND name = ?",
                [account.user.id, name]
            ) { $0.text(0) }
        }
        guard let id, let credential = try applicationCredential(id),
            let hash = try connection.first(
                "SELECT secret_hash FROM identity_application_credentials WHERE id = ?", [id], { $0.text(0) })
        else { return nil }
        return (credential, hash)
    }

    /// The credentials of a user, by name.
    func applicationCredentials(ofUser userID: String) throws -> [ApplicationCredential] {
        let credentials = try connection.query(
            """
            SELECT \(ApplicationCredential.columns) FROM identity_application_credentials c WHERE c.user_id = ?
            ORDER BY c.name
            """, [userID]
        ) { ApplicationCredential($0) }
        return try credentials.map { credential in
            var complete = credential
            complete.roles = try roles(ofCredential: credential.id)
            return complete
        }
    }

    func insert(_ credential: ApplicationCredential, secretHash: String) throws {
        try connection.insert(
            into: "identity_application_credentials",
            [
                ("id", credential.id), ("user_id", credential.userID), ("project_id", credential.projectID),
                ("name", credential.name), ("description", credential.description), ("secret_hash", secretHash),
                ("unrestricted", credential.isUnrestricted), ("expires_at", credential.expires),
            ])
        for role in credential.roles {
            try connection.insert(
                into: "identity_application_credential_roles",
                [("credential_id", credential.id), ("role_id", role.id)])
        }
    }

    func deleteApplicationCredential(_ id: String) throws {
        try connection.execute("DELETE FROM identity_application_credential_roles WHERE credential_id = ?", [id])
        try connection.execute("DELETE FROM identity_application_credentials WHERE id = ?", [id])
    }
}
