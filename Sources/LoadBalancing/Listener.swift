// A port on which a load balancer answers.

/// A listener without its L7 policies.
public struct Listener: TreeResource {
    public static let kind = ResourceKind.listener

    public var core: ResourceCore
    public var loadBalancerID: ResourceID
    public var name: String
    public var description: String
    public var listenerProtocol: ListenerProtocol
    /// 1–65535.
    public var protocolPort: Int
    /// The most connections at a time; -1 is no limit, absent stays absent.
    public var connectionLimit: Int?
    public var defaultPoolID: ResourceID?
    /// Header name → value; values are strings such as `true`.
    public var insertHeaders: [String: String]
    public var timeouts: ListenerTimeouts
    public var tls: ListenerTLS
    /// Networks that may connect, in the order given; empty is everybody.
    public var allowedCIDRs: [String]
    /// HTTP Strict Transport Security (RFC 6797): seconds, or absent for no header.
    public var hstsMaxAge: Int?
    public var hstsIncludeSubdomains: Bool
    public var hstsPreload: Bool
    /// Status code → the owner's page; see ``ErrorPageLimits``.
    public var errorPages: [Int: String]

    public init(
        core: ResourceCore, loadBalancerID: ResourceID, name: String = "", description: String = "",
        listenerProtocol: ListenerProtocol, protocolPort: Int, connectionLimit: Int? = -1,
        defaultPoolID: ResourceID? = nil, insertHeaders: [String: String] = [:], timeouts: ListenerTimeouts = .init(),
        tls: ListenerTLS = .init(), allowedCIDRs: [String] = [], hstsMaxAge: Int? = nil,
        hstsIncludeSubdomains: Bool = false, hstsPreload: Bool = false,
        errorPages: [Int: String] = [:]
    ) {
        self.core = core
        self.loadBalancerID = loadBalancerID
        self.name = name
        self.description = description
        self.listenerProtocol = listenerProtocol
        self.protocolPort = protocolPort
        self.connectionLimit = connectionLimit
        self.defaultPoolID = defaultPoolID
        self.insertHeaders = insertHeaders
        self.timeouts = timeouts
        self.tls = tls
        self.allowedCIDRs = allowedCIDRs
        self.hstsMaxAge = hstsMaxAge
        self.hstsIncludeSubdomains = hstsIncludeSubdomains
        self.hstsPreload = hstsPreload
        self.errorPages = errorPages
    }
}

extension Listener {
    /// Whether clients speak TLS with the load balancer: always, or because the listener has a certificate.
    public var endsTLS: Bool {
        switch listenerProtocol {
        case .terminatedHTTPS: true
        case .prometheus: tls.defaultContainerRef != nil || !tls.sniContainerRefs.isEmpty
        case .tcp, .http, .https, .udp, .sctp: false
        }
    }
}

/// How a listener speaks TLS.
public struct ListenerTLS: Hashable, Sendable {
    public var defaultContainerRef: String?
    public var sniContainerRefs: [String]
    public var clientAuthentication: ClientAuthentication
    public var clientCAContainerRef: String?
    public var clientCRLContainerRef: String?
    /// OpenSSL names joined by colons.
    public var ciphers: String?
    /// Such as `TLSv1.2`; absent when TLS does not apply.
    public var versions: [String]?
    /// ALPN protocol ids (RFC 7301) in order of preference.
    public var alpnProtocols: [String]?

    public init(
        defaultContainerRef: String? = nil, sniContainerRefs: [String] = [],
        clientAuthentication: ClientAuthentication = .none, clientCAContainerRef: String? = nil,
        clientCRLContainerRef: String? = nil, ciphers: String? = nil, versions: [String]? = nil,
        alpnProtocols: [String]? = nil
    ) {
        self.defaultContainerRef = defaultContainerRef
        self.sniContainerRefs = sniContainerRefs
        self.clientAuthentication = clientAuthentication
        self.clientCAContainerRef = clientCAContainerRef
        self.clientCRLContainerRef = clientCRLContainerRef
        self.ciphers = ciphers
        self.versions = versions
        self.alpnProtocols = alpnProtocols
    }
}
