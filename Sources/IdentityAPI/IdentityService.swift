// The Identity API v3 as the server mounts it.

public import HTTPService
internal import HTTPTypes
public import Identity
internal import JSON

/// The subset of the Identity API v3 that clients of load balancers use, on an ``EmbeddedIdentity``.
///
/// Every GET also answers HEAD. Faults have Keystone's form `{"error": {"code", "title", "message"}}`.
public struct IdentityService: APIService {
    /// The first segment of the paths.
    public static let pathPrefix = "identity"

    public let prefix = IdentityService.pathPrefix
    public let routes: RouteTable

    /// - Parameters:
    ///   - identity: the service behind the API; ``EmbeddedIdentity/migrations`` must have been applied.
    ///   - catalog: region and services that tokens and the catalog show.
    public init(identity: EmbeddedIdentity, catalog: ServiceCatalog.Options = ServiceCatalog.Options()) {
        var builder = RouteBuilder(identity: identity)
        builder.addVersionRoutes()
        builder.addTokenRoutes(catalog: catalog)
        builder.addCatalogRoutes(options: catalog)
        builder.addDomainRoutes()
        builder.addProjectRoutes()
        builder.addUserRoutes()
        builder.addRoleRoutes()
        builder.addAssignmentRoutes()
        builder.addApplicationCredentialRoutes()
        routes = builder.table
    }

    public func fault(_ problem: RequestProblem) -> APIResponse {
        switch problem {
        case .unknownPath:
            return IdentityFault.notFound("The requested URL was not found on this server.").response(baseURL: "")
        case .wrongMethod(let allowed):
            let methods = allowed.map(\.rawValue).joined(separator: ", ")
            return IdentityFault(
                code: 405, title: "Method Not Allowed",
                message: "The method is not allowed for the requested URL; allowed are \(methods)."
            ).response(baseURL: "").with("Allow", methods)
        case .bodyTooLarge(let limit):
            return IdentityFault(
                code: 413, title: "Request Entity Too Large",
                message: "The body must not be longer than \(limit) bytes."
            ).response(baseURL: "")
        case .malformed(let reason):
            return IdentityFault.badRequest("The request can't be read: \(reason)").response(baseURL: "")
        case .internalError(let requestID):
            return IdentityFault(
                code: 500, title: "Internal Server Error",
                message: "An unexpected error prevented the server from fulfilling your request (\(requestID))."
            ).response(baseURL: "")
        case .overloaded:
            return IdentityFault(code: 503, title: "Service Unavailable", message: Self.overloadedMessage)
                .response(baseURL: "")
        case .tooManyRequests:
            return IdentityFault(code: 429, title: "Too Many Requests", message: Self.tooManyRequestsMessage)
                .response(baseURL: "")
        case .unavailable:
            return IdentityFault(code: 503, title: "Service Unavailable", message: Self.unavailableMessage)
                .response(baseURL: "")
        case .uncertain(let requestID):
            return IdentityFault(code: 504, title: "Gateway Timeout", message: Self.uncertainMessage(requestID))
                .response(baseURL: "")
        }
    }
}

extension IdentityFault {
    /// The response of the Identity API for this fault.
    func response(baseURL: String) -> APIResponse {
        let response = APIResponse.json(HTTPResponse.Status(code: code, reasonPhrase: title)) { writer in
            writer.objectMember("error") { writer in
                writer.member("code", code)
                writer.member("message", message)
                writer.member("title", title)
            }
        }
        switch code {
        case 401: return response.with("WWW-Authenticate", "Keystone uri=\"\(baseURL)/\(IdentityService.pathPrefix)\"")
        case 429: return response.with("Retry-After", "1")
        default: return response
        }
    }
}
