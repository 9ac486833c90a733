// Who calls.

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import KeyManager
internal import LoadBalancing

/// Turns the token of a request into the access that it gives.
struct AccessGate: Sendable {
    let tokens: any TokenValidator

    func access(of request: APIRequest) async throws -> KeyManagerAccess {
        guard let token = request.header("X-Auth-Token"), !token.isEmpty,
            let subject = try await tokens.subject(ofToken: token)
        else { throw AuthenticationRequired(baseURL: request.baseURL) }
        let texts = request.path + request.query.flatMap { [$0.name, $0.value] }
        guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw KeyManagerFault(.invalid, "The URL contains the character U+0000.")
        }
        return .user(id: subject.userID, projectID: subject.projectID, roles: subject.roles)
    }
}

/// A request of a known caller.
struct Call: Sendable {
    let request: APIRequest
    let parameters: PathParameters
    let access: KeyManagerAccess
    let version: Microversion

    /// Below which all references stand.
    var base: String { "\(request.baseURL)/key-manager/v1" }

    /// The identifier in the path.
    func id(_ resource: KeyResource) throws(KeyManagerFault) -> ResourceID {
        guard let id = ResourceID(parameters["id"]) else { throw .invalidIdentifier(resource) }
        return id
    }

    /// The URL of a secret or container.
    func url(_ resource: KeyResource, _ id: ResourceID) -> String { KeyReference(resource, id).url(below: base) }
}

/// Collects the routes.
struct RouteBuilder {
    let manager: EmbeddedKeyManager
    let gate: AccessGate
    var routes = RouteTable()

    init(manager: EmbeddedKeyManager, gate: AccessGate) {
        self.manager = manager
        self.gate = gate
    }

    /// Adds a route that needs a valid token.
    mutating func on(
        _ method: HTTPRequest.Method, _ pattern: String,
        _ handler: @escaping @Sendable (EmbeddedKeyManager, Call) async throws -> APIResponse
    ) {
        routes.on(method, pattern) { [manager, gate] request, parameters in
            let access = try await gate.access(of: request)
            let version = try Microversion(request)
            let call = Call(request: request, parameters: parameters, access: access, version: version)
            return version.mark(try await handler(manager, call))
        }
    }
}
