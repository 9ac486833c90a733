// The two statuses of every resource, and the terms of the API for protocols, algorithms and actions.

/// How far the service has come in making a resource what its owner asked for (API reference, "Provisioning status codes").
public enum ProvisioningStatus: String, Sendable, Hashable, Codable, CaseIterable {
    case active = "ACTIVE"
    case pendingCreate = "PENDING_CREATE"
    case pendingUpdate = "PENDING_UPDATE"
    case pendingDelete = "PENDING_DELETE"
    case error = "ERROR"
    case deleted = "DELETED"

    /// Whether work is under way.
    public var isPending: Bool { self == .pendingCreate || self == .pendingUpdate || self == .pendingDelete }
}

/// What a resource is doing for its users at the moment (API reference, "Operating status codes").
public enum OperatingStatus: String, Sendable, Hashable, Codable, CaseIterable {
    case online = "ONLINE"
    case offline = "OFFLINE"
    case degraded = "DEGRADED"
    case error = "ERROR"
    case draining = "DRAINING"
    case noMonitor = "NO_MONITOR"
}

/// The protocol that a listener speaks with clients.
public enum ListenerProtocol: String, Sendable, Hashable, Codable, CaseIterable {
    case tcp = "TCP"
    case http = "HTTP"
    case https = "HTTPS"
    case terminatedHTTPS = "TERMINATED_HTTPS"
    case udp = "UDP"
    case sctp = "SCTP"
    case prometheus = "PROMETHEUS"

    /// The transport whose port space the listener occupies.
    public var transport: TransportProtocol {
        switch self {
        case .udp: .udp
        case .sctp: .sctp
        case .tcp, .http, .https, .terminatedHTTPS, .prometheus: .tcp
        }
    }
}

/// A transport protocol with a port space of its own.
public enum TransportProtocol: String, Sendable, Hashable, Codable {
    case tcp, udp, sctp
}

/// The protocol that a pool speaks with its members.
public enum PoolProtocol: String, Sendable, Hashable, Codable, CaseIterable {
    case tcp = "TCP"
    case http = "HTTP"
    case https = "HTTPS"
    case proxy = "PROXY"
    case proxyV2 = "PROXYV2"
    case udp = "UDP"
    case sctp = "SCTP"

    /// Whether members are reached by datagrams or SCTP, which other rules apply to.
    public var isDatagram: Bool { self == .udp || self == .sctp }
}

/// How a pool picks a member for a new connection or request.
public enum LoadBalancingAlgorithm: String, Sendable, Hashable, Codable, CaseIterable {
    case roundRobin = "ROUND_ROBIN"
    case leastConnections = "LEAST_CONNECTIONS"
    case sourceIP = "SOURCE_IP"
    case sourceIPPort = "SOURCE_IP_PORT"
}

/// What keeps a client with the member it got first.
public enum SessionPersistenceType: String, Sendable, Hashable, Codable, CaseIterable {
    case sourceIP = "SOURCE_IP"
    case httpCookie = "HTTP_COOKIE"
    case appCookie = "APP_COOKIE"
}

/// How a health monitor asks a member whether it works.
public enum HealthMonitorType: String, Sendable, Hashable, Codable, CaseIterable {
    case http = "HTTP"
    case https = "HTTPS"
    case ping = "PING"
    case tcp = "TCP"
    case tlsHello = "TLS-HELLO"
    case udpConnect = "UDP-CONNECT"
    case sctp = "SCTP"

    /// Whether the monitor sends an HTTP request, so that method, path and codes apply.
    public var speaksHTTP: Bool { self == .http || self == .https }
}

/// The method of a health monitor's HTTP request.
public enum HealthMonitorMethod: String, Sendable, Hashable, Codable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case trace = "TRACE"
    case options = "OPTIONS"
    case connect = "CONNECT"
    case patch = "PATCH"
}

/// Whether clients of a TLS listener must show a certificate.
public enum ClientAuthentication: String, Sendable, Hashable, Codable, CaseIterable {
    case none = "NONE"
    case optional = "OPTIONAL"
    case mandatory = "MANDATORY"
}

/// What an L7 policy does with a request that all its rules match.
public enum L7PolicyAction: String, Sendable, Hashable, Codable, CaseIterable {
    case reject = "REJECT"
    case redirectToPool = "REDIRECT_TO_POOL"
    case redirectToURL = "REDIRECT_TO_URL"
    case redirectPrefix = "REDIRECT_PREFIX"
}

/// What part of a request an L7 rule looks at.
public enum L7RuleType: String, Sendable, Hashable, Codable, CaseIterable {
    case hostName = "HOST_NAME"
    case path = "PATH"
    case fileType = "FILE_TYPE"
    case header = "HEADER"
    case cookie = "COOKIE"
    case sslConnectionHasCertificate = "SSL_CONN_HAS_CERT"
    case sslVerifyResult = "SSL_VERIFY_RESULT"
    case sslDistinguishedNameField = "SSL_DN_FIELD"
}

/// How an L7 rule compares that part with its value.
public enum L7RuleCompareType: String, Sendable, Hashable, Codable, CaseIterable {
    case regex = "REGEX"
    case startsWith = "STARTS_WITH"
    case endsWith = "ENDS_WITH"
    case contains = "CONTAINS"
    case equalTo = "EQUAL_TO"
}
