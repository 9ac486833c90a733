// The Octavia v2 API: routes, and nothing else.

public import ControlPlane
public import HTTPService
internal import HTTPTypes
public import Identity
internal import JSON
internal import LoadBalancing
public import OctaviaWire

/// Serves `/load-balancer`.
public struct LoadBalancerAPI: APIService {
    public let prefix = "load-balancer"
    public let routes: RouteTable
    private let validator: any TokenValidator

    /// - Parameters:
    ///   - service: The use cases.
    ///   - validator: Tells who a token speaks for.
    public init(service: LoadBalancingService, validator: any TokenValidator) {
        self.validator = validator
        var routes = RouteTable()
        routes.decorate(.post) { IdempotentRoutes(service: service).handler($0) }
        VersionRoutes.register(on: &routes)
        LoadBalancerRoutes(service: service).register(on: &routes)
        ListenerRoutes(service: service).register(on: &routes)
        PoolRoutes(service: service).register(on: &routes)
        MemberRoutes(service: service).register(on: &routes)
        HealthMonitorRoutes(service: service).register(on: &routes)
        L7Routes(service: service).register(on: &routes)
        QuotaRoutes(service: service).register(on: &routes)
        ProviderRoutes(service: service).register(on: &routes)
        FlavorRoutes(service: service).register(on: &routes)
        AvailabilityZoneRoutes(service: service).register(on: &routes)
        AmphoraRoutes(service: service).register(on: &routes)
        OpenAPI.register(on: &routes)
        self.routes = routes
    }

    /// `v2.0` is `v2`, `lbaas` may be left out, and `.json` may end a path.
    public func canonicalPath(_ path: [String]) -> [String] { Self.canonical(path) }

    static func canonical(_ path: [String]) -> [String] {
        var path = path
        if path.first == "v2.0" { path[0] = "v2" }
        if path.count > 1, path[0] == "v2", path[1] == "lbaas" { path.remove(at: 1) }
        if let last = path.last, last.hasSuffix(".json"), last.utf8.count > 5 {
            path[path.count - 1] = String(last.dropLast(5))
        }
        return path
    }

    public func admit(_ request: inout APIRequest) async throws {
        guard Self.acceptsJSON(request) else {
            throw OctaviaFault(
                406, "Only content type application/json is accepted.", form: .routing(title: "Not Acceptable"))
        }
        // Discovery comes before login: the versions, and what the API looks like.
        if request.path.isEmpty || request.path == ["openapi.json"] { return }
        guard let token = request.header("X-Auth-Token"),
            let subject = try await validator.subject(ofToken: token)
        else { throw AuthenticationFault(baseURL: request.baseURL) }
        request.subject = subject
        if !request.body.isEmpty {
            let type = request.headers[.contentType] ?? ""
            let mediaType = type.split(separator: ";").first.map { $0.trimmingSpaces().lowercased() } ?? ""
            guard mediaType == "application/json" else { throw OctaviaFault(415, "Unknown mimetype: \(type)") }
            // No handler of these reads the body, but junk in it is refused as anywhere else.
            if [.get, .delete].contains(request.method), (try? request.json()) == nil {
                throw OctaviaFault.invalidJSON
            }
        }
    }

    public func fault(_ problem: RequestProblem) -> APIResponse {
        switch problem {
        case .unknownPath: OctaviaFault(404, "", form: .routing(title: "Not Found")).response
        case .wrongMethod:
            OctaviaFault(405, "", form: .routing(title: "Method Not Allowed")).response
        case .bodyTooLarge(let limit):
            OctaviaFault(413, "The request body is longer than \(limit) bytes.").response
        case .malformed(let reason): OctaviaFault(400, reason).response
        case .internalError(let id):
            OctaviaFault(500, "The server failed to answer; its log has more under \(id).").response
        case .overloaded: OctaviaFault(503, Self.overloadedMessage).response
        case .tooManyRequests: OctaviaFault(429, Self.tooManyRequestsMessage).response
        case .unavailable: OctaviaFault(503, Self.unavailableMessage).response
        case .uncertain(let id): OctaviaFault(504, Self.uncertainMessage(id)).response
        }
    }

    private static func acceptsJSON(_ request: APIRequest) -> Bool {
        guard let accept = request.header("Accept"), !accept.isEmpty else { return true }
        // The most exact range decides (RFC 9110 section 12.5.1); a quality of 0 refuses.
        let ranges = ["*/*", "application/*", "application/json"]
        var understood = false
        var best: (exactness: Int, isWanted: Bool)?
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmingSpaces().lowercased() }
            guard let type = parts.first, type.contains("/") else { continue }
            understood = true
            guard let exactness = ranges.firstIndex(of: type), exactness > best?.exactness ?? -1 else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 1 }
            best = (exactness, quality != 0)
        }
        return best?.isWanted ?? !understood
    }
}

/// 401, as the identity middleware of other services words it.
private struct AuthenticationFault: ResponseFault {
    let baseURL: String

    var response: APIResponse {
        APIResponse.json(.unauthorized) { writer in
            writer.objectMember("error") { writer in
                writer.member("code", 401)
                writer.member("title", "Unauthorized")
                writer.member("message", "The request you have made requires authentication.")
            }
        }.with("WWW-Authenticate", "Keystone uri=\"\(baseURL)/identity\"")
    }
}

extension OctaviaFault: ResponseFault {
    public var response: APIResponse { .json(HTTPResponse.Status(code: status), body) }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        var result = drop { $0 == " " || $0 == "\t" }
        while let last = result.last, last == " " || last == "\t" { result.removeLast() }
        return result
    }
}
