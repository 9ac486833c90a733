// Logging in.

internal import JSON

/// Gets tokens from Keystone.
struct Keystone: Sendable {
    let transport: HTTPTransport
    let configuration: CloudConfiguration

    /// Logs in.
    ///
    /// - Throws: ``CloudError``: ``CloudError/Code/unauthorized`` for wrong credentials.
    func logIn() async throws -> Token {
        let base = try await versionedURL()
        if case .token(let secret, scope: .unscoped) = configuration.credentials {
            return try await look(at: secret, base)
        }
        let call = HTTPCall(
            method: "POST", url: "\(base)/auth/tokens",
            headers: [("Accept", "application/json"), ("Content-Type", "application/json")],
            body: Self.body(configuration.credentials))
        let answer = try await transport.send(call)
        guard answer.status == 201 || answer.status == 200 else { throw Self.refusal(answer, call) }
        guard let token = answer.header("X-Subject-Token") else {
            throw CloudError(.unexpectedAnswer, "\(call.url) answered without a token: is it Keystone?")
        }
        return try Token(value: Secret(token), body: answer.body)
    }

    /// Ends a token.
    func revoke(_ token: Secret) async throws {
        let call = HTTPCall(
            method: "DELETE", url: "\(try await versionedURL())/auth/tokens",
            headers: [("X-Auth-Token", token.revealed), ("X-Subject-Token", token.revealed)])
        let answer = try await transport.send(call)
        guard answer.status == 204 || answer.status == 404 else { throw FaultReader.error(answer, call) }
    }

    /// What a token that somebody else got stands for.
    private func look(at token: Secret, _ base: String) async throws -> Token {
        let call = HTTPCall(
            method: "GET", url: "\(base)/auth/tokens",
            headers: [
                ("Accept", "application/json"), ("X-Auth-Token", token.revealed), ("X-Subject-Token", token.revealed),
            ])
        let answer = try await transport.send(call)
        guard answer.status == 200 || answer.status == 203 else { throw Self.refusal(answer, call) }
        return try Token(value: token, body: answer.body)
    }

    private static func refusal(_ answer: HTTPAnswer, _ call: HTTPCall) -> CloudError {
        var error = FaultReader.error(answer, call)
        switch answer.status {
        case 401: error.message = "the login was refused: \(error.message)"
        case 404:
            error.code = .invalidConfiguration
            error.message = "\(call.url) is not there: check auth_url"
        default: break
        }
        return error
    }

    // MARK: Finding the API

    /// The URL that ends in `/v3`: as configured, or as Keystone's list of versions says.
    private func versionedURL() async throws -> String {
        let url = URLText(configuration.authURL)
        if url.lastSegment == "v3" { return url.string }
        let call = HTTPCall(method: "GET", url: url.string + "/", headers: [("Accept", "application/json")])
        let answer = try await transport.send(call)
        guard answer.status == 200 || answer.status == 300, let json = try? JSONValue(parsing: answer.body),
            let versions = json["versions"]?["values"]?.array ?? json["version"].map({ [$0] })
        else {
            // Some deployments hide the list behind a proxy but serve the API.
            return url.withoutVersion.string + "/v3"
        }
        for version in versions where version["id"]?.string?.hasPrefix("v3") == true {
            for link in version["links"]?.array ?? [] where link["rel"]?.string == "self" {
                if let reference = link["href"]?.string, URLText(reference).isComplete {
                    return URLText(reference).string
                }
            }
        }
        throw CloudError(.invalidConfiguration, "\(url.string) does not serve version 3 of the Identity API")
    }

    // MARK: The request

    private static func body(_ credentials: Credentials) -> [UInt8] {
        var auth: [String: JSONValue] = [:]
        switch credentials {
        case .password(let user, let password, let scope):
            var who = fields(user)
            who["password"] = .string(password.revealed)
            auth["identity"] = ["methods": ["password"], "password": ["user": .object(who)]]
            auth["scope"] = fields(scope)
        case .token(let token, let scope):
            auth["identity"] = ["methods": ["token"], "token": ["id": .string(token.revealed)]]
            auth["scope"] = fields(scope)
        case .applicationCredential(let reference, let secret):
            var credential: [String: JSONValue] = ["secret": .string(secret.revealed)]
            switch reference {
            case .id(let id): credential["id"] = .string(id)
            case .name(let name, let user):
                credential["name"] = .string(name)
                credential["user"] = .object(fields(user))
            }
            auth["identity"] = [
                "methods": ["application_credential"], "application_credential": .object(credential),
            ]
        case .endpoints: break
        }
        return JSONWriter.bytes(of: JSONValue.object(["auth": .object(auth)]))
    }

    private static func fields(_ user: UserReference) -> [String: JSONValue] {
        switch user {
        case .id(let id): ["id": .string(id)]
        case .name(let name, let domain): ["name": .string(name), "domain": fields(domain)]
        }
    }

    private static func fields(_ domain: DomainReference) -> JSONValue {
        switch domain {
        case .id(let id): ["id": .string(id)]
        case .name(let name): ["name": .string(name)]
        }
    }

    private static func fields(_ scope: TokenScope) -> JSONValue? {
        switch scope {
        case .project(.id(let id)): ["project": ["id": .string(id)]]
        case .project(.name(let name, let domain)):
            ["project": ["name": .string(name), "domain": fields(domain)]]
        case .domain(let domain): ["domain": fields(domain)]
        case .system: ["system": ["all": true]]
        case .trust(let id): ["OS-TRUST:trust": ["id": .string(id)]]
        case .unscoped: nil
        }
    }
}
