// What all routes of the Identity API have in common.

internal import HTTPService
internal import HTTPTypes
internal import Identity

/// Collects routes, giving each HEAD, authentication and faults.
struct RouteBuilder {
    /// A handler that knows who is calling.
    typealias Handler = @Sendable (APIRequest, PathParameters, ValidatedToken) async throws -> APIResponse

    let identity: EmbeddedIdentity
    private(set) var table = RouteTable()

    init(identity: EmbeddedIdentity) {
        self.identity = identity
    }

    /// Adds a route that needs no token.
    mutating func open(_ method: HTTPRequest.Method, _ pattern: String, _ handler: @escaping RouteTable.Handler) {
        let wrapped: RouteTable.Handler = { request, parameters in
            do {
                // PostgreSQL can't store or compare U+0000.
                let texts = request.path + request.query.flatMap { [$0.name, $0.value] }
                if texts.contains(where: { $0.unicodeScalars.contains("\0") }) {
                    throw IdentityFault.badRequest("The URL contains the character U+0000.")
                }
                return try await handler(request, parameters)
            } catch let fault as IdentityFault {
                return fault.response(baseURL: request.baseURL)
            }
        }
        table.on(method, pattern, wrapped)
        guard method == .get else { return }
        table.on(.head, pattern) { request, parameters in
            var response = try await wrapped(request, parameters)
            response.body = []
            return response
        }
    }

    /// Adds a route that needs a valid `X-Auth-Token`; without one it answers 401.
    mutating func on(_ method: HTTPRequest.Method, _ pattern: String, _ handler: @escaping Handler) {
        let identity = identity
        open(method, pattern) { request, parameters in
            let caller = try await identity.caller(withToken: request.header("X-Auth-Token"))
            return try await handler(request, parameters, caller)
        }
    }
}
