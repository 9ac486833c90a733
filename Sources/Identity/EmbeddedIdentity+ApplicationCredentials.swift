// Use cases of application credentials (Identity API v3 reference, "Application Credentials").

public import LoadBalancing

extension EmbeddedIdentity {
    /// What a client gives for a new application credential.
    public struct NewApplicationCredential: Sendable {
        public var name: String
        public var description: String?
        /// `nil`: a generated one.
        public var secret: String?
        /// `nil` or empty: all roles of the token with which the credential is made.
        public var roles: [RoleReference]?
        public var expires: Timestamp?
        public var isUnrestricted: Bool

        public init(
            name: String, description: String? = nil, secret: String? = nil, roles: [RoleReference]? = nil,
            expires: Timestamp? = nil, isUnrestricted: Bool = false
        ) {
            self.name = name
            self.description = description
            self.secret = secret
            self.roles = roles
            self.expires = expires
            self.isUnrestricted = isUnrestricted
        }
    }

    /// Makes an application credential for the project of the caller's token; the secret can't be read again.
    ///
    /// - Throws: ``IdentityFault``: 403 for another user's and with a token of a restricted credential, 400 for a role
    ///   that the token does not have.
    public func createApplicationCredential(
        ofUser userID: String, _ input: NewApplicationCredential, as caller: ValidatedToken
    ) async throws -> (credential: ApplicationCredential, secret: String) {
        guard caller.user.id == userID else {
            throw IdentityFault.forbidden(action: "identity:create_application_credential")
        }
        try caller.requireUnrestricted("create_application_credential")
        guard let project = caller.project else {
            throw IdentityFault.badRequest("A project-scoped token is required to create an application credential.")
        }
        try FieldLimits.check(name: input.name, limit: FieldLimits.name)
        try FieldLimits.check(description: input.description)
        if let secret = input.secret { try FieldLimits.check(password: secret, field: "secret") }
        if let expires = input.expires, expires <= now() {
            throw IdentityFault.invalid(
                "expires_at", value: expires.iso8601Zulu, allowed: "it must be a time in the future")
        }
        let credential = ApplicationCredential(
            id: RandomValue.identifier(), userID: userID, projectID: project.id, name: input.name,
            description: input.description, isUnrestricted: input.isUnrestricted, expires: input.expires,
            roles: try roles(input.roles ?? [], of: caller))
        let secret = input.secret ?? RandomValue.secret(byteCount: 64)
        let hash = try await passwords.hash(secret)
        try await write { store in
            _ = try store.existingUser(userID)
            _ = try store.existingProject(project.id)
            guard try !store.applicationCredentials(ofUser: userID).contains(where: { $0.name == credential.name })
            else {
                throw IdentityFault.conflict(
                    storing: "application_credential",
                    "it is not permitted to have two application credentials with the same name: \(credential.name)")
            }
            try store.insert(credential, secretHash: hash)
        }
        return (credential, secret)
    }

    /// The application credentials of a user: one's own, or anybody's for administrators.
    public func listApplicationCredentials(
        ofUser userID: String, name: String? = nil, as caller: ValidatedToken
    ) async throws -> [ApplicationCredential] {
        try caller.requireAdministrator(orUser: userID, "list_application_credentials")
        return try await read { store in
            _ = try store.existingUser(userID)
            return try store.applicationCredentials(ofUser: userID)
        }.filter { name == nil || name == $0.name }
    }

    /// One application credential: one's own, or anybody's for administrators.
    public func showApplicationCredential(
        _ id: String, ofUser userID: String, as caller: ValidatedToken
    ) async throws -> ApplicationCredential {
        try caller.requireAdministrator(orUser: userID, "get_application_credential")
        return try await read { try $0.existingApplicationCredential(id, ofUser: userID) }
    }

    /// Deletes an application credential and makes its tokens void.
    public func deleteApplicationCredential(
        _ id: String, ofUser userID: String, as caller: ValidatedToken
    ) async throws {
        try caller.requireAdministrator(orUser: userID, "delete_application_credential")
        try caller.requireUnrestricted("delete_application_credential")
        try await write { store in
            _ = try store.existingApplicationCredential(id, ofUser: userID)
            try store.deleteApplicationCredential(id)
        }
    }

    /// The roles that a body names, each of which the caller must have.
    private func roles(_ references: [RoleReference], of caller: ValidatedToken) throws -> [Role] {
        if references.isEmpty { return caller.roles }
        var roles: [Role] = []
        for reference in references {
            let (found, text) =
                switch reference {
                case .id(let id): (caller.roles.first { $0.id == id }, id)
                case .name(let name): (caller.roles.first { $0.name == name }, name)
                }
            guard let found else {
                let names = caller.roles.map(\.name).joined(separator: ", ")
                throw IdentityFault.invalid("roles", value: text, allowed: "the token has the roles \(names)")
            }
            if !roles.contains(found) { roles.append(found) }
        }
        return roles
    }
}

extension IdentityStore {
    fileprivate func existingApplicationCredential(
        _ id: String, ofUser userID: String
    ) throws -> ApplicationCredential {
        guard let credential = try applicationCredential(id), credential.userID == userID else {
            throw IdentityFault.notFound("application_credential", id)
        }
        return credential
    }
}
