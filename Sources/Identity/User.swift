// Users.

internal import Persistence

/// A user (Identity API v3 reference, "Users"). The password is not part of it.
public struct User: Sendable, Hashable {
    public var id: String
    public var domainID: String
    /// Unique in the domain; 1–255 characters.
    public var name: String
    public var description: String?
    public var email: String?
    /// The scope of tokens for which no scope was asked.
    public var defaultProjectID: String?
    /// A disabled user can't log in; the tokens issued before are void for good.
    public var isEnabled: Bool

    public init(
        id: String, domainID: String, name: String, description: String? = nil, email: String? = nil,
        defaultProjectID: String? = nil, isEnabled: Bool = true
    ) {
        self.id = id
        self.domainID = domainID
        self.name = name
        self.description = description
        self.email = email
        self.defaultProjectID = defaultProjectID
        self.isEnabled = isEnabled
    }

    static func columns(_ table: String) -> String {
        ["id", "domain_id", "name", "description", "email", "default_project_id", "enabled"]
            .map { "\(table).\($0)" }.joined(separator: ", ")
    }
    static let columnCount = 7

    init(_ row: borrowing DatabaseRow, at first: Int = 0) {
        self.init(
            id: row.text(first), domainID: row.text(first + 1), name: row.text(first + 2),
            description: row.optionalText(first + 3), email: row.optionalText(first + 4),
            defaultProjectID: row.optionalText(first + 5), isEnabled: row.bool(first + 6))
    }
}

/// How a request names a user.
public enum UserReference: Sendable, Hashable {
    case id(String)
    case name(String, DomainReference)
}

/// A user with what authentication needs.
struct Account: Sendable {
    var user: User
    var domain: Domain
    /// `nil` for a user that can't log in with a password.
    var passwordHash: String?
    /// Tokens carry the generation in which they were issued; each password change begins a new one.
    var tokenGeneration: Int64

    /// Whether the user may act at all.
    var isUsable: Bool { user.isEnabled && domain.isEnabled }
}

extension IdentityStore {
    func user(_ id: String) throws -> User? {
        try connection.first("SELECT \(User.columns("u")) FROM identity_users u WHERE u.id = ?", [id]) { User($0) }
    }

    /// All users, by name.
    func users() throws -> [User] {
        try connection.query("SELECT \(User.columns("u")) FROM identity_users u ORDER BY u.name, u.id", []) {
            User($0)
        }
    }

    func account(_ reference: UserReference) throws -> Account? {
        let condition: String
        let arguments: [any DatabaseValueConvertible]
        switch reference {
        case .id(let id): (condition, arguments) = ("u.id = ?", [id])
        case .name(let name, .id(let domain)): (condition, arguments) = ("u.name = ? AND d.id = ?", [name, domain])
        case .name(let name, .name(let domain)): (condition, arguments) = ("u.name = ? AND d.name = ?", [name, domain])
        }
        return try connection.first(
            """
            SELECT \(User.columns("u")), \(Domain.columns("d")), u.password_hash, u.token_generation
            FROM identity_users u JOIN identity_domains d ON d.id = u.domain_id WHERE \(condition)
            """, arguments
        ) { row in
            let rest = User.columnCount + Domain.columnCount
            return Account(
                user: User(row), domain: Domain(row, at: User.columnCount), passwordHash: row.optionalText(rest),
                tokenGeneration: row.integer(rest + 1))
        }
    }

    func insert(_ user: User, passwordHash: String?) throws {
        try connection.insert(
            into: "identity_users",
            [
                ("id", user.id), ("domain_id", user.domainID), ("name", user.name), ("description", user.description),
                ("email", user.email), ("default_project_id", user.defaultProjectID), ("enabled", user.isEnabled),
                ("password_hash", passwordHash), ("token_generation", 1),
            ])
    }

    func update(_ user: User) throws {
        try connection.update(
            "identity_users",
            [
                ("name", user.name), ("description", user.description), ("email", user.email),
                ("default_project_id", user.defaultProjectID), ("enabled", user.isEnabled),
            ], where: "id", is: user.id)
    }

    func setPasswordHash(_ hash: String?, ofUser userID: String) throws {
        try connection.execute("UPDATE identity_users SET password_hash = ? WHERE id = ?", [hash, userID])
    }

    /// Makes all tokens of a user void that have been issued until now.
    func revokeTokens(ofUser userID: String) throws {
        try connection.execute(
            "UPDATE identity_users SET token_generation = token_generation + 1 WHERE id = ?", [userID])
    }

    /// Deletes a user with its assignments and application credentials.
    func deleteUser(_ id: String) throws {
        try connection.execute(
            """
            DELETE FROM identity_application_credential_roles WHERE credential_id IN (
                SELECT c.id FROM identity_application_credentials c WHERE c.user_id = ?)
            """, [id])
        try connection.execute("DELETE FROM identity_application_credentials WHERE user_id = ?", [id])
        try connection.execute("DELETE FROM identity_role_assignments WHERE user_id = ?", [id])
        try connection.execute("DELETE FROM identity_users WHERE id = ?", [id])
    }
}
