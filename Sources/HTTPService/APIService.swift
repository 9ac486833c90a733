// One API below one prefix of the server: load balancer, identity, network.

public import HTTPTypes
internal import Identity
public import Logging
internal import Observability
internal import Persistence
internal import Tracing

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
    /// There is too much to do: to be tried again.
    case overloaded
    /// The caller or its project has too many requests under way.
    case tooManyRequests
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

    /// The text for ``RequestProblem/overloaded``.
    public static var overloadedMessage: String {
        "The service has too many requests at the moment. Nothing was changed; try again."
    }

    /// The text for ``RequestProblem/tooManyRequests``.
    public static var tooManyRequestsMessage: String {
        "Too many requests of yours are under way. Nothing was changed; wait for some of them and try again."
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
            case .found(let handler, let parameters):
                var context = InstrumentationContext.currentOrEmpty
                context.projectID = request.subject?.projectID
                let (admitted, limit) = (request, request.projectLimit)
                return try await InstrumentationContext.withValue(context) {
                    guard let limit else { return try await handler(admitted, parameters) }
                    return try await limit.counting(admitted.subject?.projectID) {
                        try await handler(admitted, parameters)
                    }
                }
            case .wrongMethod(let allowed): return fault(.wrongMethod(allowed: allowed))
            case .unknownPath: return fault(.unknownPath)
            }
        } catch let error as any ResponseFault {
            return error.response
        } catch let refusal as AdmissionGate.Refusal {
            return self.refusal(refusal)
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

    /// The answer to a request for which there is no room.
    func refusal(_ refusal: AdmissionGate.Refusal) -> APIResponse {
        switch refusal {
        case .busy, .bodies: fault(.overloaded).with("Retry-After", "1")
        case .caller, .project: fault(.tooManyRequests).with("Retry-After", "1")
        }
    }
}
