// Use cases of domains (Identity API v3 reference, "Domains").

extension EmbeddedIdentity {
    /// What a client gives for a new domain.
    public struct NewDomain: Sendable {
        public var name: String
        public var description: String
        public var isEnabled: Bool

        public init(name: String, description: String = "", isEnabled: Bool = true) {
            self.name = name
            self.description = description
            self.isEnabled = isEnabled
        }
    }

    /// What a client changes of a domain; `nil` keeps.
    public struct DomainChanges: Sendable {
        public var name: String?
        public var description: String?
        public var isEnabled: Bool?

        public init(name: String? = nil, description: String? = nil, isEnabled: Bool? = nil) {
            self.name = name
            self.description = description
            self.isEnabled = isEnabled
        }
    }

    /// All domains that pass the filter.
    public func listDomains(_ filter: ResourceFilter, as caller: ValidatedToken) async throws -> [Domain] {
        try caller.requireAdministrator("list_domains")
        return try await read { try $0.domains() }.filter {
            filter.matches(id: $0.id, name: $0.name, domainID: nil, isEnabled: $0.isEnabled)
        }
    }

    /// One domain: any for administrators, one's own for others.
    public func showDomain(_ id: String, as caller: ValidatedToken) async throws -> Domain {
        let domain = try await read { try $0.existingDomain(id) }
        let own: Set<String?> = [caller.user.domainID, caller.project?.domainID]
        guard caller.isAdministrator || own.contains(domain.id) else {
            throw IdentityFault.forbidden(action: "identity:get_domain")
        }
        return domain
    }

    /// Makes a domain.
    public func createDomain(_ input: NewDomain, as caller: ValidatedToken) async throws -> Domain {
        try caller.requireAdministrator("create_domain")
        try FieldLimits.check(name: input.name, limit: FieldLimits.shortName)
        try FieldLimits.check(description: input.description)
        let domain = Domain(
            id: RandomValue.identifier(), name: input.name, description: input.description, isEnabled: input.isEnabled)
        try await write { store in
            try store.requireFreeName(of: domain)
            try store.insert(domain)
        }
        return domain
    }

    /// Changes a domain.
    public func updateDomain(
        _ id: String, _ changes: DomainChanges, as caller: ValidatedToken
    ) async throws -> Domain {
        try caller.requireAdministrator("update_domain")
        if let name = changes.name { try FieldLimits.check(name: name, limit: FieldLimits.shortName) }
        try FieldLimits.check(description: changes.description)
        return try await write { store in
            var domain = try store.existingDomain(id)
            domain.name = changes.name ?? domain.name
            domain.description = changes.description ?? domain.description
            domain.isEnabled = changes.isEnabled ?? domain.isEnabled
            try store.requireFreeName(of: domain)
            try store.update(domain)
            return domain
        }
    }

    /// Deletes a disabled domain with all that is in it.
    ///
    /// - Throws: ``IdentityFault`` with 403 for an enabled domain and for the default one.
    public func deleteDomain(_ id: String, as caller: ValidatedToken) async throws {
        try caller.requireAdministrator("delete_domain")
        try await write { store in
            let domain = try store.existingDomain(id)
            guard domain.id != Self.defaultDomainID else {
                throw IdentityFault.forbidden("Cannot delete the default domain.")
            }
            guard !domain.isEnabled else {
                throw IdentityFault.forbidden("Cannot delete a domain that is enabled, please disable it first.")
            }
            try store.deleteDomain(id)
        }
    }

    /// The domains on which the caller's user has a role.
    public func listOwnDomains(as caller: ValidatedToken) async throws -> [Domain] {
        try await read { store in
            let ids = Set(
                try store.assignments(ofUser: caller.user.id).compactMap { assignment -> String? in
                    guard case .domain(let id) = assignment.target else { return nil }
                    return id
                })
            return try store.domains().filter { ids.contains($0.id) && $0.isEnabled }
        }
    }
}

extension IdentityStore {
    func existingDomain(_ id: String) throws -> Domain {
        guard let domain = try domain(id) else { throw IdentityFault.notFound("domain", id) }
        return domain
    }

    fileprivate func requireFreeName(of domain: Domain) throws {
        guard let other = try self.domain(.name(domain.name)), other.id != domain.id else { return }
        throw IdentityFault.conflict(
            storing: "domain", "it is not permitted to have two domains with the same name: \(domain.name)")
    }
}
