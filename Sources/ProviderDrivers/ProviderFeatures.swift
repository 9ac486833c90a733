// What a provider can do: asked before a change is accepted.

public import LoadBalancing

/// Where providers differ in what they accept.
public struct ProviderFeatures: Sendable, Hashable {
    /// The algorithms of pools.
    public var algorithms: Set<LoadBalancingAlgorithm>
    /// The protocols of listeners that can have L7 policies.
    public var l7Protocols: Set<ListenerProtocol>
    /// The protocols of listeners.
    public var listenerProtocols: Set<ListenerProtocol>
    /// The protocols of pools.
    public var poolProtocols: Set<PoolProtocol>
    /// What health monitors can ask.
    public var monitorTypes: Set<HealthMonitorType>
    /// How sessions can be kept.
    public var sessionPersistenceTypes: Set<SessionPersistenceType>
    /// Whether members of UDP and SCTP pools must have the address family of some VIP.
    public var needsDatagramMembersOfVIPFamily: Bool
    /// Whether load balancers are served by amphorae that administrators can look at.
    public var hasAmphorae: Bool
    /// False when nothing is ever observed, so that measured statuses stay as they were at creation.
    public var isObserved: Bool

    public init(
        algorithms: Set<LoadBalancingAlgorithm>, l7Protocols: Set<ListenerProtocol>,
        needsDatagramMembersOfVIPFamily: Bool, hasAmphorae: Bool, isObserved: Bool = true,
        listenerProtocols: Set<ListenerProtocol> = Set(ListenerProtocol.allCases),
        poolProtocols: Set<PoolProtocol> = Set(PoolProtocol.allCases),
        monitorTypes: Set<HealthMonitorType> = Set(HealthMonitorType.allCases),
        sessionPersistenceTypes: Set<SessionPersistenceType> = Set(SessionPersistenceType.allCases)
    ) {
        self.algorithms = algorithms
        self.l7Protocols = l7Protocols
        self.needsDatagramMembersOfVIPFamily = needsDatagramMembersOfVIPFamily
        self.hasAmphorae = hasAmphorae
        self.isObserved = isObserved
        self.listenerProtocols = listenerProtocols
        self.poolProtocols = poolProtocols
        self.monitorTypes = monitorTypes
        self.sessionPersistenceTypes = sessionPersistenceTypes
    }

    /// What the reference implementation's amphora provider can do.
    public static let amphora = ProviderFeatures(
        algorithms: [.roundRobin, .leastConnections, .sourceIP], l7Protocols: [.http, .terminatedHTTPS],
        needsDatagramMembersOfVIPFamily: true, hasAmphorae: true)

    /// What the packet filter of the kernel can do: it looks at no more than addresses and ports.
    public static let kernel = ProviderFeatures(
        algorithms: [.roundRobin, .sourceIP, .sourceIPPort], l7Protocols: [],
        needsDatagramMembersOfVIPFamily: true, hasAmphorae: false,
        listenerProtocols: [.tcp, .udp, .sctp], poolProtocols: [.tcp, .udp, .sctp],
        monitorTypes: [.udpConnect, .sctp, .tcp, .http, .ping, .tlsHello], sessionPersistenceTypes: [.sourceIP])

    /// Everything that the API offers.
    public static let everything = ProviderFeatures(
        algorithms: Set(LoadBalancingAlgorithm.allCases), l7Protocols: Set(ListenerProtocol.allCases),
        needsDatagramMembersOfVIPFamily: false, hasAmphorae: false)
}

/// One key that a flavor or an availability zone may set.
public struct ProviderCapability: Sendable, Hashable {
    /// What values the key takes.
    public enum ValueType: Sendable, Hashable {
        case string
        /// One of these words.
        case choice([String])
        case bool
        /// A list of identifiers.
        case identifiers
        /// One identifier.
        case identifier
    }

    public var name: String
    /// What the key does, in a sentence for people.
    public var description: String
    public var type: ValueType

    public init(_ name: String, _ type: ValueType, _ description: String) {
        self.name = name
        self.type = type
        self.description = description
    }

    /// The keys of flavors of the amphora provider.
    public static let amphoraFlavor = [
        ProviderCapability(
            "loadbalancer_topology", .choice(["ACTIVE_STANDBY", "SINGLE"]),
            "The load balancer topology. One of: SINGLE - One amphora per load balancer. ACTIVE_STANDBY - Two amphora per load balancer."
        ),
        ProviderCapability("compute_flavor", .string, "The compute driver flavor ID."),
        ProviderCapability("amp_image_tag", .string, "The amphora image tag."),
        ProviderCapability(
            "sriov_vip", .bool, "When true, the VIP port will be created using an SR-IOV VF port."),
        ProviderCapability(
            "allow_member_sriov", .bool,
            "When true, the member ports can be created using SR-IOV VF ports if the member requests it."),
    ]

    /// The keys of availability zones of the amphora provider.
    public static let amphoraAvailabilityZone = [
        ProviderCapability("compute_zone", .string, "The compute availability zone."),
        ProviderCapability("management_network", .identifier, "The management network ID."),
        ProviderCapability(
            "valid_vip_networks", .identifiers, "List of network IDs that are allowed for VIP use."),
        ProviderCapability("volume_zone", .string, "The volume availability zone."),
    ]
}
