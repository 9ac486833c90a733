// Bodies of PUT requests, decoded: types checked, `null` turned into what it stands for.

public import LoadBalancing

/// `PUT /loadbalancers/{id}`.
public struct LoadBalancerUpdate: Sendable, Equatable {
    public var name = Change<String>.keep
    public var description = Change<String>.keep
    public var adminStateUp = Change<Bool>.keep
    public var tags = Change<[String]>.keep
    public var vipQoSPolicyID = Change<ResourceID?>.keep
    public var vipSecurityGroupIDs = Change<[ResourceID]>.keep

    public init() {}
}

/// `PUT /listeners/{id}`.
public struct ListenerUpdate: Sendable, Equatable {
    public var name = Change<String>.keep
    public var description = Change<String>.keep
    public var adminStateUp = Change<Bool>.keep
    public var tags = Change<[String]>.keep
    /// `null` is -1.
    public var connectionLimit = Change<Int?>.keep
    public var defaultPoolID = Change<ResourceID?>.keep
    public var insertHeaders = Change<[String: String]>.keep
    /// `null` is the default: 50000, 5000, 50000, 0 milliseconds.
    public var timeoutClientData = Change<Int>.keep
    public var timeoutMemberConnect = Change<Int>.keep
    public var timeoutMemberData = Change<Int>.keep
    public var timeoutTCPInspect = Change<Int>.keep
    public var defaultTLSContainerRef = Change<String?>.keep
    public var sniContainerRefs = Change<[String]>.keep
    /// `null` is an absent value here: what it stands for depends on the listener.
    public var clientAuthentication = Change<ClientAuthentication?>.keep
    public var clientCAContainerRef = Change<String?>.keep
    public var clientCRLContainerRef = Change<String?>.keep
    public var allowedCIDRs = Change<[String]>.keep
    /// `null` is an absent value here: the control plane has the default.
    public var tlsCiphers = Change<String?>.keep
    public var tlsVersions = Change<[String]?>.keep
    public var alpnProtocols = Change<[String]?>.keep
    public var hstsMaxAge = Change<Int?>.keep
    public var hstsIncludeSubdomains = Change<Bool>.keep
    public var hstsPreload = Change<Bool>.keep
    /// All pages; `null` is none.
    public var errorPages = Change<[Int: String]>.keep

    public init() {}
}

/// `PUT /pools/{id}`.
public struct PoolUpdate: Sendable, Equatable {
    public var name = Change<String>.keep
    public var description = Change<String>.keep
    public var adminStateUp = Change<Bool>.keep
    public var tags = Change<[String]>.keep
    public var algorithm = Change<LoadBalancingAlgorithm>.keep
    /// An absent value removes session persistence.
    public var sessionPersistence = Change<SessionPersistenceUpdate?>.keep
    public var tlsEnabled = Change<Bool>.keep
    public var tlsContainerRef = Change<String?>.keep
    public var caTLSContainerRef = Change<String?>.keep
    public var crlContainerRef = Change<String?>.keep
    /// `null` is an absent value here: the control plane has the default.
    public var tlsCiphers = Change<String?>.keep
    public var tlsVersions = Change<[String]?>.keep
    public var alpnProtocols = Change<[String]?>.keep

    public init() {}
}

/// The session persistence of a pool's update; keys that are not mentioned become absent, but for the type.
public struct SessionPersistenceUpdate: Sendable, Equatable {
    /// Absent keeps the type that the pool has.
    public var type: SessionPersistenceType?
    public var cookieName: String?
    public var timeout: Int?
    public var granularity: String?

    public init() {}
}

/// `PUT /pools/{id}/members/{id}`.
public struct MemberUpdate: Sendable, Equatable {
    public var name = Change<String>.keep
    public var adminStateUp = Change<Bool>.keep
    public var tags = Change<[String]>.keep
    /// `null` is 1.
    public var weight = Change<Int?>.keep
    public var isBackup = Change<Bool>.keep
    public var monitorAddress = Change<String?>.keep
    public var monitorPort = Change<Int?>.keep

    public init() {}
}

/// `PUT /healthmonitors/{id}`.
public struct HealthMonitorUpdate: Sendable, Equatable {
    public var name = Change<String>.keep
    public var adminStateUp = Change<Bool>.keep
    public var tags = Change<[String]>.keep
    public var delay = Change<Int>.keep
    public var timeout = Change<Int>.keep
    public var maxRetries = Change<Int>.keep
    public var maxRetriesDown = Change<Int>.keep
    /// An absent value (`null`) stands for the default of the type.
    public var httpMethod = Change<HealthMonitorMethod?>.keep
    public var urlPath = Change<String?>.keep
    public var expectedCodes = Change<String?>.keep
    public var httpVersion = Change<Double?>.keep
    public var domainName = Change<String?>.keep

    public init() {}
}

/// `PUT /l7policies/{id}`.
public struct L7PolicyUpdate: Sendable, Equatable {
    public var name = Change<String>.keep
    public var description = Change<String>.keep
    public var adminStateUp = Change<Bool>.keep
    public var tags = Change<[String]>.keep
    public var action = Change<L7PolicyAction>.keep
    public var redirectPoolID = Change<ResourceID?>.keep
    public var redirectURL = Change<String?>.keep
    public var redirectPrefix = Change<String?>.keep
    public var redirectHTTPCode = Change<Int?>.keep
    /// `null` changes nothing.
    public var position = Change<Int>.keep
    /// Whether the request has no field at all, be it one that changes nothing.
    public var isBlank = false

    public init() {}
}

/// `PUT /l7policies/{id}/rules/{id}`.
public struct L7RuleUpdate: Sendable, Equatable {
    public var adminStateUp = Change<Bool>.keep
    public var tags = Change<[String]>.keep
    public var type = Change<L7RuleType>.keep
    public var compareType = Change<L7RuleCompareType>.keep
    public var key = Change<String?>.keep
    public var value = Change<String>.keep
    public var invert = Change<Bool>.keep

    public init() {}
}
