// What the first start makes.

extension EmbeddedIdentity {
    /// The id of the domain `Default`.
    public static let defaultDomainID = "default"

    /// What ``bootstrap(adminPassword:demoPassword:)`` did.
    public struct BootstrapOutcome: Sendable, Hashable {
        /// Whether the database was new.
        public var isFirstStart: Bool
        /// The present password of `admin`, if it was set now; only then it is known.
        public var adminPassword: String?
        /// The present password of `demo`, if it was set now.
        public var demoPassword: String?
        /// Ids of the projects by which the first networks and the configuration files are made; `nil` when an
        /// administrator has deleted the project.
        public var adminProjectID: String?
        public var demoProjectID: String?
    }

    /// Makes sure that the service can be used: at first start the domain `Default` with projects and users `admin` and
    /// `demo`, at every start the well-known roles and a signing key.
    ///
    /// Passwords that are given replace different ones and bring back a deleted account; without one the first start
    /// generates it. Nothing else that an administrator has changed is touched, so calling it again is harmless.
    ///
    /// - Throws: ``IdentityFault`` when a password is longer than 4096 bytes, ``DatabaseFault``.
    public func bootstrap(adminPassword: String?, demoPassword: String?) async throws -> BootstrapOutcome {
        let seeds = [
            Seed(name: "admin", role: "admin", isAdministrator: true, wantedPassword: adminPassword),
            Seed(name: "demo", role: "member", isAdministrator: false, wantedPassword: demoPassword),
        ]
        let isFirstStart = try await read { try $0.domain(Self.defaultDomainID) == nil }
        var prepared: [PreparedSeed] = []
        for seed in seeds {
            if let next = try await prepare(seed, isFirstStart: isFirstStart) { prepared.append(next) }
        }
        // One transaction, so that a start that is cut short leaves a database that still counts as new.
        var outcome = try await write { [prepared] in try $0.plant(prepared) }
        let domain = DomainReference.id(Self.defaultDomainID)
        (outcome.adminProjectID, outcome.demoProjectID) = try await read { store in
            (try store.project(.name("admin", domain))?.id, try store.project(.name("demo", domain))?.id)
        }
        _ = try await keys.current(now: now())
        return outcome
    }

    /// Hashes the password of an account that needs one; `nil` when there is nothing to do.
    private func prepare(_ seed: Seed, isFirstStart: Bool) async throws -> PreparedSeed? {
        guard isFirstStart || seed.wantedPassword != nil else { return nil }
        let password = seed.wantedPassword ?? RandomValue.secret(byteCount: 18)
        try FieldLimits.check(password: password, field: "password of \(seed.name)")
        let existing = try await read { try $0.account(.name(seed.name, .id(Self.defaultDomainID))) }
        if let existing, try await passwords.verify(password, against: existing.passwordHash) { return nil }
        return PreparedSeed(seed: seed, password: password, hash: try await passwords.hash(password))
    }
}

/// One of the two accounts of the first start.
private struct Seed: Sendable {
    var name: String
    var role: String
    /// Whether the account rules the system and the domain too.
    var isAdministrator: Bool
    /// What the caller wants the password to be; `nil`: a generated one at first, later whatever it is.
    var wantedPassword: String?
}

/// An account whose password is to be set.
private struct PreparedSeed: Sendable {
    var seed: Seed
    var password: String
    var hash: String
}

extension IdentityStore {
    /// Makes what is missing and sets the passwords.
    fileprivate func plant(_ prepared: [PreparedSeed]) throws -> EmbeddedIdentity.BootstrapOutcome {
        let domainID = EmbeddedIdentity.defaultDomainID
        let existing = Set(try roles().map(\.name))
        for name in Role.initialNames where !existing.contains(name) {
            try insert(Role(id: RandomValue.identifier(), name: name))
        }
        var outcome = EmbeddedIdentity.BootstrapOutcome(isFirstStart: try domain(domainID) == nil)
        if outcome.isFirstStart {
            try insert(Domain(id: domainID, name: "Default", description: "The default domain"))
        }
        for next in prepared {
            if let account = try account(.name(next.seed.name, .id(domainID))) {
                // A generated password must not replace what another process has set since we looked.
                guard next.seed.wantedPassword != nil else { continue }
                try setPasswordHash(next.hash, ofUser: account.user.id)
                try revokeTokens(ofUser: account.user.id)
            } else {
                try createAccount(next.seed, passwordHash: next.hash)
            }
            if next.seed.name == "admin" {
                outcome.adminPassword = next.password
            } else {
                outcome.demoPassword = next.password
            }
        }
        return outcome
    }

    /// A user and a project of the same name in the default domain.
    private func createAccount(_ seed: Seed, passwordHash: String) throws {
        let domainID = EmbeddedIdentity.defaultDomainID
        let user = User(id: RandomValue.identifier(), domainID: domainID, name: seed.name)
        try insert(user, passwordHash: passwordHash)
        let project: Project
        if let existing = try self.project(.name(seed.name, .id(domainID))) {
            project = existing
        } else {
            project = Project(id: RandomValue.identifier(), domainID: domainID, name: seed.name)
            try insert(project)
        }
        guard let role = try roles().first(where: { $0.name == seed.role }) else { return }
        let targets: [AssignmentTarget] =
            [.project(project.id)] + (seed.isAdministrator ? [.domain(domainID), .system] : [])
        for target in targets { try assign(RoleAssignment(userID: user.id, roleID: role.id, target: target)) }
    }
}
