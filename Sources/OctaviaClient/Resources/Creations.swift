// Short ways to write new objects down; every other field can be set afterwards.

public import LoadBalancing
public import OctaviaWire

/// Where the address of a load balancer comes from.
public enum VIPSource: Sendable, Hashable {
    /// A new port there, with that address if one is given.
    case subnet(ResourceID, address: String? = nil)
    /// A new port in one of its subnets.
    case network(ResourceID, address: String? = nil)
    /// A port that is there already.
    case port(ResourceID)
}

extension LoadBalancerCreate {
    /// A load balancer; with listeners and pools it is created whole in one call.
    public init(name: String, vip: VIPSource, listeners: [ListenerCreate] = [], pools: [PoolCreate] = []) {
        self.init()
        self.name = name
        self.listeners = listeners
        self.pools = pools
        switch vip {
        case .subnet(let id, let address):
            vipSubnetID = id
            vipAddress = address
        case .network(let id, let address):
            vipNetworkID = id
            vipAddress = address
        case .port(let id): vipPortID = id
        }
    }
}

extension ListenerCreate {
    /// A listener of a load balancer that exists.
    public init(
        name: String = "", listenerProtocol: ListenerProtocol, protocolPort: Int, loadBalancer: ResourceID,
        defaultPool: ResourceID? = nil
    ) {
        self.init(listenerProtocol: listenerProtocol, protocolPort: protocolPort)
        self.name = name
        loadBalancerID = loadBalancer
        defaultPoolID = defaultPool
    }

    /// A listener inside a new load balancer.
    public init(
        name: String, listenerProtocol: ListenerProtocol, protocolPort: Int, defaultPool: PoolCreate? = nil,
        l7Policies: [L7PolicyCreate] = []
    ) {
        self.init(listenerProtocol: listenerProtocol, protocolPort: protocolPort)
        self.name = name
        self.defaultPool = defaultPool
        self.l7Policies = l7Policies
    }
}

extension PoolCreate {
    /// A pool: of a listener or load balancer that exists, or inside a new load balancer.
    public init(
        name: String, poolProtocol: PoolProtocol, algorithm: LoadBalancingAlgorithm = .roundRobin,
        loadBalancer: ResourceID? = nil, listener: ResourceID? = nil, members: [MemberCreate] = [],
        healthMonitor: HealthMonitorCreate? = nil
    ) {
        self.init()
        self.name = name
        self.poolProtocol = poolProtocol
        self.algorithm = algorithm
        loadBalancerID = loadBalancer
        listenerID = listener
        self.members = members
        self.healthMonitor = healthMonitor
    }

    /// Inside a new load balancer: the pool of that name, which is defined elsewhere in it.
    public static func named(_ name: String) -> PoolCreate {
        var pool = PoolCreate()
        pool.name = name
        pool.isReference = true
        return pool
    }
}

extension MemberCreate {
    /// Makes one; parameters that are not given have their usual values.
    public init(name: String, address: String, protocolPort: Int, weight: Int = 1) {
        self.init(address: address, protocolPort: protocolPort)
        self.name = name
        self.weight = weight
    }
}

extension HealthMonitorCreate {
    /// A monitor of a pool that exists.
    public init(
        name: String = "", pool: ResourceID, type: HealthMonitorType, delay: Int, timeout: Int, maxRetries: Int
    ) {
        self.init(type: type, delay: delay, timeout: timeout, maxRetries: maxRetries)
        self.name = name
        poolID = pool
    }
}

extension L7PolicyCreate {
    /// A policy of a listener that exists.
    public init(name: String = "", listener: ResourceID, action: L7PolicyAction) {
        self.init(action: action)
        self.name = name
        listenerID = listener
    }
}
