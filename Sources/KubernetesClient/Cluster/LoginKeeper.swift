// What requests show to the server: kept fresh.

internal import FoundationEssentials
internal import Logging
internal import NIOSSL

/// What one request shows to the server.
struct Login: Sendable {
    /// The value of the header.
    var authorization: String?
    /// Absent for plain HTTP.
    var tls: TLSConfiguration?
    /// Tells logins apart.
    var number = 0
}

/// Keeps a login, and renews it when it gets old, when it ends and when the server refuses it.
actor LoginKeeper {
    private let credentials: ClusterCredentials
    private let plugin: ExecProgram?
    private let base: TLSConfiguration?
    private let logger: Logger
    private var current: Login?
    private var goodUntil = ContinuousClock.now
    private var renewal: Task<(Login, Duration), any Error>?
    private var number = 0

    /// How long what a file says is taken as said.
    private static let lifeOfFiles = Duration.seconds(60)

    init(_ configuration: ClusterConfiguration, logger: Logger) throws(KubernetesError) {
        credentials = configuration.credentials
        self.logger = logger
        plugin =
            if case .exec(let plugin) = configuration.credentials {
                ExecProgram(plugin: plugin, configuration: configuration)
            } else {
                nil
            }
        guard !configuration.server.hasPrefix("http://") else {
            base = nil
            return
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        if !configuration.verifiesServer {
            tls.certificateVerification = .none
        } else if let authorities = configuration.authorities {
            let certificates = try Self.certificates(authorities, "certificate-authority")
            tls.trustRoots = .certificates(certificates)
        }
        base = tls
        // What is wrong in the configuration is said now, not at the first request.
        if case .certificate(let chain, let key) = credentials { _ = try Self.identity(chain, key, tls) }
    }

    /// The login for the next request.
    func login() async throws -> Login {
        if let current, ContinuousClock.now < goodUntil { return current }
        let renewal = renewal ?? Task { try await renewed() }
        self.renewal = renewal
        defer { if self.renewal == renewal { self.renewal = nil } }
        do {
            let (login, life) = try await renewal.value
            if self.renewal == renewal {
                current = login
                goodUntil = .now + life
            }
            return login
        } catch {
            // A file that is being replaced; what was good a moment ago most likely still is.
            guard let current, plugin == nil else { throw error }
            logger.warning("The login cannot be renewed", metadata: ["error": "\(error)"])
            goodUntil = .now + .seconds(1)
            return current
        }
    }

    /// Notes that the server does not accept a login.
    ///
    /// - Returns: Whether there is a chance of another one.
    func refuse(_ login: Login) -> Bool {
        switch credentials {
        case .tokenFile, .exec, .certificate:
            if current?.number == login.number { goodUntil = .now }
            return true
        case .none, .token, .password: return false
        }
    }

    private func renewed() async throws -> (Login, Duration) {
        number += 1
        var login = Login(tls: base, number: number)
        var life = Duration.seconds(86_400 * 365)
        switch credentials {
        case .none: break
        case .token(let token): login.authorization = "Bearer \(token.value)"
        case .password(let user, let password):
            login.authorization = "Basic \(Data("\(user):\(password.value)".utf8).base64EncodedString())"
        case .tokenFile(let path):
            let token = try Self.contents(.file(path), "tokenFile")
            login.authorization = "Bearer \(Self.trimmed(token))"
            life = Self.lifeOfFiles
        case .certificate(let chain, let key):
            guard let base else { break }
            login.tls = try Self.identity(chain, key, base)
            if case .file = chain { life = Self.lifeOfFiles }
        case .exec:
            guard let plugin else { break }
            let result = try await plugin.run()
            login.authorization = result.token.map { "Bearer \($0.value)" }
            if let (chain, key) = result.certificate, let base {
                login.tls = try Self.identity(.inline(chain), .inline(key), base)
            }
            life = result.life ?? life
        }
        return (login, life)
    }

    // MARK: Files and certificates

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let text = bytes.drop { $0 <= 0x20 }
        return String(
            decoding: text.prefix(through: text.lastIndex { $0 > 0x20 } ?? text.startIndex - 1), as: UTF8.self)
    }

    private static func contents(_ data: ConfigurationData, _ key: String) throws(KubernetesError) -> [UInt8] {
        switch data {
        case .inline(let bytes): return bytes
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw KubernetesError(.invalidConfiguration, "\(key): \(path) cannot be read")
            }
            return Array(data)
        }
    }

    private static func certificates(
        _ data: ConfigurationData, _ key: String
    ) throws(KubernetesError) -> [NIOSSLCertificate] {
        let bytes = try contents(data, key)
        if let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty { return certificates }
        throw KubernetesError(.invalidConfiguration, "\(key): there is no certificate in PEM form")
    }

    private static func identity(
        _ chain: ConfigurationData, _ key: ConfigurationData, _ base: TLSConfiguration
    ) throws(KubernetesError) -> TLSConfiguration {
        var tls = base
        tls.certificateChain = try certificates(chain, "client-certificate").map { .certificate($0) }
        let bytes = try contents(key, "client-key")
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
            throw KubernetesError(.invalidConfiguration, "client-key: there is no private key in PEM form")
        }
        tls.privateKey = .privateKey(key)
        return tls
    }
}
