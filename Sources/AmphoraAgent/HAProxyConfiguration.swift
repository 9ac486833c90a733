// What HAProxy is told to do for one load balancer, as typed values: the step between the plan and the text.

/// The configuration of one HAProxy process.
///
/// Equal values render to equal text, so two configurations can be compared instead of their texts.
struct HAProxyConfiguration: Hashable, Sendable {
    /// Settings of the process as a whole.
    var process: ProcessSettings
    /// The id of the load balancer, for messages of the process; absent in parts that are only checked.
    var loadBalancer: String?
    /// Where clients connect, ordered by listener id.
    var frontends: [Frontend] = []
    /// Where they are sent, ordered by name.
    var backends: [Backend] = []

    /// Whether there is anything to do: a port to serve or a member to check.
    var needsProcess: Bool { !frontends.isEmpty || backends.contains { $0.check != nil } }

    /// Every address and port that the process listens on.
    var endpoints: Set<Endpoint> { Set(frontends.flatMap(\.binds)) }
}

extension HAProxyConfiguration {
    /// HAProxy's two ways to treat a connection.
    enum Mode: Hashable, Sendable {
        case tcp, http
    }

    /// Settings that belong to the process.
    struct ProcessSettings: Hashable, Sendable {
        /// The threads that carry traffic (`nbthread`).
        var threads: Int
        /// The most connections of all listeners together (`maxconn`).
        var maxConnections: Int
        /// Seconds that a replaced process may go on with its old connections (`hard-stop-after`).
        var hardStopAfter: Int
        /// The user that the process becomes after it has opened its ports; `nil` keeps the agent's.
        var credentials: Credentials?
        /// Whether requests and connections are logged.
        var logsAccess = false
    }

    /// A numeric user and group.
    struct Credentials: Hashable, Sendable {
        var user: UInt32
        var group: UInt32
    }

    /// One listener.
    struct Frontend: Hashable, Sendable {
        /// The id of the listener.
        var name: String
        var mode: Mode
        var binds: [Endpoint]
        /// The most connections at a time; never more than the process takes.
        var maxConnections: Int
        /// In milliseconds.
        var clientTimeout: Int
        /// In milliseconds; 0 is off.
        var inspectDelay: Int
        /// CIDR blocks of the clients that may connect; never empty.
        var acceptedSources: [String]
        var insertedHeaders: [InsertedHeader]
        var defaultBackend: String?
        /// In the order in which they are asked; in mode HTTP only.
        var policies: [L7Policy] = []
        /// Status → the owner's page; in mode HTTP only.
        var ownErrorPages: [Int: String] = [:]
        /// Whether the process's metrics are all that is here.
        var servesMetrics = false
        /// What is logged of each request or connection; absent is nothing.
        var accessLogFormat: String?
        /// With clients that speak TLS.
        var tls: FrontendTLS?

        /// The name of the file that lists ``acceptedSources``, within the load balancer's folder.
        var accessListFile: String { DataPlaneFile.accessListPrefix + name }
    }

    /// A request header that the frontend sets, in the order they are written.
    enum InsertedHeader: String, Hashable, Sendable, CaseIterable {
        case forwardedFor = "X-Forwarded-For"
        case forwardedPort = "X-Forwarded-Port"
        case forwardedProtocol = "X-Forwarded-Proto"
        case forwardedIP = "X-Forwarded-IP"
        case clientIP = "X-Client-IP"
        case realIP = "X-Real-IP"
    }

    /// A pool as one group of listeners uses it.
    struct Backend: Hashable, Sendable {
        /// `<pool id>:<listener id>`, or the pool id alone for a pool on no listener.
        var name: String
        var mode: Mode
        var algorithm: Algorithm
        var persistence: Persistence
        /// In milliseconds.
        var connectTimeout: Int
        /// In milliseconds.
        var serverTimeout: Int
        /// How servers are checked, unless ``trackedBackend`` does it.
        var check: HealthCheck?
        /// The backend of the same pool whose check results count here too.
        var trackedBackend: String?
        /// Ordered by name.
        var servers: [Server]
        /// With members that speak TLS.
        var tls: ServerTLS?
    }

    /// How a server is picked. All of them are dynamic, so that servers can be added to a running process.
    enum Algorithm: Hashable, Sendable {
        case roundRobin, leastConnections, source
    }

    /// What keeps a client with its server.
    enum Persistence: Hashable, Sendable {
        case none
        /// A cookie that HAProxy sets.
        case cookie
        /// The address of the client.
        case sourceAddress(isIPv6: Bool)
        /// A cookie that the application sets.
        case applicationCookie(name: String)
    }

    /// How servers of one backend are checked.
    struct HealthCheck: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            case connect
            case tlsHello
            case http(HTTPCheck, overTLS: Bool)
        }

        var kind: Kind
        /// Seconds between two checks.
        var interval: Int
        /// Seconds that one check may take.
        var timeout: Int
        /// Successes in a row that bring a server back.
        var rise: Int
        /// Failures in a row that take a server out.
        var fall: Int
    }

    /// The request of an HTTP check and the answers that count as success.
    struct HTTPCheck: Hashable, Sendable {
        var method: String
        /// Printable ASCII without spaces.
        var path: String
        /// `HTTP/1.0` or `HTTP/1.1`.
        var version: String?
        /// The Host header.
        var host: String?
        /// Codes and ranges, such as `200,202-204`.
        var expectedCodes: String
    }

    /// One member.
    struct Server: Hashable, Sendable {
        enum ProxyProtocol: Hashable, Sendable {
            case none, version1, version2
        }

        /// The id of the member.
        var name: String
        /// HAProxy's number of the server. Made from the id of the member, so that it is the same for a server that
        /// was added to a running process and after a reload: consistent hashing and stick tables go by it.
        var number: Int
        var endpoint: Endpoint
        var weight: Int
        var isBackup: Bool
        var isDisabled: Bool
        var proxyProtocol: ProxyProtocol
        /// Where checks go, if not to the endpoint.
        var checkAddress: String?
        var checkPort: Int?
    }
}
