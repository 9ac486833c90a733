// Projects (Identity API v3 reference, "Projects").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON

extension RouteBuilder {
    /// `/v3/projects`, `/v3/auth/projects` and `/v3/users/{user_id}/projects`.
    mutating func addProjectRoutes() {
        let identity = identity
        on(.get, "/v3/auth/projects") { request, _, caller in
            let projects = try await identity.listOwnProjects(as: caller)
            return .list("projects", projects, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.get, "/v3/users/{user_id}/projects") { request, parameters, caller in
            let projects = try await identity.listProjects(
                ofUser: parameters["user_id"], try request.resourceFilter(), as: caller)
            return .list("projects", projects, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.get, "/v3/projects") { request, _, caller in
            var projects = try await identity.listProjects(try request.resourceFilter(), as: caller)
            if let parentID = request.queryValue("parent_id") { projects.removeAll { $0.domainID != parentID } }
            // Projects that act as domains are not listed: the domains have their own list.
            if try request.queryFlag("is_domain") { projects.removeAll() }
            return .list("projects", projects, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.post, "/v3/projects") { request, _, caller in
            let fields = try RequestFields(request, key: "project")
            guard try fields.optionalBool("is_domain") != true else {
                throw IdentityFault.invalid(
                    fields.fullName("is_domain"), value: "true",
                    allowed: "it must be false; domains are made with POST /v3/domains")
            }
            let input = EmbeddedIdentity.NewProject(
                name: try fields.string("name"), domainID: try fields.optionalString("domain_id"),
                parentID: try fields.optionalString("parent_id"),
                description: try fields.optionalString("description") ?? "",
                isEnabled: try fields.optionalBool("enabled") ?? true,
                tags: try fields.optionalStrings("tags") ?? [])
            let project = try await identity.createProject(input, as: caller)
            return .json(.created) { $0.objectMember("project") { project.write(to: &$0, Links(request)) } }
        }
        on(.get, "/v3/projects/{project_id}") { request, parameters, caller in
            let project = try await identity.showProject(parameters["project_id"], as: caller)
            return .json { $0.objectMember("project") { project.write(to: &$0, Links(request)) } }
        }
        on(.patch, "/v3/projects/{project_id}") { request, parameters, caller in
            let fields = try RequestFields(request, key: "project")
            let changes = EmbeddedIdentity.ProjectChanges(
                name: try fields.nonNullString("name"), description: try fields.patchedDescription(),
                isEnabled: try fields.optionalBool("enabled"), tags: try fields.optionalStrings("tags"),
                domainID: try fields.optionalString("domain_id"))
            let project = try await identity.updateProject(parameters["project_id"], changes, as: caller)
            return .json { $0.objectMember("project") { project.write(to: &$0, Links(request)) } }
        }
        on(.delete, "/v3/projects/{project_id}") { _, parameters, caller in
            try await identity.deleteProject(parameters["project_id"], as: caller)
            return .empty(.noContent)
        }
    }
}

extension Project {
    fileprivate func write(to writer: inout JSONWriter, _ links: Links) {
        writer.member("id", id)
        writer.member("name", name)
        writer.member("domain_id", domainID)
        writer.member("description", description)
        writer.member("enabled", isEnabled)
        writer.member("parent_id", domainID)
        writer.member("is_domain", false)
        writer.member("tags", strings: tags)
        writer.objectMember("options") { _ in }
        writer.selfLink(links.url("projects", id))
    }
}
