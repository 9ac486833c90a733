// What a driver is told of TLS: the certificates themselves, no references.

/// A certificate with its key.
public struct CertificateMaterial: Codable, Hashable, Sendable {
    /// The certificate and then its intermediates, in PEM (RFC 7468).
    public var certificateChain: String
    /// The unencrypted private key in PEM.
    public var privateKey: String

    public init(certificateChain: String, privateKey: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

/// How a listener of protocol TERMINATED_HTTPS speaks TLS with clients.
public struct ListenerTLSPlan: Codable, Hashable, Sendable {
    /// The default certificate and then those chosen by the name that the client asks for (SNI, RFC 6066).
    public var certificates: [CertificateMaterial]
    public var clientAuthentication: ClientAuthentication
    /// The authorities of clients' certificates, in PEM.
    public var clientAuthority: String?
    /// Their revocation list, in PEM.
    public var clientRevocationList: String?
    /// OpenSSL names joined by colons; absent is the data plane's choice.
    public var ciphers: String?
    /// Such as `TLSv1.2`; absent is the data plane's choice.
    public var versions: [String]?
    /// ALPN protocol ids (RFC 7301) in order of preference.
    public var alpnProtocols: [String]?
    /// Why the listener cannot be served although its owner wants it: certificates that cannot be had any more.
    public var problem: String?

    public init(
        certificates: [CertificateMaterial], clientAuthentication: ClientAuthentication = .none,
        clientAuthority: String? = nil, clientRevocationList: String? = nil, ciphers: String? = nil,
        versions: [String]? = nil, alpnProtocols: [String]? = nil, problem: String? = nil
    ) {
        self.certificates = certificates
        self.clientAuthentication = clientAuthentication
        self.clientAuthority = clientAuthority
        self.clientRevocationList = clientRevocationList
        self.ciphers = ciphers
        self.versions = versions
        self.alpnProtocols = alpnProtocols
        self.problem = problem
    }
}

/// HTTP Strict Transport Security (RFC 6797): a header that tells browsers to come by TLS only.
public struct StrictTransportSecurityPlan: Codable, Hashable, Sendable {
    /// Seconds.
    public var maxAge: Int
    public var includesSubdomains: Bool
    public var preload: Bool

    public init(maxAge: Int, includesSubdomains: Bool = false, preload: Bool = false) {
        self.maxAge = maxAge
        self.includesSubdomains = includesSubdomains
        self.preload = preload
    }
}

/// How a pool speaks TLS with its members.
public struct PoolTLSPlan: Codable, Hashable, Sendable {
    /// What the load balancer shows to members that ask for a certificate.
    public var certificate: CertificateMaterial?
    /// The authorities of members' certificates, in PEM; absent means that members are not verified.
    public var authority: String?
    /// Their revocation list, in PEM.
    public var revocationList: String?
    /// OpenSSL names joined by colons; absent is the data plane's choice.
    public var ciphers: String?
    /// Such as `TLSv1.2`; absent is the data plane's choice.
    public var versions: [String]?
    /// ALPN protocol ids (RFC 7301) in order of preference.
    public var alpnProtocols: [String]?
    /// Why members cannot be reached safely: certificates that cannot be had any more.
    public var problem: String?

    public init(
        certificate: CertificateMaterial? = nil, authority: String? = nil, revocationList: String? = nil,
        ciphers: String? = nil, versions: [String]? = nil, alpnProtocols: [String]? = nil, problem: String? = nil
    ) {
        self.certificate = certificate
        self.authority = authority
        self.revocationList = revocationList
        self.ciphers = ciphers
        self.versions = versions
        self.alpnProtocols = alpnProtocols
        self.problem = problem
    }
}

/// The certificates and texts behind the references of one tree.
public struct TLSMaterial: Hashable, Sendable {
    /// Reference → certificate with key.
    public var certificates: [String: CertificateMaterial]
    /// Reference → PEM text of an authority or a revocation list.
    public var texts: [String: String]

    public init(certificates: [String: CertificateMaterial] = [:], texts: [String: String] = [:]) {
        self.certificates = certificates
        self.texts = texts
    }
}
