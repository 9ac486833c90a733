// A set of members that share work, and how it is shared.

/// A pool without its members and monitor.
public struct Pool: TreeResource {
    public static let kind = ResourceKind.pool

    public var core: ResourceCore
    public var loadBalancerID: ResourceID
    public var name: String
    public var description: String
    public var poolProtocol: PoolProtocol
    public var algorithm: LoadBalancingAlgorithm
    public var sessionPersistence: SessionPersistence?
    public var tls: PoolTLS

    public init(
        core: ResourceCore, loadBalancerID: ResourceID, name: String = "", description: String = "",
        poolProtocol: PoolProtocol, algorithm: LoadBalancingAlgorithm, sessionPersistence: SessionPersistence? = nil,
        tls: PoolTLS = .init()
    ) {
        self.core = core
        self.loadBalancerID = loadBalancerID
        self.name = name
        self.description = description
        self.poolProtocol = poolProtocol
        self.algorithm = algorithm
        self.sessionPersistence = sessionPersistence
        self.tls = tls
    }
}

/// How a pool speaks TLS with its members.
public struct PoolTLS: Hashable, Sendable {
    public var isEnabled: Bool
    public var containerRef: String?
    public var caContainerRef: String?
    public var crlContainerRef: String?
    public var ciphers: String?
    public var versions: [String]?
    public var alpnProtocols: [String]?

    public init(
        isEnabled: Bool = false, containerRef: String? = nil, caContainerRef: String? = nil,
        crlContainerRef: String? = nil, ciphers: String? = nil, versions: [String]? = nil,
        alpnProtocols: [String]? = nil
    ) {
        self.isEnabled = isEnabled
        self.containerRef = containerRef
        self.caContainerRef = caContainerRef
        self.crlContainerRef = crlContainerRef
        self.ciphers = ciphers
        self.versions = versions
        self.alpnProtocols = alpnProtocols
    }
}

/// A server that does the work.
public struct Member: TreeResource {
    public static let kind = ResourceKind.member

    public var core: ResourceCore
    public var loadBalancerID: ResourceID
    public var poolID: ResourceID
    public var name: String
    /// As the client wrote it; two spellings of an IPv6 address are two members.
    public var address: String
    /// 1–65535.
    public var protocolPort: Int
    /// 0–256; 0 drains, absent stays absent and counts as 1.
    public var weight: Int?
    public var isBackup: Bool
    public var subnetID: ResourceID?
    public var monitorAddress: String?
    public var monitorPort: Int?
    /// `normal` or `direct`.
    public var vnicType: String

    public init(
        core: ResourceCore, loadBalancerID: ResourceID, poolID: ResourceID, name: String = "", address: String,
        protocolPort: Int, weight: Int? = 1, isBackup: Bool = false, subnetID: ResourceID? = nil,
        monitorAddress: String? = nil, monitorPort: Int? = nil, vnicType: String = "normal"
    ) {
        self.core = core
        self.loadBalancerID = loadBalancerID
        self.poolID = poolID
        self.name = name
        self.address = address
        self.protocolPort = protocolPort
        self.weight = weight
        self.isBackup = isBackup
        self.subnetID = subnetID
        self.monitorAddress = monitorAddress
        self.monitorPort = monitorPort
        self.vnicType = vnicType
    }
}

/// How the members of a pool are watched.
public struct HealthMonitor: TreeResource {
    public static let kind = ResourceKind.healthMonitor

    public var core: ResourceCore
    public var loadBalancerID: ResourceID
    public var poolID: ResourceID
    public var name: String
    public var type: HealthMonitorType
    /// Seconds between two checks.
    public var delay: Int
    /// Seconds that one check may take.
    public var timeout: Int
    /// Successes in a row that bring a member back: 1–10.
    public var maxRetries: Int
    /// Failures in a row that take a member out: 1–10.
    public var maxRetriesDown: Int
    /// Present with the types that speak HTTP.
    public var httpMethod: HealthMonitorMethod?
    public var urlPath: String?
    public var expectedCodes: String?
    /// 1.0 or 1.1.
    public var httpVersion: Double?
    public var domainName: String?

    public init(
        core: ResourceCore, loadBalancerID: ResourceID, poolID: ResourceID, name: String = "", type: HealthMonitorType,
        delay: Int, timeout: Int, maxRetries: Int, maxRetriesDown: Int = 3, httpMethod: HealthMonitorMethod? = nil,
        urlPath: String? = nil, expectedCodes: String? = nil, httpVersion: Double? = nil, domainName: String? = nil
    ) {
        self.core = core
        self.loadBalancerID = loadBalancerID
        self.poolID = poolID
        self.name = name
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
