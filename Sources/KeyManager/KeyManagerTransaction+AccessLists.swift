// Access control lists of secrets and containers.

public import LoadBalancing
internal import Persistence

extension KeyManagerTransaction {
    /// How many users a list may name.
    static let maximumUsers = 500

    /// The list; `nil` as long as only the project has access.
    public func accessList(of resource: KeyResource, _ id: ResourceID) throws -> AccessControlList? {
        try require(.readACL, on: resource, id)
        return try storedList(id)
    }

    private func storedList(_ id: ResourceID) throws -> AccessControlList? {
        let list = try connection.first(
            "SELECT project_access, created_at, updated_at FROM key_manager_acl WHERE resource_id = ?", [id]
        ) { row in
            AccessControlList(
                projectAccess: row.bool(0), users: [], createdAt: row.timestamp(1), updatedAt: row.timestamp(2))
        }
        guard var list else { return nil }
        list.users = try connection.query(
            "SELECT user_id FROM key_manager_acl_user WHERE resource_id = ? ORDER BY position", [id]
        ) { $0.text(0) }
        return list
    }

    /// Sets the list.
    ///
    /// - Parameters:
    ///   - projectAccess: `nil` keeps what is, at first access for the project.
    ///   - users: `nil` keeps who is there.
    public func setAccessList(
        of resource: KeyResource, _ id: ResourceID, projectAccess: Bool?, users: [String]?
    ) throws {
        try require(.changeACL, on: resource, id)
        let current = try storedList(id)
        var seen: Set<String> = []
        let names = users.map { $0.filter { seen.insert($0).inserted } }
        guard (names?.count ?? 0) <= Self.maximumUsers else {
            throw KeyManagerFault.invalid(
                schema: "ACL", "at most \(Self.maximumUsers) users are allowed", property: "users")
        }
        if let current {
            try connection.update(
                "key_manager_acl",
                [("project_access", projectAccess ?? current.projectAccess), ("updated_at", now)],
                where: "resource_id", is: id)
        } else {
            try connection.insert(
                into: "key_manager_acl",
                [
                    ("resource_id", id), ("project_access", projectAccess ?? true), ("created_at", now),
                    ("updated_at", now),
                ])
        }
        if let names {
            try connection.execute("DELETE FROM key_manager_acl_user WHERE resource_id = ?", [id])
            for (position, name) in names.enumerated() {
                try connection.insert(
                    into: "key_manager_acl_user", [("resource_id", id), ("user_id", name), ("position", position)])
            }
        }
        changes.add(.changed, resource, id)
    }

    /// Goes back to access for the project only.
    public func deleteAccessList(of resource: KeyResource, _ id: ResourceID) throws {
        try require(.changeACL, on: resource, id)
        try connection.execute("DELETE FROM key_manager_acl WHERE resource_id = ?", [id])
        changes.add(.changed, resource, id)
    }

    /// Refuses callers who must not change the list, when there is nothing to change.
    public func requireChangeableAccessList(of resource: KeyResource, _ id: ResourceID) throws {
        try require(.changeACL, on: resource, id)
    }
}
