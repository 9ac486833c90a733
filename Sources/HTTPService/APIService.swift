// One API below one prefix of the server: load balancer, identity, network.

public import HTTPTypes
public import Logging

/// An API that the server mounts under a path prefix.
public protocol APIService: Sendable {
    /// The first segment of its paths, such as `load-balancer`.
    var prefix: String { get }

    /// The handlers; patterns begin below the prefix.
    var routes: RouteTable { get }

    /// The path to look up, for services with several spellings of one path.
    func canonicalPath(_ path: [String]) -> [String]

    /// Runs before each handler that matched or not: who is calling, is the content type acceptable.
    ///
    /// - Throws: a ``ResponseFault`` that ends the request.
    func admit(_ request: inout APIRequest) async throws

    /// The fault for problems that arise outside handlers.
    func fault(_ problem: RequestProblem) -> APIResponse

    /// Answers a request: finds the handler and turns every error into a fault.
    func respond(to received: APIRequest, logger: Logger) async -> APIResponse
}

/// What can be wrong with a request before a handler sees it, and the one thing that is the server's own fault.
public enum RequestProblem: Sendable, Hashable {
    case unknownPath
    case wrongMethod(allowed: [HTTPRequest.Method])
    /// The body is longer than so many bytes.
    case bodyTooLarge(limit: Int)
    /// The request line or the query cannot be decoded.
    case malformed(String)
    /// A failure of the server; the request's id leads to the log.
    case internalError(requestID: String)
}

extension APIService {
    public func canonicalPath(_ path: [String]) -> [String] { path }

    public func admit(_ request: inout APIRequest) async throws {}

    public func respond(to received: APIRequest, logger: Logger) async -> APIResponse {
        var request = received
        do {
            try await admit(&request)
            switch routes.match(request.method, canonicalPath(request.path)) {
            case .found(let handler, let parameters): return try await handler(request, parameters)
            case .wrongMethod(let allowed): return fault(.wrongMethod(allowed: allowed))
            case .unknownPath: return fault(.unknownPath)
            }
        } catch let error as any ResponseFault {
            return error.response
        } catch {
            logger.error(
                "request failed",
                metadata: ["request": "\(request.requestID)", "path": "\(request.path)", "error": "\(error)"])
            return fault(.internalError(requestID: request.requestID))
        }
    }
}
