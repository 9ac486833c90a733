// Serving the document.

public import HTTPService
internal import HTTPTypes

extension OpenAPI {
    /// The pattern of the document's route: `.json` at the end of a path is dropped before routes are looked up.
    public static let routePattern = "/openapi"

    /// Adds the route of the document, which needs no token.
    public static func register(on routes: inout RouteTable) {
        routes.on(.get, routePattern) { _, _ in .json(.ok, document) }
    }

    /// What the document and the routes do not have in common, in words; empty if they agree.
    ///
    /// Left aside are HEAD, and the routes that tell clients that an id is missing: PUT and DELETE on collections.
    public static func differences(from routes: [RouteTable.Route]) -> [String] {
        let documented = Dictionary(
            operations.map { (key($0.method, $0.routePattern), $0) }, uniquingKeysWith: { first, _ in first })
        let collections = Set(operations.filter { $0.method == .post }.map { key(.post, $0.routePattern) })
            .union([key(.post, "/v2/quotas")])
        let served = Set(routes.map { key($0.method, $0.pattern) })
        var differences = documented.keys.filter { !served.contains($0) }.map { "not served: \($0)" }
        for route in routes where documented[key(route.method, route.pattern)] == nil {
            let isRefusal =
                [.put, .delete].contains(route.method) && collections.contains(key(.post, route.pattern))
            if route.method != .head && !isRefusal {
                differences.append("not documented: \(route.method) \(route.pattern)")
            }
        }
        return differences.sorted()
    }

    /// A method and a pattern in which the names of parameters do not count.
    private static func key(_ method: HTTPRequest.Method, _ pattern: String) -> String {
        let path = pattern.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : String($0) }
        return "\(method.rawValue) /" + path.joined(separator: "/")
    }
}
