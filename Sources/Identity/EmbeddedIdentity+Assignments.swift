// Use cases of role assignments (Identity API v3 reference, "Roles").

extension EmbeddedIdentity {
    /// Which assignments a list shows; `nil` lets all pass.
    public struct AssignmentFilter: Sendable {
        public var userID: String?
        public var roleID: String?
        public var target: AssignmentTarget?
        /// Whether the roles that assigned roles imply are listed too.
        public var isEffective: Bool

        public init(
            userID: String? = nil, roleID: String? = nil, target: AssignmentTarget? = nil, isEffective: Bool = false
        ) {
            self.userID = userID
            self.roleID = roleID
            self.target = target
            self.isEffective = isEffective
        }
    }

    /// An assignment with the resources that it refers to.
    public struct NamedAssignment: Sendable {
        public var assignment: RoleAssignment
        public var role: Role
        public var user: User
        public var userDomain: Domain
        /// The project or domain; `nil` for the system.
        public var project: (project: Project, domain: Domain)?
        public var domain: Domain?
    }

    /// The roles of a user on a target, without those they imply: one's own, or anybody's for administrators.
    public func listRoles(
        ofUser userID: String, on target: AssignmentTarget, as caller: ValidatedToken
    ) async throws -> [Role] {
        try caller.requireAdministrator(orUser: userID, "list_grants")
        return try await read { store in
            _ = try store.existingUser(userID)
            try store.requireExisting(target)
            return try store.assignedRoles(userID: userID, on: target)
        }
    }

    /// Checks that a role is assigned.
    ///
    /// - Throws: ``IdentityFault`` with 404 when it is not.
    public func checkAssignment(_ assignment: RoleAssignment, as caller: ValidatedToken) async throws {
        try caller.requireAdministrator("check_grant")
        try await read { store in
            try store.requireExisting(assignment)
            let roles = try store.assignedRoles(userID: assignment.userID, on: assignment.target)
            guard roles.contains(where: { $0.id == assignment.roleID }) else { throw assignment.notFound }
        }
    }

    /// Assigns a role; assigning it again changes nothing.
    public func assign(_ assignment: RoleAssignment, as caller: ValidatedToken) async throws {
        try caller.requireAdministrator("create_grant")
        try await write { store in
            try store.requireExisting(assignment)
            try store.assign(assignment)
        }
    }

    /// Takes a role away.
    ///
    /// - Throws: ``IdentityFault`` with 404 when it was not assigned.
    public func unassign(_ assignment: RoleAssignment, as caller: ValidatedToken) async throws {
        try caller.requireAdministrator("revoke_grant")
        try await write { store in
            try store.requireExisting(assignment)
            guard try store.unassign(assignment) else { throw assignment.notFound }
        }
    }

    /// Assignments: all for administrators, for others their own.
    public func listAssignments(
        _ filter: AssignmentFilter, as caller: ValidatedToken
    ) async throws -> [NamedAssignment] {
        guard caller.isAdministrator || filter.userID == caller.user.id else {
            throw IdentityFault.forbidden(action: "identity:list_role_assignments")
        }
        return try await read { store in
            let roles = try store.roles()
            let users = Dictionary(grouping: try store.users(), by: \.id).compactMapValues(\.first)
            let projects = Dictionary(grouping: try store.projects(), by: \.id).compactMapValues(\.first)
            let domains = Dictionary(grouping: try store.domains(), by: \.id).compactMapValues(\.first)
            var result: [NamedAssignment] = []
            var seen: Set<RoleAssignment> = []
            for assignment in try store.assignments(ofUser: filter.userID) {
                guard filter.target == nil || filter.target == assignment.target,
                    let assigned = roles.first(where: { $0.id == assignment.roleID }),
                    let user = users[assignment.userID], let userDomain = domains[user.domainID]
                else { continue }
                for role in filter.isEffective ? Role.effective([assigned], among: roles) : [assigned] {
                    var single = assignment
                    single.roleID = role.id
                    guard filter.roleID == nil || filter.roleID == role.id, seen.insert(single).inserted else {
                        continue
                    }
                    var named = NamedAssignment(assignment: single, role: role, user: user, userDomain: userDomain)
                    switch assignment.target {
                    case .project(let id):
                        guard let project = projects[id], let domain = domains[project.domainID] else { continue }
                        named.project = (project, domain)
                    case .domain(let id):
                        guard let domain = domains[id] else { continue }
                        named.domain = domain
                    case .system: break
                    }
                    result.append(named)
                }
            }
            return result
        }
    }
}

extension RoleAssignment {
    fileprivate var notFound: IdentityFault {
        .notFound(
            """
            Could not find role assignment with role: \(IdentityFault.shortened(roleID)), \
            user or group: \(IdentityFault.shortened(userID)), \
            project, domain, or system: \(IdentityFault.shortened(target.columns.id)).
            """)
    }
}

extension IdentityStore {
    fileprivate func requireExisting(_ target: AssignmentTarget) throws {
        switch target {
        case .project(let id): _ = try existingProject(id)
        case .domain(let id): _ = try existingDomain(id)
        case .system: break
        }
    }

    fileprivate func requireExisting(_ assignment: RoleAssignment) throws {
        _ = try existingRole(assignment.roleID)
        _ = try existingUser(assignment.userID)
        try requireExisting(assignment.target)
    }
}
