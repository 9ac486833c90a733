// Use cases of roles (Identity API v3 reference, "Roles").

extension EmbeddedIdentity {
    /// All roles that pass the filter.
    public func listRoles(_ filter: ResourceFilter, as caller: ValidatedToken) async throws -> [Role] {
        try caller.requireAdministrator("list_roles")
        return try await read { try $0.roles() }.filter {
            filter.matches(id: $0.id, name: $0.name, domainID: nil, isEnabled: nil)
        }
    }

    /// One role.
    public func showRole(_ id: String, as caller: ValidatedToken) async throws -> Role {
        try caller.requireAdministrator("get_role")
        return try await read { try $0.existingRole(id) }
    }

    /// Makes a role.
    public func createRole(
        name: String, description: String?, as caller: ValidatedToken
    ) async throws -> Role {
        try caller.requireAdministrator("create_role")
        try FieldLimits.check(name: name, limit: FieldLimits.name)
        try FieldLimits.check(description: description)
        let role = Role(id: RandomValue.identifier(), name: name, description: description)
        try await write { store in
            try store.requireFreeName(of: role)
            try store.insert(role)
        }
        return role
    }

    /// Changes a role.
    ///
    /// - Throws: ``IdentityFault`` with 403 for the roles on which the service itself relies.
    public func updateRole(
        _ id: String, name: String?, description: Patch<String>, as caller: ValidatedToken
    ) async throws -> Role {
        try caller.requireAdministrator("update_role")
        if let name { try FieldLimits.check(name: name, limit: FieldLimits.name) }
        try FieldLimits.check(description: description.applied(to: nil))
        return try await write { store in
            var role = try store.existingRole(id)
            try role.requireMutable(toDo: "update")
            role.name = name ?? role.name
            role.description = description.applied(to: role.description)
            try store.requireFreeName(of: role)
            try store.update(role)
            return role
        }
    }

    /// Deletes a role and takes it from everybody.
    ///
    /// - Throws: ``IdentityFault`` with 403 for the roles on which the service itself relies.
    public func deleteRole(_ id: String, as caller: ValidatedToken) async throws {
        try caller.requireAdministrator("delete_role")
        try await write { store in
            try store.existingRole(id).requireMutable(toDo: "delete")
            try store.deleteRole(id)
        }
    }
}

extension Role {
    fileprivate func requireMutable(toDo action: String) throws {
        guard Role.immutableNames.contains(name) else { return }
        throw IdentityFault.forbidden("Cannot \(action) role \(name): the service relies on it.")
    }
}

extension IdentityStore {
    func existingRole(_ id: String) throws -> Role {
        guard let role = try role(id) else { throw IdentityFault.notFound("role", id) }
        return role
    }

    fileprivate func requireFreeName(of role: Role) throws {
        guard let other = try roles().first(where: { $0.name == role.name }), other.id != role.id else { return }
        throw IdentityFault.conflict(
            storing: "role", "it is not permitted to have two roles with the same name: \(role.name)")
    }
}
