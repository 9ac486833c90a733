// Who calls, and what the roles allow.

internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import Networking

/// Turns the token of a request into the access that it gives.
struct AccessGate: Sendable {
    let tokens: any TokenValidator

    /// A handler that knows who calls.
    typealias Handler = @Sendable (APIRequest, PathParameters, NetworkAccess) async throws -> APIResponse

    /// Admits requests with a valid token, and texts that every database can keep.
    func admitting(_ handler: @escaping Handler) -> RouteTable.Handler {
        { request, parameters in
            let access = try await access(of: request)
            let texts = request.path + request.query.flatMap { [$0.name, $0.value] }
            guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
                throw NetworkFault.invalid("the URL contains the character U+0000")
            }
            return try await handler(request, parameters, access)
        }
    }

    private func access(of request: APIRequest) async throws -> NetworkAccess {
        guard let token = request.header("X-Auth-Token"), !token.isEmpty,
            let subject = try await tokens.subject(ofToken: token)
        else { throw AuthenticationRequired(baseURL: request.baseURL) }
        // A reader, and nothing else, only reads.
        guard request.method == .get || subject.roles != ["reader"] else {
            throw NetworkFault(
                .forbidden, type: "PolicyNotAuthorized",
                "\(request.method.rawValue) is disallowed by policy: the role reader only reads.")
        }
        return NetworkAccess(projectID: subject.projectID, isAdmin: subject.roles.contains("admin"))
    }
}
