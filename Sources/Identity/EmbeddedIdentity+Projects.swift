// Use cases of projects (Identity API v3 reference, "Projects").

extension EmbeddedIdentity {
    /// What a client gives for a new project.
    public struct NewProject: Sendable {
        public var name: String
        /// `nil`: the domain of the caller's scope.
        public var domainID: String?
        /// Only the domain itself is possible.
        public var parentID: String?
        public var description: String
        public var isEnabled: Bool
        public var tags: [String]

        public init(
            name: String, domainID: String? = nil, parentID: String? = nil, description: String = "",
            isEnabled: Bool = true, tags: [String] = []
        ) {
            self.name = name
            self.domainID = domainID
            self.parentID = parentID
            self.description = description
            self.isEnabled = isEnabled
            self.tags = tags
        }
    }

    /// What a client changes of a project; `nil` keeps.
    public struct ProjectChanges: Sendable {
        public var name: String?
        public var description: String?
        public var isEnabled: Bool?
        public var tags: [String]?
        /// Must be what it is.
        public var domainID: String?

        public init(
            name: String? = nil, description: String? = nil, isEnabled: Bool? = nil, tags: [String]? = nil,
            domainID: String? = nil
        ) {
            self.name = name
            self.description = description
            self.isEnabled = isEnabled
            self.tags = tags
            self.domainID = domainID
        }
    }

    /// All projects that pass the filter.
    public func listProjects(_ filter: ResourceFilter, as caller: ValidatedToken) async throws -> [Project] {
        try caller.requireAdministrator("list_projects")
        return try await read { try $0.projects() }.filter {
            filter.matches(id: $0.id, name: $0.name, domainID: $0.domainID, isEnabled: $0.isEnabled)
        }
    }

    /// The projects on which a user has a role: one's own, or any user's for administrators.
    public func listProjects(
        ofUser userID: String, _ filter: ResourceFilter = ResourceFilter(), as caller: ValidatedToken
    ) async throws -> [Project] {
        try caller.requireAdministrator(orUser: userID, "list_user_projects")
        return try await read { store in
            _ = try store.existingUser(userID)
            return try store.projects(ofUser: userID)
        }.filter { filter.matches(id: $0.id, name: $0.name, domainID: $0.domainID, isEnabled: $0.isEnabled) }
    }

    /// The enabled projects to which the caller may scope a token.
    public func listOwnProjects(as caller: ValidatedToken) async throws -> [Project] {
        try await read { store in
            let enabledDomains = Set(try store.domains().filter(\.isEnabled).map(\.id))
            return try store.projects(ofUser: caller.user.id).filter {
                $0.isEnabled && enabledDomains.contains($0.domainID)
            }
        }
    }

    /// One project: any for administrators, for others those on which they have a role.
    public func showProject(_ id: String, as caller: ValidatedToken) async throws -> Project {
        try await read { store in
            let project = try store.existingProject(id)
            let isOwn =
                try caller.isAdministrator || caller.project?.id == id
                || !store.assignedRoles(userID: caller.user.id, on: .project(id)).isEmpty
            guard isOwn else { throw IdentityFault.forbidden(action: "identity:get_project") }
            return project
        }
    }

    /// Makes a project.
    public func createProject(_ input: NewProject, as caller: ValidatedToken) async throws -> Project {
        try caller.requireAdministrator("create_project")
        try FieldLimits.check(name: input.name, limit: FieldLimits.shortName)
        try FieldLimits.check(description: input.description)
        try FieldLimits.check(tags: input.tags)
        let domainID = input.domainID ?? caller.scopeDomainID
        if let parentID = input.parentID, parentID != domainID {
            throw IdentityFault.invalid(
                "parent_id", value: parentID, allowed: "projects have no children here: it must be the domain's id")
        }
        let project = Project(
            id: RandomValue.identifier(), domainID: domainID, name: input.name, description: input.description,
            isEnabled: input.isEnabled, tags: input.tags)
        try await write { store in
            _ = try store.givenDomain(domainID)
            try store.requireFreeName(of: project)
            try store.insert(project)
        }
        return project
    }

    /// Changes a project.
    public func updateProject(
        _ id: String, _ changes: ProjectChanges, as caller: ValidatedToken
    ) async throws -> Project {
        try caller.requireAdministrator("update_project")
        if let name = changes.name { try FieldLimits.check(name: name, limit: FieldLimits.shortName) }
        try FieldLimits.check(description: changes.description)
        try FieldLimits.check(tags: changes.tags ?? [])
        return try await write { store in
            var project = try store.existingProject(id)
            try requireSameDomain(project.domainID, as: changes.domainID)
            project.name = changes.name ?? project.name
            project.description = changes.description ?? project.description
            project.isEnabled = changes.isEnabled ?? project.isEnabled
            project.tags = changes.tags ?? project.tags
            try store.requireFreeName(of: project)
            try store.update(project)
            return project
        }
    }

    /// Deletes a project with its role assignments and application credentials.
    public func deleteProject(_ id: String, as caller: ValidatedToken) async throws {
        try caller.requireAdministrator("delete_project")
        try await write { store in
            _ = try store.existingProject(id)
            try store.deleteProject(id)
        }
    }

    /// Projects and users stay in their domain.
    func requireSameDomain(_ domainID: String, as given: String?) throws {
        guard let given, given != domainID else { return }
        throw IdentityFault.invalid("domain_id", value: given, allowed: "it can't change from '\(domainID)'")
    }
}

extension ValidatedToken {
    /// The domain in which new users and projects are made when none is given.
    var scopeDomainID: String {
        switch scope {
        case .project(let project, _): project.domainID
        case .domain(let domain): domain.id
        case .system, .unscoped: EmbeddedIdentity.defaultDomainID
        }
    }
}

extension IdentityStore {
    func existingProject(_ id: String) throws -> Project {
        guard let project = try project(id) else { throw IdentityFault.notFound("project", id) }
        return project
    }

    /// The domain that a body names.
    func givenDomain(_ id: String) throws -> Domain {
        guard let domain = try domain(id) else {
            throw IdentityFault.invalid("domain_id", value: id, allowed: "it must be the id of an existing domain")
        }
        return domain
    }

    fileprivate func requireFreeName(of project: Project) throws {
        guard let other = try self.project(.name(project.name, .id(project.domainID))), other.id != project.id else {
            return
        }
        throw IdentityFault.conflict(
            storing: "project",
            "it is not permitted to have two projects with the same name in the same domain: \(project.name)")
    }
}
