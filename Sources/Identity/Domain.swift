// Domains: the name spaces of users and projects.

internal import Persistence

/// A domain (Identity API v3 reference, "Domains").
public struct Domain: Sendable, Hashable {
    public var id: String
    /// Unique; 1–64 characters.
    public var name: String
    public var description: String
    /// Users and projects of a disabled domain can't be used.
    public var isEnabled: Bool

    public init(id: String, name: String, description: String = "", isEnabled: Bool = true) {
        self.id = id
        self.name = name
        self.description = description
        self.isEnabled = isEnabled
    }

    static func columns(_ table: String) -> String {
        "\(table).id, \(table).name, \(table).description, \(table).enabled"
    }
    static let columnCount = 4

    init(_ row: borrowing DatabaseRow, at first: Int = 0) {
        self.init(
            id: row.text(first), name: row.text(first + 1), description: row.text(first + 2),
            isEnabled: row.bool(first + 3))
    }
}

/// How a request names a domain.
public enum DomainReference: Sendable, Hashable {
    case id(String)
    case name(String)
}

extension IdentityStore {
    func domain(_ id: String) throws -> Domain? {
        try connection.first("SELECT \(Domain.columns("d")) FROM identity_domains d WHERE d.id = ?", [id]) {
            Domain($0)
        }
    }

    func domain(_ reference: DomainReference) throws -> Domain? {
        switch reference {
        case .id(let id): return try domain(id)
        case .name(let name):
            return try connection.first(
                "SELECT \(Domain.columns("d")) FROM identity_domains d WHERE d.name = ?", [name]
            ) { Domain($0) }
        }
    }

    /// All domains, by name.
    func domains() throws -> [Domain] {
        try connection.query("SELECT \(Domain.columns("d")) FROM identity_domains d ORDER BY d.name", []) {
            Domain($0)
        }
    }

    func insert(_ domain: Domain) throws {
        try connection.insert(
            into: "identity_domains",
            [
                ("id", domain.id), ("name", domain.name), ("description", domain.description),
                ("enabled", domain.isEnabled),
            ])
    }

    func update(_ domain: Domain) throws {
        try connection.update(
            "identity_domains",
            [("name", domain.name), ("description", domain.description), ("enabled", domain.isEnabled)],
            where: "id", is: domain.id)
    }

    /// Deletes a domain with its projects, users and assignments.
    func deleteDomain(_ id: String) throws {
        for project in try projects() where project.domainID == id { try deleteProject(project.id) }
        for user in try users() where user.domainID == id { try deleteUser(user.id) }
        try connection.execute(
            "DELETE FROM identity_role_assignments WHERE target_kind = 'domain' AND target_id = ?", [id])
        try connection.execute("DELETE FROM identity_domains WHERE id = ?", [id])
    }
}
