// Who may read the metrics.

internal import HTTPTypes
public import Observability

/// The page `/metrics`.
public struct MetricsPage: Sendable {
    /// Who may read it.
    public enum Access: Sendable, Hashable {
        /// Programs on this machine that come without a proxy between.
        case loopback
        case everyone
        /// Whoever shows the token, as `Authorization: Bearer TOKEN`.
        case token(String)
    }

    let registry: MetricsRegistry
    let access: Access

    public init(registry: MetricsRegistry, access: Access = .loopback) {
        self.registry = registry
        self.access = access
    }

    func response(to request: APIRequest) async -> APIResponse {
        guard isAllowed(request) else {
            let allowed: String =
                switch access {
                case .token: "with the token of the setting 'metricsToken'"
                case .loopback, .everyone: "from this machine only, unless the setting 'metricsAccess' says otherwise"
                }
            var response = APIResponse(
                status: .forbidden, headers: [.contentType: "text/plain"],
                body: Array("Metrics are read \(allowed).\n".utf8))
            if case .token = access {
                response.status = .unauthorized
                response.headers[.wwwAuthenticate] = "Bearer"
            }
            return response
        }
        return APIResponse(
            status: .ok, headers: [.contentType: MetricsRegistry.contentType], body: Array(await registry.text().utf8))
    }

    private func isAllowed(_ request: APIRequest) -> Bool {
        switch access {
        case .everyone: return true
        case .loopback:
            // A proxy on this machine speaks for others.
            guard request.header("X-Forwarded-For") == nil, request.header("Forwarded") == nil else { return false }
            return request.peer.hasPrefix("127.") || request.peer == "::1" || request.peer.hasPrefix("::ffff:127.")
        case .token(let token):
            guard let given = request.headers[.authorization], given.lowercased().hasPrefix("bearer ") else {
                return false
            }
            return Self.isEqual(Array(given.dropFirst(7).utf8), Array(token.utf8))
        }
    }

    /// Compares without telling by its time where the first difference is.
    private static func isEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        guard first.count == second.count else { return false }
        return zip(first, second).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
