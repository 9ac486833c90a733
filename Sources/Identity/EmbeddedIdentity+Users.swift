// Use cases of users (Identity API v3 reference, "Users").

extension EmbeddedIdentity {
    /// What a client gives for a new user.
    public struct NewUser: Sendable {
        public var name: String
        /// `nil`: the domain of the caller's scope.
        public var domainID: String?
        /// `nil`: the user can't log in until a password is set.
        public var password: String?
        public var description: String?
        public var email: String?
        public var defaultProjectID: String?
        public var isEnabled: Bool

        public init(
            name: String, domainID: String? = nil, password: String? = nil, description: String? = nil,
            email: String? = nil, defaultProjectID: String? = nil, isEnabled: Bool = true
        ) {
            self.name = name
            self.domainID = domainID
            self.password = password
            self.description = description
            self.email = email
            self.defaultProjectID = defaultProjectID
            self.isEnabled = isEnabled
        }
    }

    /// What a client changes of a user.
    public struct UserChanges: Sendable {
        public var name: String?
        /// Null takes the password away.
        public var password: Patch<String> = .absent
        public var description: Patch<String> = .absent
        public var email: Patch<String> = .absent
        public var defaultProjectID: Patch<String> = .absent
        public var isEnabled: Bool?
        /// Must be what it is.
        public var domainID: String?

        public init() {}
    }

    /// All users that pass the filter.
    public func listUsers(_ filter: ResourceFilter, as caller: ValidatedToken) async throws -> [User] {
        try caller.requireAdministrator("list_users")
        return try await read { try $0.users() }.filter {
            filter.matches(id: $0.id, name: $0.name, domainID: $0.domainID, isEnabled: $0.isEnabled)
        }
    }

    /// One user: any for administrators, oneself for others.
    public func showUser(_ id: String, as caller: ValidatedToken) async throws -> User {
        try caller.requireAdministrator(orUser: id, "get_user")
        return try await read { try $0.existingUser(id) }
    }

    /// Makes a user.
    public func createUser(_ input: NewUser, as caller: ValidatedToken) async throws -> User {
        try caller.requireAdministrator("create_user")
        try FieldLimits.check(name: input.name, limit: FieldLimits.name)
        try FieldLimits.check(description: input.description)
        try FieldLimits.check(description: input.email, field: "email")
        try FieldLimits.check(description: input.defaultProjectID, field: "default_project_id")
        let hash = try await hash(input.password)
        let user = User(
            id: RandomValue.identifier(), domainID: input.domainID ?? caller.scopeDomainID, name: input.name,
            description: input.description, email: input.email, defaultProjectID: input.defaultProjectID,
            isEnabled: input.isEnabled)
        try await write { store in
            _ = try store.givenDomain(user.domainID)
            try store.requireFreeName(of: user)
            try store.insert(user, passwordHash: hash)
        }
        return user
    }

    /// Changes a user. A new password, and switching the user off, make the user's tokens void.
    public func updateUser(_ id: String, _ changes: UserChanges, as caller: ValidatedToken) async throws -> User {
        try caller.requireAdministrator("update_user")
        if let name = changes.name { try FieldLimits.check(name: name, limit: FieldLimits.name) }
        try FieldLimits.check(description: changes.description.applied(to: nil))
        try FieldLimits.check(description: changes.email.applied(to: nil), field: "email")
        try FieldLimits.check(description: changes.defaultProjectID.applied(to: nil), field: "default_project_id")
        let hash = try await hash(changes.password.applied(to: nil))
        return try await write { store in
            var user = try store.existingUser(id)
            try requireSameDomain(user.domainID, as: changes.domainID)
            user.name = changes.name ?? user.name
            user.description = changes.description.applied(to: user.description)
            user.email = changes.email.applied(to: user.email)
            user.defaultProjectID = changes.defaultProjectID.applied(to: user.defaultProjectID)
            user.isEnabled = changes.isEnabled ?? user.isEnabled
            try store.requireFreeName(of: user)
            try store.update(user)
            if changes.password != .absent { try store.setPasswordHash(hash, ofUser: id) }
            if changes.password != .absent || changes.isEnabled == false { try store.revokeTokens(ofUser: id) }
            return user
        }
    }

    /// Changes a user's password for whoever knows the present one; no token is needed, as in Keystone.
    ///
    /// - Throws: ``IdentityFault/unauthorized`` when the present password is wrong or the user does not exist.
    public func changePassword(ofUser id: String, from original: String, to password: String) async throws {
        try FieldLimits.check(password: password)
        let account = try await read { try $0.account(.id(id)) }
        let isRight = try await passwords.verify(original, against: account?.passwordHash)
        guard isRight, let account, account.isUsable else { throw IdentityFault.unauthorized }
        let hash = try await passwords.hash(password)
        try await write { store in
            // Another change may have come first: then the original is not the present password any more.
            guard try store.account(.id(id))?.passwordHash == account.passwordHash else {
                throw IdentityFault.unauthorized
            }
            try store.setPasswordHash(hash, ofUser: id)
            try store.revokeTokens(ofUser: id)
        }
    }

    /// Deletes a user with its role assignments and application credentials.
    public func deleteUser(_ id: String, as caller: ValidatedToken) async throws {
        try caller.requireAdministrator("delete_user")
        try await write { store in
            _ = try store.existingUser(id)
            try store.deleteUser(id)
        }
    }

    private func hash(_ password: String?) async throws -> String? {
        guard let password else { return nil }
        try FieldLimits.check(password: password)
        return try await passwords.hash(password)
    }
}

extension IdentityStore {
    func existingUser(_ id: String) throws -> User {
        guard let user = try user(id) else { throw IdentityFault.notFound("user", id) }
        return user
    }

    fileprivate func requireFreeName(of user: User) throws {
        guard let other = try account(.name(user.name, .id(user.domainID))), other.user.id != user.id else { return }
        throw IdentityFault.conflict(
            storing: "user", "it is not permitted to have two users with the same name in the same domain: \(user.name)"
        )
    }
}
