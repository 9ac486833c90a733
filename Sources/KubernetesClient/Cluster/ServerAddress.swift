// The URL of the API server.

internal import FoundationEssentials

/// Where requests go, and the name that the server's certificate must have.
struct ServerAddress: Sendable {
    /// Scheme, host, port and path, without a slash at the end.
    let base: String
    /// Name in the certificate → host to connect to, when they differ.
    let dnsOverride: [String: String]
    /// The host of the URL when `base` has the certificate's name in its place.
    let hostHeader: String?

    init(_ configuration: ClusterConfiguration) throws(KubernetesError) {
        var server = configuration.server
        if !server.contains("://") { server = "https://\(server)" }
        while server.hasSuffix("/") { server.removeLast() }
        guard let url = URL(string: server), let host = url.host(), !host.isEmpty,
            ["http", "https"].contains(url.scheme ?? ""), url.query() == nil, url.user() == nil
        else {
            throw KubernetesError(
                .invalidConfiguration,
                "server: '\(configuration.server)' is not a URL such as https://10.0.0.1:6443")
        }
        guard let name = configuration.serverName, !name.isEmpty, name != host else {
            base = server
            dnsOverride = [:]
            hostHeader = nil
            return
        }
        let port = url.port.map { ":\($0)" } ?? ""
        let path = url.path()
        base = "\(url.scheme ?? "https")://\(name)\(port)\(path)"
        dnsOverride = [name: host]
        hostHeader = "\(host.contains(":") ? "[\(host)]" : host)\(port)"
    }
}
