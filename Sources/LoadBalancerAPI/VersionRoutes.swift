// Routes of version discovery.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import JSON
internal import OctaviaWire

enum VersionRoutes {
    static func register(on routes: inout RouteTable) {
        for method in [HTTPRequest.Method.get, .head] {
            routes.on(method, "/") { request, _ in
                .json(.ok, JSONWriter.bytes(of: VersionListView(baseURL: "\(request.baseURL)/load-balancer/")))
                    .with(IdempotentRoutes.lifetime, "\(Int(IdempotencyKey.lifetime))")
            }
        }
        for path in ["/v2", "/v2/octavia"] {
            routes.on(.get, path) { _, _ in .json(.ok, Array("\"v2\"".utf8)) }
        }
    }
}
