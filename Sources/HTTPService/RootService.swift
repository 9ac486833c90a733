// What the server answers outside the APIs.

internal import HTTPTypes
internal import JSON

/// `/` and `/healthcheck`.
public struct RootService: APIService {
    public let prefix = ""
    public let routes: RouteTable

    /// - Parameter check: Whether the server can do its work; the text says what is wrong if not.
    public init(prefixes: [String], check: @escaping @Sendable () async -> String?) {
        var routes = RouteTable()
        routes.on(.get, "/") { request, _ in
            .json(.ok) { writer in
                writer.member("service", "ottava")
                writer.objectMember("endpoints") { writer in
                    for prefix in prefixes { writer.member(prefix, "\(request.baseURL)/\(prefix)") }
                }
            }
        }
        routes.on(.get, "/healthcheck") { _, _ in
            let problem = await check()
            return APIResponse(
                status: problem == nil ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain"],
                body: Array((problem ?? "OK").utf8))
        }
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
