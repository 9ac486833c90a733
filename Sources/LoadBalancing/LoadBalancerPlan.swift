// What a provider driver is asked to make real: the load balancer without anything that only the API needs.

/// The desired data plane of one load balancer, as one value.
///
/// A plan is made from a valid tree: resources that are being deleted are left out, references are resolved within the
/// plan, and every value satisfies the rules of the API. A driver never reads anything else. The agent keeps the last
/// plan of each load balancer on disk as JSON.
public struct LoadBalancerPlan: Codable, Hashable, Sendable {
    /// The load balancer.
    public var loadBalancerID: ResourceID
    /// The owner, for logs.
    public var projectID: String?
    /// The version of the tree that this plan shows; it grows with each change.
    public var generation: Int64
    /// False when the owner switched the load balancer off: no listener may answer.
    public var isEnabled: Bool
    /// Where listeners answer: VIP first, then additional VIPs and floating addresses, in text form.
    public var addresses: [String]
    /// The listeners, ordered by id.
    public var listeners: [ListenerPlan]
    /// The pools that listeners refer to or that stand alone, ordered by id.
    public var pools: [PoolPlan]

    public init(
        loadBalancerID: ResourceID, projectID: String? = nil, generation: Int64, isEnabled: Bool, addresses: [String],
        listeners: [ListenerPlan], pools: [PoolPlan]
    ) {
        self.projectID = projectID
        self.loadBalancerID = loadBalancerID
        self.generation = generation
        self.isEnabled = isEnabled
        self.addresses = addresses
        self.listeners = listeners
        self.pools = pools
    }

    /// The pool with that id, if it is part of the plan.
    public func pool(_ id: ResourceID) -> PoolPlan? { pools.first { $0.id == id } }
}

/// The desired state of one listener.
public struct ListenerPlan: Codable, Hashable, Sendable {
    public var id: ResourceID
    public var listenerProtocol: ListenerProtocol
    /// 1–65535.
    public var port: Int
    public var isEnabled: Bool
    /// The most connections at a time; -1 is no limit.
    public var connectionLimit: Int
    /// In milliseconds.
    public var timeouts: ListenerTimeouts
    /// Header name → what its value stands for, as API reference "insert_headers" lists them.
    public var insertHeaders: [String: String]
    /// Who may connect; empty is everybody. CIDR notation.
    public var allowedCIDRs: [String]
    /// The pool for requests that no policy sends elsewhere; always part of the plan.
    public var defaultPoolID: ResourceID?
    /// In the order in which they are asked: rejections, then redirects to URLs and prefixes, then redirects to pools;
    /// by position within each (API guide, "Layer 7 load balancing").
    public var l7Policies: [L7PolicyPlan]
    /// With protocol TERMINATED_HTTPS, and PROMETHEUS with a certificate.
    public var tls: ListenerTLSPlan?
    /// With protocol TERMINATED_HTTPS only.
    public var strictTransportSecurity: StrictTransportSecurityPlan?
    /// Status code of an error that the load balancer itself answers with → the owner's page in HTML.
    public var errorPages: [Int: String]

    public init(
        id: ResourceID, listenerProtocol: ListenerProtocol, port: Int, isEnabled: Bool = true,
        connectionLimit: Int = -1,
        timeouts: ListenerTimeouts = .init(), insertHeaders: [String: String] = [:], allowedCIDRs: [String] = [],
        defaultPoolID: ResourceID? = nil, l7Policies: [L7PolicyPlan] = [], tls: ListenerTLSPlan? = nil,
        strictTransportSecurity: StrictTransportSecurityPlan? = nil, errorPages: [Int: String] = [:]
    ) {
        self.id = id
        self.listenerProtocol = listenerProtocol
        self.port = port
        self.isEnabled = isEnabled
        self.connectionLimit = connectionLimit
        self.timeouts = timeouts
        self.insertHeaders = insertHeaders
        self.allowedCIDRs = allowedCIDRs
        self.defaultPoolID = defaultPoolID
        self.l7Policies = l7Policies
        self.tls = tls
        self.strictTransportSecurity = strictTransportSecurity
        self.errorPages = errorPages
    }
}

/// The four timeouts of a listener, in milliseconds, each 0–2073600000 (24 days).
public struct ListenerTimeouts: Codable, Hashable, Sendable {
    /// Silence of the client.
    public var clientData: Int
    /// Connecting to a member.
    public var memberConnect: Int
    /// Silence of a member.
    public var memberData: Int
    /// Waiting for more bytes to inspect on a TCP connection; 0 is not at all.
    public var tcpInspect: Int

