// Roles and what they imply.

internal import Persistence

/// A role (Identity API v3 reference, "Roles").
public struct Role: Sendable, Hashable {
    public var id: String
    /// Unique; 1–255 characters.
    public var name: String
    public var description: String?

    public init(id: String, name: String, description: String? = nil) {
        self.id = id
        self.name = name
        self.description = description
    }

    init(_ row: borrowing DatabaseRow, at first: Int = 0) {
        self.init(id: row.text(first), name: row.text(first + 1), description: row.optionalText(first + 2))
    }

    /// The roles that the first start makes: Keystone's own and those of Octavia's advanced policies.
    static let initialNames = [
        "admin", "manager", "member", "reader", "service", "load-balancer_member", "load-balancer_observer",
        "load-balancer_global_observer", "load-balancer_quota_admin", "load-balancer_admin",
    ]

    /// The roles on which the service itself relies: not to be renamed or deleted.
    static let immutableNames: Set<String> = ["admin", "manager", "member", "reader", "service"]

    /// Keystone's chain: who has a role has all that follow it.
    private static let chain = ["admin", "manager", "member", "reader"]

    /// The names of a role and all that it implies.
    static func effectiveNames(of name: String) -> ArraySlice<String> {
        chain.firstIndex(of: name).map { chain[$0...] } ?? [name]
    }

    /// The roles with those that they imply, by name and each once.
    static func effective(_ roles: some Sequence<Role>, among all: [Role]) -> [Role] {
        var names: Set<String> = []
        for role in roles { names.formUnion(effectiveNames(of: role.name)) }
        return all.filter { names.contains($0.name) }
    }
}

/// How a request names a role.
public enum RoleReference: Sendable, Hashable {
    case id(String)
    case name(String)
}

extension IdentityStore {
    func role(_ id: String) throws -> Role? {
        try connection.first("SELECT id, name, description FROM identity_roles WHERE id = ?", [id]) { Role($0) }
    }

    /// All roles, by name.
    func roles() throws -> [Role] {
        try connection.query("SELECT id, name, description FROM identity_roles ORDER BY name", []) { Role($0) }
    }

    func insert(_ role: Role) throws {
        try connection.insert(
            into: "identity_roles", [("id", role.id), ("name", role.name), ("description", role.description)])
    }

    func update(_ role: Role) throws {
        try connection.update(
            "identity_roles", [("name", role.name), ("description", role.description)], where: "id", is: role.id)
    }

    /// Deletes a role and takes it from everybody.
    func deleteRole(_ id: String) throws {
        try connection.execute("DELETE FROM identity_application_credential_roles WHERE role_id = ?", [id])
        try connection.execute("DELETE FROM identity_role_assignments WHERE role_id = ?", [id])
        try connection.execute("DELETE FROM identity_roles WHERE id = ?", [id])
    }
}
