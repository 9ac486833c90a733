// Tokens (Identity API v3 reference, "Authentication and token management").

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import JSON

extension RouteBuilder {
    /// `/v3/auth/tokens`.
    mutating func addTokenRoutes(catalog options: ServiceCatalog.Options) {
        let identity = identity
        open(.post, "/v3/auth/tokens") { request, _ in
            let issued = try await identity.authenticate(try AuthenticationRequest(request))
            return try issued.token.response(.created, text: issued.text, for: request, catalog: options)
        }
        on(.get, "/v3/auth/tokens") { request, _, caller in
            let text = try request.subjectToken
            let token = try await identity.showToken(text, as: caller)
            return try token.response(.ok, text: text, for: request, catalog: options)
        }
        on(.delete, "/v3/auth/tokens") { request, _, caller in
            try await identity.revokeToken(try request.subjectToken, as: caller)
            return .empty(.noContent).with("Vary", "X-Auth-Token")
        }
    }
}

extension APIRequest {
    /// The token that the request is about.
    fileprivate var subjectToken: String {
        get throws {
            guard let text = header("X-Subject-Token") else {
                throw IdentityFault.badRequest("The header 'X-Subject-Token' is missing; it must hold a token.")
            }
            return text
        }
    }
}

extension ValidatedToken {
    fileprivate func response(
        _ status: HTTPResponse.Status, text: String, for request: APIRequest, catalog options: ServiceCatalog.Options
    ) throws -> APIResponse {
        let catalog =
            try request.queryFlag("nocatalog")
            ? nil : ServiceCatalog(baseURL: request.baseURL, options: options)
        return APIResponse.json(status) { writer in
            writer.objectMember("token") { write(to: &$0, catalog: catalog) }
        }.with("X-Subject-Token", text).with("Vary", "X-Auth-Token")
    }
}
