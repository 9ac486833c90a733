// Users (Identity API v3 reference, "Users").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON

extension RouteBuilder {
    /// `/v3/users`.
    mutating func addUserRoutes() {
        let identity = identity
        on(.get, "/v3/users") { request, _, caller in
            let users = try await identity.listUsers(try request.resourceFilter(), as: caller)
            return .list("users", users, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.post, "/v3/users") { request, _, caller in
            let fields = try RequestFields(request, key: "user")
            let input = EmbeddedIdentity.NewUser(
                name: try fields.string("name"), domainID: try fields.optionalString("domain_id"),
                password: try fields.optionalString("password"),
                description: try fields.optionalString("description"), email: try fields.optionalString("email"),
                defaultProjectID: try fields.optionalString("default_project_id"),
                isEnabled: try fields.optionalBool("enabled") ?? true)
            let user = try await identity.createUser(input, as: caller)
            return .json(.created) { $0.objectMember("user") { user.write(to: &$0, Links(request)) } }
        }
        on(.get, "/v3/users/{user_id}") { request, parameters, caller in
            let user = try await identity.showUser(parameters["user_id"], as: caller)
            return .json { $0.objectMember("user") { user.write(to: &$0, Links(request)) } }
        }
        on(.patch, "/v3/users/{user_id}") { request, parameters, caller in
            let fields = try RequestFields(request, key: "user")
            var changes = EmbeddedIdentity.UserChanges()
            changes.name = try fields.nonNullString("name")
            changes.password = try fields.patch("password")
            changes.description = try fields.patch("description")
            changes.email = try fields.patch("email")
            changes.defaultProjectID = try fields.patch("default_project_id")
            changes.isEnabled = try fields.optionalBool("enabled")
            changes.domainID = try fields.optionalString("domain_id")
            let user = try await identity.updateUser(parameters["user_id"], changes, as: caller)
            return .json { $0.objectMember("user") { user.write(to: &$0, Links(request)) } }
        }
        on(.delete, "/v3/users/{user_id}") { _, parameters, caller in
            try await identity.deleteUser(parameters["user_id"], as: caller)
            return .empty(.noContent)
        }
        open(.post, "/v3/users/{user_id}/password") { request, parameters in
            let fields = try RequestFields(request, key: "user")
            try await identity.changePassword(
                ofUser: parameters["user_id"], from: try fields.string("original_password"),
                to: try fields.string("password"))
            return .empty(.noContent)
        }
    }
}

extension User {
    fileprivate func write(to writer: inout JSONWriter, _ links: Links) {
        writer.member("id", id)
        writer.member("name", name)
        writer.member("domain_id", domainID)
        writer.member("enabled", isEnabled)
        writer.member("description", description)
        writer.member("email", email)
        writer.member("default_project_id", defaultProjectID)
        writer.nullMember("password_expires_at")
        writer.objectMember("options") { _ in }
        writer.selfLink(links.url("users", id))
    }
}
