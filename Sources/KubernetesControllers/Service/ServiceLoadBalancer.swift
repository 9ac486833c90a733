// The load balancer that a Service is to have.

internal import KubernetesClient
internal import OctaviaClient

internal import struct LoadBalancing.IPAddress

/// Turns a Service into the body of the request that creates its load balancer whole; addresses are not in it.
struct ServiceLoadBalancer {
    let service: Service
    let wishes: ServiceWishes
    let members: MemberSource
    private(set) var problems: [Problem] = []

    init(_ service: Service, _ wishes: ServiceWishes, _ members: MemberSource) {
        self.service = service
        self.wishes = wishes
        self.members = members
    }

    /// What is wanted.
    mutating func wanted() -> LoadBalancerCreate {
        var loadBalancer = LoadBalancerCreate()
        loadBalancer.name = wishes.name
        loadBalancer.description = wishes.description
        loadBalancer.provider = wishes.provider
        loadBalancer.flavorID = wishes.flavorID
        loadBalancer.availabilityZone = wishes.availabilityZone
        loadBalancer.tags = [wishes.name] + [wishes.clusterTag].compactMap { $0 }
        loadBalancer.listeners = service.spec.ports.enumerated().map { listener($1, $0) }
        let hasMembers = loadBalancer.listeners.contains { $0.defaultPool?.members.isEmpty == false }
        if !hasMembers {
            problems.append(
                .warning(
                    EventReason.withoutMembers,
                    members.kind == .pods
                        ? "the Service has no ready pods"
                        : "there are no nodes for the load balancer to send traffic to"))
        }
        return loadBalancer
    }

    private func listener(_ port: ServicePort, _ index: Int) -> ListenerCreate {
        let proto = Self.listenerProtocol(port, wishes)
        var listener = ListenerCreate(listenerProtocol: proto, protocolPort: port.port)
        listener.name = "listener_\(index)_\(wishes.name)".cutTo255
        listener.tags = [wishes.name]
        listener.connectionLimit = wishes.connectionLimit
        listener.timeouts = wishes.timeouts
        listener.allowedCIDRs = wishes.sourceRanges
        if proto == .terminatedHTTPS { listener.defaultTLSContainerRef = wishes.tlsContainerRef }
        if proto.understandsHTTP, wishes.insertsForwardedFor {
            listener.insertHeaders = ["X-Forwarded-For": "true"]
        }
        listener.defaultPool = pool(port, index, proto)
        return listener
    }

    private static func listenerProtocol(_ port: ServicePort, _ wishes: ServiceWishes) -> ListenerProtocol {
        switch port.protocol {
        case "UDP": .udp
        case "SCTP": .sctp
        default: wishes.tlsContainerRef != nil ? .terminatedHTTPS : wishes.insertsForwardedFor ? .http : .tcp
        }
    }

    private func pool(_ port: ServicePort, _ index: Int, _ listener: ListenerProtocol) -> PoolCreate {
        var pool = PoolCreate()
        pool.name = "pool_\(index)_\(wishes.name)".cutTo255
        pool.algorithm = wishes.algorithm
        pool.poolProtocol =
            switch listener {
            case .udp: .udp
            case .sctp: .sctp
            case _ where wishes.proxyProtocol == .v1: .proxy
            case _ where wishes.proxyProtocol == .v2: .proxyV2
            case .http, .terminatedHTTPS: .http
            default: .tcp
            }
        if service.spec.sessionAffinity == "ClientIP" {
            pool.sessionPersistence = SessionPersistence(type: .sourceIP)
            // How long other pools remember a client cannot be told to them.
            if listener.isDatagram {
                pool.sessionPersistence?.timeout = service.spec.sessionAffinityConfig.clientIP.timeoutSeconds
            }
        }
        let families = wishes.families + [.ipv4, .ipv6].filter { !wishes.families.contains($0) }
        switch members.kind {
        case .pods:
            pool.members = members.podMembers(
                portName: port.name, transport: port.protocol.isEmpty ? "TCP" : port.protocol,
                families: wishes.families,
                subnet: wishes.addresses.memberSubnetID)
        case .nodePorts:
            let asksNodes = wishes.monitor != nil && service.asksNodesForHealth
            pool.members = members.nodeMembers(
                wishes.nodeSelector, port: port.nodePort, families: families,
                monitorPort: asksNodes ? service.spec.healthCheckNodePort : nil,
                subnet: wishes.addresses.memberSubnetID)
        }
        pool.healthMonitor = wishes.monitor.map { monitor($0, index, listener) }
        return pool
    }

    private func monitor(_ settings: MonitorSettings, _ index: Int, _ listener: ListenerProtocol) -> HealthMonitorCreate
    {
        let asksNodes = members.kind == .nodePorts && service.asksNodesForHealth
        let type: HealthMonitorType =
            switch listener {
            case _ where asksNodes: .http
            case .udp: .udpConnect
            case .sctp: .sctp
            default: .tcp
            }
        var monitor = HealthMonitorCreate(
            type: type, delay: settings.delay, timeout: settings.timeout, maxRetries: settings.maxRetries)
        monitor.name = "monitor_\(index)_\(wishes.name)".cutTo255
        monitor.maxRetriesDown = settings.maxRetriesDown
        if asksNodes {
            monitor.urlPath = "/healthz"
            monitor.httpMethod = .get
            monitor.expectedCodes = "200"
        }
        return monitor
    }

    /// What belongs to the Service in a load balancer that it may share with others.
    ///
    /// - Parameters:
    ///   - former: The name that the load balancer has, which is another one after the cluster's name was changed.
    ///   - isOwn: Whether the load balancer was made for the Service.
    static func ownership(_ wishes: ServiceWishes, former: String?, isOwn: Bool) -> Ownership {
        let names = Set([wishes.name] + (isOwn ? [former].compactMap { $0 } : []))
        // Names tell the owner even of what has no tags.
        @Sendable func isNamed(_ text: String, _ kind: String) -> Bool {
            guard text.hasPrefix("\(kind)_") else { return false }
            let rest = text.dropFirst(kind.count + 1).drop { $0.isNumber }
            guard rest.hasPrefix("_") else { return false }
            // Long names are cut.
            return names.contains { text.count < 255 ? $0 == rest.dropFirst() : $0.hasPrefix(rest.dropFirst()) }
        }
        return Ownership(
            ownsListener: { !names.isDisjoint(with: $0.tags) || isNamed($0.name, "listener") },
            ownsPool: { !names.isDisjoint(with: $0.tags) || isNamed($0.name, "pool") },
            ownsLoadBalancer: isOwn)
    }
}

extension ListenerProtocol {
    /// Whether sessions are remembered for a time that can be chosen.
    fileprivate var isDatagram: Bool { self == .udp || self == .sctp }
}
