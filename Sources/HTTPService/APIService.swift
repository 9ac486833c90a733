// One API below one prefix of the server: load balancer, identity, network.

public import HTTPTypes
public import Logging
internal import Persistence

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
    /// The database is away, and nothing was changed: to be tried again.
    case unavailable
    /// The database went away at the very end of the request: the change may or may not have been made.
    case uncertain(requestID: String)
}

extension APIService {
    public func canonicalPath(_ path: [String]) -> [String] { path }

    /// The text for ``RequestProblem/unavailable``.
    public static var unavailableMessage: String {
        "The service cannot reach its database at the moment. Nothing was changed; try again."
    }

    /// The text for ``RequestProblem/uncertain(requestID:)``.
    public static func uncertainMessage(_ requestID: String) -> String {
        "The service lost its database while it finished the request, and cannot tell whether the change was made. "
            + "Look before you repeat it (\(requestID))."
    }

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
        } catch DatabaseFault.unavailable(let reason) {
            logger.warning(
                "the database is away", metadata: ["request": "\(request.requestID)", "reason": "\(reason)"])
            return fault(.unavailable).with("Retry-After", "1")
        } catch DatabaseFault.uncertain(let reason) {
            logger.error(
                "a change may or may not have been made",
                metadata: ["request": "\(request.requestID)", "path": "\(request.path)", "reason": "\(reason)"])
            return fault(.uncertain(requestID: request.requestID))
        } catch {
            logger.error(
                "request failed",
                metadata: ["request": "\(request.requestID)", "path": "\(request.path)", "error": "\(error)"])
            return fault(.internalError(requestID: request.requestID))
        }
    }
}
