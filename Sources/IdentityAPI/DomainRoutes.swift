// Domains (Identity API v3 reference, "Domains").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON

extension RouteBuilder {
    /// `/v3/domains` and `/v3/auth/domains`.
    mutating func addDomainRoutes() {
        let identity = identity
        on(.get, "/v3/auth/domains") { request, _, caller in
            let domains = try await identity.listOwnDomains(as: caller)
            return .list("domains", domains, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.get, "/v3/domains") { request, _, caller in
            let domains = try await identity.listDomains(try request.resourceFilter(), as: caller)
            return .list("domains", domains, for: request) { $1.write(to: &$0, Links(request)) }
        }
        on(.post, "/v3/domains") { request, _, caller in
            let fields = try RequestFields(request, key: "domain")
            let input = EmbeddedIdentity.NewDomain(
                name: try fields.string("name"), description: try fields.optionalString("description") ?? "",
                isEnabled: try fields.optionalBool("enabled") ?? true)
            let domain = try await identity.createDomain(input, as: caller)
            return .json(.created) { $0.objectMember("domain") { domain.write(to: &$0, Links(request)) } }
        }
        on(.get, "/v3/domains/{domain_id}") { request, parameters, caller in
            let domain = try await identity.showDomain(parameters["domain_id"], as: caller)
            return .json { $0.objectMember("domain") { domain.write(to: &$0, Links(request)) } }
        }
        on(.patch, "/v3/domains/{domain_id}") { request, parameters, caller in
            let fields = try RequestFields(request, key: "domain")
            let changes = EmbeddedIdentity.DomainChanges(
                name: try fields.nonNullString("name"), description: try fields.patchedDescription(),
                isEnabled: try fields.optionalBool("enabled"))
            let domain = try await identity.updateDomain(parameters["domain_id"], changes, as: caller)
            return .json { $0.objectMember("domain") { domain.write(to: &$0, Links(request)) } }
        }
        on(.delete, "/v3/domains/{domain_id}") { _, parameters, caller in
            try await identity.deleteDomain(parameters["domain_id"], as: caller)
            return .empty(.noContent)
        }
    }
}

extension RequestFields {
    /// The description in an update of a domain or project, where null means the empty text.
    func patchedDescription() throws -> String? {
        switch try patch("description") {
        case .absent: nil
        case .null: ""
        case .value(let text): text
        }
    }
}

extension Domain {
    fileprivate func write(to writer: inout JSONWriter, _ links: Links) {
        writer.member("id", id)
        writer.member("name", name)
        writer.member("description", description)
        writer.member("enabled", isEnabled)
        writer.member("tags", strings: [])
        writer.objectMember("options") { _ in }
        writer.selfLink(links.url("domains", id))
    }
}
