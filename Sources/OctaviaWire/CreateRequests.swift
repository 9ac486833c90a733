// Bodies of POST requests, decoded: types checked, defaults filled in.

public import LoadBalancing

/// `POST /loadbalancers`, with the tree below it when it is fully populated.
public struct LoadBalancerCreate: Sendable, Equatable {
    public var name = ""
    public var description = ""
    public var adminStateUp = true
    public var projectID: String?
    public var vipAddress: String?
    public var vipPortID: ResourceID?
    public var vipSubnetID: ResourceID?
    public var vipNetworkID: ResourceID?
    public var vipQoSPolicyID: ResourceID?
    /// Absent when the request does not mention the field: mentioning it needs one more right.
    public var vipSecurityGroupIDs: [ResourceID]?
    public var additionalVIPs: [AdditionalVIP] = []
    /// Absent when not mentioned; an explicit `null` selects `amphora`.
    public var provider: String?
    public var flavorID: ResourceID?
    public var availabilityZone: String?
    public var tags: [String] = []
    public var listeners: [ListenerCreate] = []
    public var pools: [PoolCreate] = []

    public init() {}
}

/// `POST /listeners`, or a listener inside a fully populated load balancer.
public struct ListenerCreate: Sendable, Equatable {
    public var name = ""
    public var description = ""
    public var adminStateUp = true
    public var tags: [String] = []
    /// Absent only inside a fully populated load balancer.
    public var loadBalancerID: ResourceID?
    public var listenerProtocol: ListenerProtocol
    public var protocolPort: Int
    /// -1 when not mentioned; absent when `null`.
    public var connectionLimit: Int? = -1
    public var defaultPoolID: ResourceID?
    public var insertHeaders: [String: String] = [:]
    public var timeouts = ListenerTimeouts()
    public var defaultTLSContainerRef: String?
    public var sniContainerRefs: [String] = []
    public var clientAuthentication = ClientAuthentication.none
    public var clientCAContainerRef: String?
    public var clientCRLContainerRef: String?
    /// In CIDR notation with host bits cleared, without repetition; empty is everybody.
    public var allowedCIDRs: [String] = []
    public var tlsCiphers: String?
    public var tlsVersions: [String]?
    public var alpnProtocols: [String]?
    public var hstsMaxAge: Int?
    public var hstsIncludeSubdomains = false
    public var hstsPreload = false
    /// Status code → page; see ``ErrorPageLimits``.
    public var errorPages: [Int: String] = [:]
    /// Inside a fully populated load balancer only.
    public var defaultPool: PoolCreate?
    /// Inside a fully populated load balancer only.
    public var l7Policies: [L7PolicyCreate] = []

    public init(listenerProtocol: ListenerProtocol, protocolPort: Int) {
        self.listenerProtocol = listenerProtocol
        self.protocolPort = protocolPort
    }
}

/// `POST /pools`, or a pool inside a fully populated load balancer: a definition or a reference by name.
public struct PoolCreate: Sendable, Equatable {
    /// Absent when not mentioned or `null`.
    public var name: String?
    public var description = ""
    public var adminStateUp = true
    public var tags: [String] = []
    public var loadBalancerID: ResourceID?
    public var listenerID: ResourceID?
    /// Required, but for references by name.
    public var poolProtocol: PoolProtocol?
    /// Required, but for references by name.
    public var algorithm: LoadBalancingAlgorithm?
    public var sessionPersistence: SessionPersistence?
    public var tls = PoolTLS()
    /// Inside a fully populated load balancer only.
    public var members: [MemberCreate] = []
    /// Inside a fully populated load balancer only.
    public var healthMonitor: HealthMonitorCreate?
    /// Inside a fully populated load balancer: true when the object has no key besides `name`, `admin_state_up` and
    /// `tls_enabled`, so that it refers to a pool defined elsewhere.
    public var isReference = false

    public init() {}
}

/// `POST /pools/{id}/members`, or an entry of a batch, or a member inside a fully populated load balancer.
public struct MemberCreate: Sendable, Equatable {
    public var name = ""
    public var adminStateUp = true
    public var tags: [String] = []
    public var address: String
    public var protocolPort: Int
    /// 1 when not mentioned; absent when `null`.
    public var weight: Int? = 1
    public var isBackup = false
    public var subnetID: ResourceID?
    public var monitorAddress: String?
    public var monitorPort: Int?
    public var requestSRIOV = false
    /// Which of `name`, `tags` and `subnet_id` a batch entry mentions: an existing member keeps the others.
    public var mentionsName = false
    public var mentionsTags = false
    public var mentionsSubnet = false

    public init(address: String, protocolPort: Int) {
        self.address = address
        self.protocolPort = protocolPort
    }
}

/// `POST /healthmonitors`, or the monitor of a pool inside a fully populated load balancer.
public struct HealthMonitorCreate: Sendable, Equatable {
    public var name = ""
    public var adminStateUp = true
    public var tags: [String] = []
    /// Absent only inside a fully populated load balancer.
    public var poolID: ResourceID?
    public var type: HealthMonitorType
    public var delay: Int
    public var timeout: Int
    public var maxRetries: Int
    public var maxRetriesDown = 3
    /// The five below are as the request has them; defaults depend on the type and are the control plane's.
    public var httpMethod: HealthMonitorMethod?
    public var urlPath: String?
    public var expectedCodes: String?
    public var httpVersion: Double?
    public var domainName: String?

    public init(type: HealthMonitorType, delay: Int, timeout: Int, maxRetries: Int) {
        self.type = type
        self.delay = delay
        self.timeout = timeout
        self.maxRetries = maxRetries
    }
}

/// `POST /l7policies`, or a policy inside a fully populated load balancer.
public struct L7PolicyCreate: Sendable, Equatable {
    public var name = ""
    public var description = ""
    public var adminStateUp = true
    public var tags: [String] = []
    /// Absent only inside a fully populated load balancer.
    public var listenerID: ResourceID?
    public var action: L7PolicyAction
    public var redirectPoolID: ResourceID?
    public var redirectURL: String?
    public var redirectPrefix: String?
    public var redirectHTTPCode: Int?
    /// 1–2147483647; the largest appends.
    public var position = 2_147_483_647
    /// Inside a fully populated load balancer only.
    public var redirectPool: PoolCreate?
    /// Inside a fully populated load balancer only.
    public var rules: [L7RuleCreate] = []

    public init(action: L7PolicyAction) {
        self.action = action
    }
}

/// `POST /l7policies/{id}/rules`, or a rule inside a fully populated load balancer.
public struct L7RuleCreate: Sendable, Equatable {
    public var adminStateUp = true
    public var tags: [String] = []
    public var type: L7RuleType
    public var compareType: L7RuleCompareType
    public var key: String?
    public var value: String
    public var invert = false

    public init(type: L7RuleType, compareType: L7RuleCompareType, value: String) {
        self.type = type
        self.compareType = compareType
        self.value = value
    }
}
