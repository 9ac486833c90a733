// How servers are trusted, and how the client shows who it is.

internal import NIOSSL

/// TLS of all connections to a cloud.
public struct TLSSettings: Sendable, Hashable {
    /// False accepts any certificate. Anybody on the way can then read passwords and tokens.
    public var verifiesServer: Bool
    /// A PEM file with the authorities to trust instead of the system's.
    public var authoritiesFile: String?
    /// A PEM file with the client's certificate and those between it and its authority.
    public var certificateFile: String?
    /// A PEM file with the key of the client's certificate; absent if the certificate's file has it too.
    public var keyFile: String?

    /// Makes one; parameters that are not given have their usual values.
    public init(
        verifiesServer: Bool = true, authoritiesFile: String? = nil, certificateFile: String? = nil,
        keyFile: String? = nil
    ) {
        self.verifiesServer = verifiesServer
        self.authoritiesFile = authoritiesFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    func configuration() throws(CloudError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !verifiesServer { configuration.certificateVerification = .none }
        if let authoritiesFile, verifiesServer {
            configuration.trustRoots = .certificates(try Self.certificates(authoritiesFile, "cacert"))
        }
        if let certificateFile {
            configuration.certificateChain = try Self.certificates(certificateFile, "cert").map { .certificate($0) }
            let file = keyFile ?? certificateFile
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
            } catch {
                throw CloudError(
                    .invalidConfiguration, "key: \(file) has no private key in PEM form, or cannot be read",
                    cause: error)
            }
        }
        return configuration
    }

    private static func certificates(_ file: String, _ key: String) throws(CloudError) -> [NIOSSLCertificate] {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(file)
            if !certificates.isEmpty { return certificates }
        } catch {
            throw CloudError(
                .invalidConfiguration, "\(key): \(file) has no certificate in PEM form, or cannot be read",
                cause: error)
        }
        throw CloudError(.invalidConfiguration, "\(key): \(file) has no certificate in PEM form")
    }
}
