// The header by which clients repeat creations without making things twice.

internal import ControlPlane
internal import HTTPService
internal import HTTPTypes
internal import Identity
internal import OctaviaWire

/// Answers a repeated POST with what the first one got (IETF draft "The Idempotency-Key HTTP Header Field").
struct IdempotentRoutes: Sendable {
    /// The request's header, whose value is 1–255 printable characters of ASCII.
    static let header = "Idempotency-Key"
    /// The answer's header, there and `true` when the answer is a repeated one.
    static let replayed = "Idempotent-Replayed"

    /// With the list of versions: for how many seconds answers are kept. Tells clients that keys count.
    static let lifetime = "Idempotency-Key-Lifetime"

    let service: LoadBalancingService

    /// The key of a request that creates something; `nil` when it has none that is valid.
    static func key(of request: APIRequest) -> IdempotencyKey? {
        guard request.method == .post, let subject = request.subject, let text = request.header(header), isValid(text)
        else { return nil }
        return IdempotencyKey(
            text, route: LoadBalancerAPI.canonical(request.path), projectID: subject.projectID, userID: subject.userID,
            body: request.body)
    }

    /// Puts the rule around the handler of a POST.
    func handler(_ inner: @escaping RouteTable.Handler) -> RouteTable.Handler {
        { [service] request, parameters in
            guard let text = request.header(Self.header) else { return try await inner(request, parameters) }
            guard let key = Self.key(of: request) else {
                throw OctaviaFault.invalidInput(
                    field: Self.header, value: String(text.prefix(300)),
                    reason: "Value should be 1 to 255 printable ASCII characters.")
            }
            do {
                switch try await service.once(key, { try await inner(request, parameters) }) {
                case .fresh(let answer): return answer
                case .repeated(let status, let body):
                    return APIResponse.json(HTTPResponse.Status(code: status), Array(body.utf8))
                        .with(Self.replayed, "true")
                }
            } catch IdempotencyFault.otherBody {
                throw OctaviaFault(
                    422,
                    "The \(Self.header) '\(text)' was used for a request with another body; use a new key for a new request."
                )
            } catch IdempotencyFault.underWay {
                return OctaviaFault(
                    409,
                    "A request with the \(Self.header) '\(text)' is under way; its answer comes to whoever repeats it."
                ).response.with("Retry-After", "1")
            }
        }
    }

    private static func isValid(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
