// Role assignments (Identity API v3 reference, "Roles").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON

extension RouteBuilder {
    /// The roles of users on projects, domains and the system, and `/v3/role_assignments`.
    mutating func addAssignmentRoutes() {
        addGrantRoutes(below: "/v3/projects/{project_id}") { .project($0["project_id"]) }
        addGrantRoutes(below: "/v3/domains/{domain_id}") { .domain($0["domain_id"]) }
        addGrantRoutes(below: "/v3/system") { _ in .system }

        let identity = identity
        on(.get, "/v3/role_assignments") { request, _, caller in
            let filter = try request.assignmentFilter()
            var assignments = try await identity.listAssignments(filter, as: caller)
            // There are no groups.
            if request.queryValue("group.id") != nil { assignments.removeAll() }
            let withNames = try request.queryFlag("include_names")
            return .list("role_assignments", assignments, for: request) { writer, assignment in
                assignment.write(to: &writer, withNames: withNames, Links(request))
            }
        }
    }

    private mutating func addGrantRoutes(
        below root: String, target: @escaping @Sendable (PathParameters) -> AssignmentTarget
    ) {
        let identity = identity
        let pattern = "\(root)/users/{user_id}/roles"
        let assignment: @Sendable (PathParameters) -> RoleAssignment = { parameters in
            RoleAssignment(
                userID: parameters["user_id"], roleID: parameters["role_id"], target: target(parameters))
        }
        on(.get, pattern) { request, parameters, caller in
            let roles = try await identity.listRoles(
                ofUser: parameters["user_id"], on: target(parameters), as: caller)
            return .list("roles", roles, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.get, pattern + "/{role_id}") { _, parameters, caller in
            try await identity.checkAssignment(assignment(parameters), as: caller)
            return .empty(.noContent)
        }
        on(.put, pattern + "/{role_id}") { _, parameters, caller in
            try await identity.assign(assignment(parameters), as: caller)
            return .empty(.noContent)
        }
        on(.delete, pattern + "/{role_id}") { _, parameters, caller in
            try await identity.unassign(assignment(parameters), as: caller)
            return .empty(.noContent)
        }
    }
}

extension APIRequest {
    fileprivate func assignmentFilter() throws -> EmbeddedIdentity.AssignmentFilter {
        var filter = EmbeddedIdentity.AssignmentFilter(
            userID: queryValue("user.id"), roleID: queryValue("role.id"), isEffective: try queryFlag("effective"))
        let targets: [AssignmentTarget?] = [
            queryValue("scope.project.id").map { .project($0) }, queryValue("scope.domain.id").map { .domain($0) },
            queryValue("scope.system").map { _ in .system },
        ]
        let given = targets.compactMap { $0 }
        guard given.count <= 1 else {
            throw IdentityFault.badRequest(
                "Only one of 'scope.project.id', 'scope.domain.id' and 'scope.system' is allowed.")
        }
        filter.target = given.first
        return filter
    }
}

extension EmbeddedIdentity.NamedAssignment {
    fileprivate func write(to writer: inout JSONWriter, withNames: Bool, _ links: Links) {
        writer.objectMember("role") { writer in
            writer.member("id", role.id)
            if withNames { writer.member("name", role.name) }
        }
        writer.objectMember("user") { writer in
            writer.member("id", user.id)
            guard withNames else { return }
            writer.member("name", user.name)
            writer.objectMember("domain") { userDomain.writeReference(to: &$0) }
        }
        writer.objectMember("scope") { writer in
            switch assignment.target {
            case .project(let id):
                writer.objectMember("project") { writer in
                    writer.member("id", id)
                    guard withNames, let project else { return }
                    writer.member("name", project.project.name)
                    writer.objectMember("domain") { project.domain.writeReference(to: &$0) }
                }
            case .domain(let id):
                writer.objectMember("domain") { writer in
                    writer.member("id", id)
                    if withNames { writer.member("name", domain?.name) }
                }
            case .system:
                writer.objectMember("system") { $0.member("all", true) }
            }
        }
        writer.objectMember("links") { $0.member("assignment", address(links)) }
    }

    private func address(_ links: Links) -> String {
        switch assignment.target {
        case .project(let id): links.url("projects", id, "users", user.id, "roles", role.id)
        case .domain(let id): links.url("domains", id, "users", user.id, "roles", role.id)
        case .system: links.url("system", "users", user.id, "roles", role.id)
        }
    }
}
