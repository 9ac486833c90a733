// What a plugin and Terraform agree on before they speak (go-plugin's handshake).

/// What Terraform says in the environment of a plugin that it starts.
struct Handshake: Sendable {
    /// A key and value that show that Terraform started the program, rather than a person.
    static let cookie = (
        name: "TF_PLUGIN_MAGIC_COOKIE", value: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
    )
    static let protocolVersion = 6

    /// The certificate that Terraform will show, in PEM; absent: no TLS.
    var clientCertificate: String?
    /// Where the socket shall be.
    var socketFolder: String

    /// - Throws: ``HandshakeError``.
    init(environment: [String: String]) throws(HandshakeError) {
        guard environment[Self.cookie.name] == Self.cookie.value else { throw .notStartedByTerraform }
        let versions = (environment["PLUGIN_PROTOCOL_VERSIONS"] ?? "6").split(separator: ",").compactMap { Int($0) }
        guard versions.contains(Self.protocolVersion) else { throw .noCommonVersion(versions) }
        clientCertificate = environment["PLUGIN_CLIENT_CERT"].flatMap { $0.isEmpty ? nil : $0 }
        let folders = ["PLUGIN_UNIX_SOCKET_DIR", "TMPDIR"].compactMap { environment[$0] }
        socketFolder = folders.first { !$0.isEmpty } ?? "/tmp"
    }

    /// The one line that a plugin writes to its standard output.
    ///
    /// - Parameter certificate: The certificate that the plugin will show, as base64 of DER without padding; empty: no TLS.
    static func answer(socket: String, certificate: String) -> String {
        "1|\(protocolVersion)|unix|\(socket)|grpc|\(certificate)\n"
    }
}

enum HandshakeError: Error, Hashable, CustomStringConvertible {
    case notStartedByTerraform
    case noCommonVersion([Int])

    var description: String {
        switch self {
        case .notStartedByTerraform:
            """
            This is a Terraform plugin. It is not meant to be run by hand: Terraform starts it.
            To debug it, start it with --debug and give Terraform what it prints.
            """
        case .noCommonVersion(let versions):
            "Terraform offers the plugin protocol in version \(versions.map { "\($0)" }.joined(separator: ", ")), "
                + "but version \(Handshake.protocolVersion) is needed: use Terraform 1.0 or later"
        }
    }
}
