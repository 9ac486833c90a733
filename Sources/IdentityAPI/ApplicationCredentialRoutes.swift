// Application credentials (Identity API v3 reference, "Application Credentials").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON
internal import LoadBalancing

extension RouteBuilder {
    /// `/v3/users/{user_id}/application_credentials`.
    mutating func addApplicationCredentialRoutes() {
        let identity = identity
        let pattern = "/v3/users/{user_id}/application_credentials"
        on(.get, pattern) { request, parameters, caller in
            let credentials = try await identity.listApplicationCredentials(
                ofUser: parameters["user_id"], name: request.queryValue("name"), as: caller)
            return .list("application_credentials", credentials, for: request) {
                $1.write(to: &$0, secret: nil, Links(request))
            }
        }
        on(.post, pattern) { request, parameters, caller in
            let fields = try RequestFields(request, key: "application_credential")
            let made = try await identity.createApplicationCredential(
                ofUser: parameters["user_id"], try Self.newCredential(fields), as: caller)
            return .json(.created) { writer in
                writer.objectMember("application_credential") {
                    made.credential.write(to: &$0, secret: made.secret, Links(request))
                }
            }
        }
        on(.get, pattern + "/{credential_id}") { request, parameters, caller in
            let credential = try await identity.showApplicationCredential(
                parameters["credential_id"], ofUser: parameters["user_id"], as: caller)
            return .json { writer in
                writer.objectMember("application_credential") {
                    credential.write(to: &$0, secret: nil, Links(request))
                }
            }
        }
        on(.delete, pattern + "/{credential_id}") { _, parameters, caller in
            try await identity.deleteApplicationCredential(
                parameters["credential_id"], ofUser: parameters["user_id"], as: caller)
            return .empty(.noContent)
        }
    }

    private static func newCredential(_ fields: RequestFields) throws -> EmbeddedIdentity.NewApplicationCredential {
        // To ignore a restriction would be to grant more than was asked for.
        guard try fields.optionalObjects("access_rules")?.isEmpty ?? true else {
            throw IdentityFault.badRequest(
                "Invalid input for field '\(fields.fullName("access_rules"))': access rules are not supported.")
        }
        var expires: Timestamp?
        if let text = try fields.optionalString("expires_at") {
            guard let time = Timestamp(iso8601: text) else {
                throw IdentityFault.invalid(
                    fields.fullName("expires_at"), value: text,
                    allowed: "it must be a time in UTC such as 2030-01-31T12:00:00.000000")
            }
            expires = time
        }
        let roles = try fields.optionalObjects("roles")?.map { role -> RoleReference in
            if let id = try role.optionalString("id") { return .id(id) }
            return .name(try role.string("name"))
        }
        return EmbeddedIdentity.NewApplicationCredential(
            name: try fields.string("name"), description: try fields.optionalString("description"),
            secret: try fields.optionalString("secret"), roles: roles, expires: expires,
            isUnrestricted: try fields.optionalBool("unrestricted") ?? false)
    }
}

extension ApplicationCredential {
    /// - Parameter secret: shown once, when the credential is made.
    fileprivate func write(to writer: inout JSONWriter, secret: String?, _ links: Links) {
        writer.member("id", id)
        writer.member("name", name)
        writer.member("description", description)
        writer.member("user_id", userID)
        writer.member("project_id", projectID)
        writer.member("unrestricted", isUnrestricted)
        writer.member("expires_at", expires.map { String($0.iso8601Zulu.dropLast()) })
        writer.arrayMember("roles", roles) { writer, role in
            writer.object { writer in
                writer.member("id", role.id)
                writer.member("name", role.name)
                writer.nullMember("domain_id")
            }
        }
        writer.nullMember("system")
        if let secret { writer.member("secret", secret) }
        writer.selfLink(links.url("users", userID, "application_credentials", id))
    }
}
