// TLS with clients and with members, as typed values.

import Crypto

extension HAProxyConfiguration {
    /// A file of certificates in the load balancer's folder. Printed it shows its name, never its content.
    struct TLSFile: Hashable, Sendable {
        /// What HAProxy calls it at run time.
        enum Kind: Hashable, Sendable {
            /// A certificate with its chain and its key.
            case certificate
            /// Certificates of authorities.
            case authority
            /// Lists of revoked certificates.
            case revocationList
        }

        var kind: Kind
        /// Within ``DataPlaneFile/certificateDirectory``.
        var name: String
        /// PEM without blank lines, since one would end it on the control socket.
        var text: String

        /// The name as HAProxy knows it.
        var path: String { "../\(DataPlaneFile.certificateDirectory)/\(name)" }

        /// A certificate whose name follows from its content, so that no two share one.
        static func named(byContent text: String) -> TLSFile {
            let digest = SHA256.hash(data: Array(text.utf8)).prefix(16)
            let hexadecimal = digest.map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }
            return TLSFile(kind: .certificate, name: hexadecimal.joined() + ".pem", text: text)
        }
    }

    /// Versions of TLS that may be spoken.
    struct TLSVersions: Hashable, Sendable {
        var lowest: TLSVersion
        var highest: TLSVersion
        /// Between the two, and not wanted.
        var excluded: [TLSVersion] = []
    }

    /// Versions that OpenSSL 3 can speak, oldest first.
    enum TLSVersion: Int, Hashable, Sendable, CaseIterable {
        case tls10, tls11, tls12, tls13

        /// The API's name, which OpenSSL and the fetch `ssl_fc_protocol` have, too.
        var name: String {
            switch self {
            case .tls10: "TLSv1"
            case .tls11: "TLSv1.1"
            case .tls12: "TLSv1.2"
            case .tls13: "TLSv1.3"
            }
        }

        /// The name in `ssl-min-ver` and `ssl-max-ver`.
        var bound: String { self == .tls10 ? "TLSv1.0" : name }
    }

    /// What connections may be encrypted with; absent is OpenSSL's choice.
    struct TLSCiphers: Hashable, Sendable {
        /// For TLS 1.2 and older, in OpenSSL's language of lists.
        var list: String?
        /// For TLS 1.3, joined by colons.
        var suites: String?
    }

    /// How a listener speaks TLS with clients.
    struct FrontendTLS: Hashable, Sendable {
        enum Verification: Hashable, Sendable {
            case none, optional, required
        }

        /// For clients that name no server or an unknown one. Its name is the listener's: HAProxy can give it another
        /// content at run time, but neither remove it nor choose another.
        var defaultCertificate: TLSFile
        /// Chosen by the names in them.
        var certificates: [TLSFile]
        var verification: Verification = .none
        var authority: TLSFile?
        var revocationList: TLSFile?
        var versions: TLSVersions
        var ciphers: TLSCiphers
        /// In order of preference.
        var alpnProtocols: [String]
        /// The value of the header Strict-Transport-Security.
        var strictTransportSecurity: String?
        /// Those that requests carry on; others are taken out of them.
        var clientCertificateHeaders: [ClientCertificateHeader] = []

        /// The file that lists the certificates, within ``DataPlaneFile/certificateDirectory``.
        var listName: String
        /// The name of the list as HAProxy knows it.
        var listPath: String { "../\(DataPlaneFile.certificateDirectory)/\(listName)" }
        /// The content of the list: the first entry is the default.
        var listText: String { files.map { $0.path + "\n" }.joined() }

        /// The certificates, the default one first.
        var files: [TLSFile] { [defaultCertificate] + certificates }
    }

    /// How a pool speaks TLS with members.
    struct ServerTLS: Hashable, Sendable {
        /// What members see that ask for a certificate.
        var certificate: TLSFile?
        /// Without it members are not verified.
        var authority: TLSFile?
        var revocationList: TLSFile?
        var versions: TLSVersions
        var ciphers: TLSCiphers
        /// In order of preference.
        var alpnProtocols: [String]
    }

    /// A request header that says something of the client's certificate (API reference, "Supported HTTP Header
    /// Insertions").
    enum ClientCertificateHeader: String, Hashable, Sendable, CaseIterable {
        case verify = "X-SSL-Client-Verify"
        case hasCertificate = "X-SSL-Client-Has-Cert"
        case distinguishedName = "X-SSL-Client-DN"
        case commonName = "X-SSL-Client-CN"
        case issuer = "X-SSL-Issuer"
        case fingerprint = "X-SSL-Client-SHA1"
        case notBefore = "X-SSL-Client-Not-Before"
        case notAfter = "X-SSL-Client-Not-After"
    }
}

extension HAProxyConfiguration.TLSFile: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { name }
    var debugDescription: String { name }
    var customMirror: Mirror { Mirror(self, children: [("name", name)]) }
}

extension HAProxyConfiguration {
    /// All certificates, authorities and revocation lists, by name.
    var tlsFiles: [String: TLSFile] {
        var files: [TLSFile] = []
        for tls in frontends.compactMap(\.tls) {
            files += tls.files + [tls.authority, tls.revocationList].compactMap { $0 }
        }
        for tls in backends.compactMap(\.tls) {
            files += [tls.certificate, tls.authority, tls.revocationList].compactMap { $0 }
        }
        return Dictionary(files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
