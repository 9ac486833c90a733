// Roles (Identity API v3 reference, "Roles").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON

extension RouteBuilder {
    /// `/v3/roles`.
    mutating func addRoleRoutes() {
        let identity = identity
        on(.get, "/v3/roles") { request, _, caller in
            var roles = try await identity.listRoles(try request.resourceFilter(), as: caller)
            // No role belongs to a domain.
            if request.queryValue("domain_id").map({ !$0.isEmpty }) ?? false { roles.removeAll() }
            return .list("roles", roles, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.post, "/v3/roles") { request, _, caller in
            let fields = try RequestFields(request, key: "role")
            if let domainID = try fields.optionalString("domain_id") {
                throw IdentityFault.invalid(
                    fields.fullName("domain_id"), value: domainID, allowed: "it must be null: roles are global")
            }
            let role = try await identity.createRole(
                name: try fields.string("name"), description: try fields.optionalString("description"), as: caller)
            return .json(.created) { $0.objectMember("role") { role.write(to: &$0, Links(request)) } }
        }
        on(.get, "/v3/roles/{role_id}") { request, parameters, caller in
            let role = try await identity.showRole(parameters["role_id"], as: caller)
            return .json { $0.objectMember("role") { role.write(to: &$0, Links(request)) } }
        }
        on(.patch, "/v3/roles/{role_id}") { request, parameters, caller in
            let fields = try RequestFields(request, key: "role")
            let role = try await identity.updateRole(
                parameters["role_id"], name: try fields.nonNullString("name"),
                description: try fields.patch("description"), as: caller)
            return .json { $0.objectMember("role") { role.write(to: &$0, Links(request)) } }
        }
        on(.delete, "/v3/roles/{role_id}") { _, parameters, caller in
            try await identity.deleteRole(parameters["role_id"], as: caller)
            return .empty(.noContent)
        }
    }
}

extension Role {
    func write(to writer: inout JSONWriter, _ links: Links) {
        writer.member("id", id)
        writer.member("name", name)
        writer.nullMember("domain_id")
        writer.member("description", description)
        writer.objectMember("options") { _ in }
        writer.selfLink(links.url("roles", id))
    }
}
