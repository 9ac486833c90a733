// What a driver is told of TLS: the certificates themselves, no references.

/// A certificate with its key. Printed it shows its reference, never the key.
public struct CertificateMaterial: Codable, Hashable, Sendable {
    /// Where it came from; two materials with one reference are the same certificate.
    public var reference: String?
    /// The certificate and then its intermediates, in PEM (RFC 7468).
    public var certificateChain: String
    /// The unencrypted private key in PEM.
    public var privateKey: String

    public init(reference: String? = nil, certificateChain: String, privateKey: String) {
        self.reference = reference
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }

    /// A certificate that is wanted and cannot be had.
    public static func missing(_ reference: String) -> CertificateMaterial {
        CertificateMaterial(reference: reference, certificateChain: "", privateKey: "")
    }

    /// Whether it is wanted and cannot be had.
    public var isMissing: Bool { privateKey.isEmpty }
}

extension CertificateMaterial: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "certificate \(reference ?? "without reference")" }

    public var debugDescription: String { description }

    public var customMirror: Mirror { Mirror(self, children: [("reference", reference as Any)]) }
}

/// How a listener of protocol TERMINATED_HTTPS speaks TLS with clients.
public struct ListenerTLSPlan: Codable, Hashable, Sendable {
    /// The default certificate and then those chosen by the name that the client asks for (SNI, RFC 6066).
    public var certificates: [CertificateMaterial]
    public var clientAuthentication: ClientAuthentication
    /// The authorities of clients' certificates, in PEM; absent with a reference when it cannot be had.
    public var clientAuthority: String?
    /// Where ``clientAuthority`` comes from.
    public var clientAuthorityReference: String?
    /// Their revocation list, in PEM; absent with a reference when it cannot be had.
    public var clientRevocationList: String?
    /// Where ``clientRevocationList`` comes from.
    public var clientRevocationListReference: String?
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
        clientAuthority: String? = nil, clientAuthorityReference: String? = nil, clientRevocationList: String? = nil,
        clientRevocationListReference: String? = nil, ciphers: String? = nil, versions: [String]? = nil,
        alpnProtocols: [String]? = nil, problem: String? = nil
    ) {
        self.certificates = certificates
        self.clientAuthentication = clientAuthentication
        self.clientAuthority = clientAuthority
        self.clientAuthorityReference = clientAuthorityReference
        self.clientRevocationList = clientRevocationList
        self.clientRevocationListReference = clientRevocationListReference
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
    /// The authorities of members' certificates, in PEM. Absent means that members are not verified, unless there is a
    /// reference: then it cannot be had.
    public var authority: String?
    /// Where ``authority`` comes from.
    public var authorityReference: String?
    /// Their revocation list, in PEM; absent with a reference when it cannot be had.
    public var revocationList: String?
    /// Where ``revocationList`` comes from.
    public var revocationListReference: String?
    /// OpenSSL names joined by colons; absent is the data plane's choice.
    public var ciphers: String?
    /// Such as `TLSv1.2`; absent is the data plane's choice.
    public var versions: [String]?
    /// ALPN protocol ids (RFC 7301) in order of preference.
    public var alpnProtocols: [String]?
    /// Why members cannot be reached safely: certificates that cannot be had any more.
    public var problem: String?

    public init(
        certificate: CertificateMaterial? = nil, authority: String? = nil, authorityReference: String? = nil,
        revocationList: String? = nil, revocationListReference: String? = nil, ciphers: String? = nil,
        versions: [String]? = nil, alpnProtocols: [String]? = nil, problem: String? = nil
    ) {
        self.certificate = certificate
        self.authority = authority
        self.authorityReference = authorityReference
        self.revocationList = revocationList
        self.revocationListReference = revocationListReference
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
