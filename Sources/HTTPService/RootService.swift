// What the server answers outside the APIs.

internal import HTTPTypes
internal import JSON

/// `/`, `/healthcheck` and `/metrics`.
public struct RootService: APIService {
    public let prefix = ""
    public let routes: RouteTable

    /// - Parameter prefixes: The APIs beside it.
    public init(prefixes: [String], health: HealthChecks, metrics: MetricsPage) {
        var routes = RouteTable()
        routes.on(.get, "/") { request, _ in
            .json(.ok) { writer in
                writer.member("service", "ottava")
                writer.objectMember("endpoints") { writer in
                    for prefix in prefixes { writer.member(prefix, "\(request.baseURL)/\(prefix)") }
                }
            }
        }
        for method in [HTTPRequest.Method.get, .head] {
            routes.on(method, "/healthcheck") { request, _ in await health.response(to: request) }
        }
        routes.on(.get, "/metrics") { request, _ in await metrics.response(to: request) }
        self.routes = routes
    }

    public func fault(_ problem: RequestProblem) -> APIResponse {
        let (status, message): (HTTPResponse.Status, String) =
            switch problem {
            case .unknownPath: (.notFound, "There is nothing at this path.")
            case .wrongMethod: (.methodNotAllowed, "This path does not have that method.")
            case .bodyTooLarge(let limit): (.contentTooLarge, "The body is longer than \(limit) bytes.")
            case .malformed(let reason): (.badRequest, reason)
            case .internalError(let id): (.internalServerError, "The server failed; its log has more under \(id).")
            case .overloaded: (.serviceUnavailable, Self.overloadedMessage)
            case .tooManyRequests: (.tooManyRequests, Self.tooManyRequestsMessage)
            case .unavailable: (.serviceUnavailable, Self.unavailableMessage)
            case .uncertain(let id): (.gatewayTimeout, Self.uncertainMessage(id))
            }
        return .json(status) { writer in
            writer.objectMember("error") { writer in
                writer.member("code", status.code)
                writer.member("message", message)
            }
        }
    }
}
