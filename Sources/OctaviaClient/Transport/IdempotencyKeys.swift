// Names for creations, so that one whose answer was lost can be sent again.

internal import LoadBalancing

/// Whether a service answers a repeated POST with what the first one got.
enum KeySupport: Sendable {
    case honoured, ignored, unknown
}

extension ServiceClient {
    /// The header of a request with a key.
    static let keyHeader = "Idempotency-Key"
    /// What services that honour keys say when they are asked for their versions: how long, in seconds.
    static let lifetimeHeader = "Idempotency-Key-Lifetime"

    /// A new key for a request; `nil` for requests that need none.
    func newKey(for method: String) -> String? {
        method == "POST" && type == .loadBalancer ? ResourceID.random().string : nil
    }

    /// Asks the service whether it honours keys. Octavia itself does not, so that nothing may be sent twice there.
    func keySupport() async -> KeySupport {
        guard let endpoint = try? await core.endpoint(type),
            let answer = try? await core.transport.send(
                HTTPCall(method: "GET", url: endpoint.string + "/", headers: [("Accept", "application/json")])),
            (200...300).contains(answer.status)
        else { return .unknown }
        return answer.header(Self.lifetimeHeader) == nil ? .ignored : .honoured
    }
}