    public init(clientData: Int = 50_000, memberConnect: Int = 5_000, memberData: Int = 50_000, tcpInspect: Int = 0) {
        self.clientData = clientData
        self.memberConnect = memberConnect
        self.memberData = memberData
        self.tcpInspect = tcpInspect
    }
}

/// The desired state of one pool.
public struct PoolPlan: Codable, Hashable, Sendable {
    public var id: ResourceID
    public var poolProtocol: PoolProtocol
    public var isEnabled: Bool
    public var algorithm: LoadBalancingAlgorithm
    public var sessionPersistence: SessionPersistence?
    /// Ordered by id.
    public var members: [MemberPlan]
    /// Absent when the pool has none or its owner switched it off.
    public var healthMonitor: HealthMonitorPlan?
    /// Present when members are spoken to in TLS.
    public var tls: PoolTLSPlan?

    public init(
        id: ResourceID, poolProtocol: PoolProtocol, isEnabled: Bool = true,
        algorithm: LoadBalancingAlgorithm = .roundRobin, sessionPersistence: SessionPersistence? = nil,
        members: [MemberPlan] = [], healthMonitor: HealthMonitorPlan? = nil, tls: PoolTLSPlan? = nil
    ) {
        self.id = id
        self.poolProtocol = poolProtocol
        self.isEnabled = isEnabled
        self.algorithm = algorithm
        self.sessionPersistence = sessionPersistence
        self.members = members
        self.healthMonitor = healthMonitor
        self.tls = tls
    }
}

/// The desired state of one member.
public struct MemberPlan: Codable, Hashable, Sendable {
    public var id: ResourceID
    /// An IP address in text form.
    public var address: String
    /// 1–65535.
    public var port: Int
    /// 0–256; 0 drains: sessions go on, new ones go elsewhere.
    public var weight: Int
    /// Used only when all members that are no backup are down.
    public var isBackup: Bool
    public var isEnabled: Bool
    /// Where the monitor asks, if not at `address`.
    public var monitorAddress: String?
    /// The port the monitor asks, if not `port`.
    public var monitorPort: Int?

    public init(
        id: ResourceID, address: String, port: Int, weight: Int = 1, isBackup: Bool = false, isEnabled: Bool = true,
        monitorAddress: String? = nil, monitorPort: Int? = nil
    ) {
        self.id = id
        self.address = address
        self.port = port
        self.weight = weight
        self.isBackup = isBackup
        self.isEnabled = isEnabled
        self.monitorAddress = monitorAddress
        self.monitorPort = monitorPort
    }
}

/// How members of a pool are watched.
public struct HealthMonitorPlan: Codable, Hashable, Sendable {
    public var id: ResourceID
    public var type: HealthMonitorType
    /// Seconds between two checks.
    public var delay: Int
    /// Seconds that one check may take.
    public var timeout: Int
    /// Successes in a row that bring a member back: 1–10.
    public var maxRetries: Int
    /// Failures in a row that take a member out: 1–10.
    public var maxRetriesDown: Int
    public var httpMethod: HealthMonitorMethod
    public var urlPath: String
    /// One code, a list `200,202` or a range `200-204`.
    public var expectedCodes: String
    /// 1.0 or 1.1; absent is 1.0.
    public var httpVersion: Double?
    /// The Host header of the request.
    public var domainName: String?

    public init(
        id: ResourceID, type: HealthMonitorType, delay: Int, timeout: Int, maxRetries: Int, maxRetriesDown: Int = 3,
        httpMethod: HealthMonitorMethod = .get, urlPath: String = "/", expectedCodes: String = "200",
        httpVersion: Double? = nil, domainName: String? = nil
    ) {
        self.id = id
        self.type = type
        self.delay = delay
        self.timeout = timeout
        self.maxRetries = maxRetries
        self.maxRetriesDown = maxRetriesDown
        self.httpMethod = httpMethod
        self.urlPath = urlPath
        self.expectedCodes = expectedCodes
        self.httpVersion = httpVersion
        self.domainName = domainName
    }
}

/// What keeps a client with the member it got first.
public struct SessionPersistence: Codable, Hashable, Sendable {
    public var type: SessionPersistenceType
    /// The application's cookie; with ``SessionPersistenceType/appCookie`` only.
    public var cookieName: String?
    /// Seconds that a source address is remembered; UDP and SCTP pools only.
    public var timeout: Int?
    /// A netmask that groups source addresses; UDP and SCTP pools only.
    public var granularity: String?

    public init(
        type: SessionPersistenceType, cookieName: String? = nil, timeout: Int? = nil, granularity: String? = nil
    ) {
        self.type = type
        self.cookieName = cookieName
        self.timeout = timeout
        self.granularity = granularity
    }
}
