// Microversions of the API.

internal import HTTPService
internal import KeyManager

/// Which 1.x of the API a request asks for (Key Manager API v1 reference, "Microversions").
///
/// 1.1 shows the consumers of secrets, 1.2 refuses to delete secrets that have some.
struct Microversion: Sendable, Hashable {
    static let maximum = 2

    let minor: Int
    private let isExplicit: Bool

    /// Reads `OpenStack-API-Version: key-manager 1.N`.
    init(_ request: APIRequest) throws(KeyManagerFault) {
        let wishes = (request.header("OpenStack-API-Version") ?? "").split(separator: ",")
            .map { $0.split(separator: " ").map(String.init) }
        guard let wish = wishes.first(where: { $0.count == 2 && $0[0] == "key-manager" })?[1] else {
            (minor, isExplicit) = (0, false)
            return
        }
        isExplicit = true
        if wish == "latest" {
            minor = Self.maximum
        } else {
            let parts = wish.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "1", let minor = Int(parts[1]), (0...Self.maximum).contains(minor)
            else {
                throw KeyManagerFault(
                    .notAcceptable, "Version \(wish.prefix(32)) is not supported: 1.0 to 1.\(Self.maximum) are.")
            }
            self.minor = minor
        }
    }

    /// Tells the client which version it got, if it asked.
    func mark(_ response: APIResponse) -> APIResponse {
        guard isExplicit else { return response }
        return response.with("OpenStack-API-Version", "key-manager 1.\(minor)").with("Vary", "OpenStack-API-Version")
    }
}
