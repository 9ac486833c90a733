// What is to be forwarded where: the plan of a load balancer and the health of its members, brought together. Pure.

package import LoadBalancing

/// How a provider forwards packets.
package struct ForwardingPolicy: Hashable, Sendable {
    /// The listeners it serves.
    package var protocols: Set<TransportProtocol>
    /// Whether members see the addresses of clients. Then their answers must come back through this node, so the node must be
    /// their gateway. Otherwise packets to other machines get an address of this node.
    package var keepsClientAddress: Bool
    /// Whether every node must choose the same member for a flow without asking the others. Then nothing is learnt and
    /// nobody takes turns: the choice follows from client address and port alone.
    package var isStateless: Bool

    package init(protocols: Set<TransportProtocol>, keepsClientAddress: Bool, isStateless: Bool) {
        self.protocols = protocols
        self.keepsClientAddress = keepsClientAddress
        self.isStateless = isStateless
    }

    /// The amphora provider leaves streams to HAProxy.
    package static let amphora = ForwardingPolicy(
        protocols: [.udp, .sctp], keepsClientAddress: false, isStateless: false)
}

/// The forwarding of one load balancer.
package struct ForwardingTable: Hashable, Sendable {
    package var loadBalancer: ResourceID
    package var policy: ForwardingPolicy
    package var listeners: [ForwardedListener]
}

/// A member that flows of a listener may be with.
package struct ForwardingTarget: Hashable, Sendable {
    package var member: ResourceID
    package var address: IPAddress
    package var port: UInt16
    /// 0 takes no new flows.
    package var weight: Int
}

/// How a listener chooses a member for a new flow.
package enum MemberChoice: Hashable, Sendable {
    /// Members take turns.
    case turns
    /// By a hash of the client's address and port.
    case addressAndPort
    /// By a hash of the client's address, or of the network that it is in.
    case address(mask: IPAddress?)
    /// The member with the fewest flows for its weight.
    case fewestFlows
}

/// One listener that is served.
package struct ForwardedListener: Hashable, Sendable {
    package var id: ResourceID
    package var transport: TransportProtocol
    package var addresses: [IPAddress]
    package var port: UInt16
    /// Empty is everybody.
    package var allowed: [IPNetwork]
    /// `nil` is no limit.
    package var flowLimit: Int?
    package var choice: MemberChoice
    /// Remembers the member of a client, or of its network, for so many seconds.
    package var memory: Memory?
    /// Ordered by id.
    package var targets: [ForwardingTarget]
    /// Open flows by member, as far as they are counted: for ``MemberChoice/fewestFlows``.
    package var flows: [ResourceID: Int] = [:]
    /// Members that are down: their flows end at once, whatever the protocol.
    package var dead: Set<TransportEndpoint> = []
    /// In milliseconds: how long a flow may be silent, where this program forwards.
    package var idleTimeout: Int = 50_000

    package struct Memory: Hashable, Sendable {
        package var timeout: Int
        package var mask: IPAddress?
    }

    /// Those that take new flows.
    package var candidates: [ForwardingTarget] { targets.filter { $0.weight > 0 } }

    package func endpoint(at address: IPAddress) -> TransportEndpoint { TransportEndpoint(transport, address, port) }

    package func endpoint(of target: ForwardingTarget) -> TransportEndpoint {
        TransportEndpoint(transport, target.address, target.port)
    }
}

extension ForwardingTable {
    /// - Parameters:
    ///   - plan: The plan.
    ///   - down: Members whose checks fail, by pool.
    ///   - excluded: Endpoints that cannot be served.
    /// - Throws: The first value that is no address or network, as a sentence for the owner.
    package init(
        plan: LoadBalancerPlan, policy: ForwardingPolicy, down: [ResourceID: Set<ResourceID>] = [:],
        excluding excluded: Set<TransportEndpoint> = []
    ) throws(UnusableValue) {
        self.init(loadBalancer: plan.loadBalancerID, policy: policy, listeners: [])
        guard plan.isEnabled else { return }
        var addresses: [IPAddress] = []
        for text in plan.addresses {
            let address = try UnusableValue.check(IPAddress(text), "\(text) is not an IP address.")
            if !addresses.contains(address) { addresses.append(address) }
        }
        for listener in plan.listeners.sorted(by: { $0.id < $1.id }) {
            guard let transport = listener.transport(for: policy) else { continue }
            let port = try UnusableValue.check(
                UInt16(exactly: listener.port), "\(listener.port) is not a port.")
            let own = addresses.filter { !excluded.contains(TransportEndpoint(transport, $0, port)) }
            guard !own.isEmpty else { continue }
            let allowed = try listener.allowedCIDRs.map { text throws(UnusableValue) in
                try UnusableValue.check(
                    IPNetwork(text), "allowed_cidrs: \(text) is not a network in CIDR notation.")
            }
            var result = ForwardedListener(
                id: listener.id, transport: transport, addresses: own, port: port, allowed: allowed,
                flowLimit: listener.connectionLimit > 0 ? listener.connectionLimit : nil, choice: .turns, targets: [])
            if listener.timeouts.clientData > 0 { result.idleTimeout = listener.timeouts.clientData }
            if let pool = listener.defaultPoolID.flatMap(plan.pool), pool.isEnabled {
                try result.take(pool, down: down[pool.id] ?? [], policy: policy)
            }
            listeners.append(result)
        }
    }
}

/// A value of a plan that cannot be used, in a sentence for its owner.
package struct UnusableValue: Error, Hashable {
    package var reason: String

    fileprivate static func check<Value>(
        _ value: Value?, _ reason: @autoclosure () -> String
    ) throws(UnusableValue) -> Value {
        guard let value else { throw UnusableValue(reason: reason()) }
        return value
    }
}

extension ForwardedListener {
    fileprivate mutating func take(
        _ pool: PoolPlan, down: Set<ResourceID>, policy: ForwardingPolicy
    ) throws(UnusableValue) {
        var mask: IPAddress?
        if let text = pool.sessionPersistence?.granularity {
            mask = try UnusableValue.check(
                IPAddress(text), "persistence_granularity: \(text) is not a netmask.")
        }
        switch pool.algorithm {
        case .roundRobin: choice = policy.isStateless ? .addressAndPort : .turns
        case .leastConnections: choice = policy.isStateless ? .addressAndPort : .fewestFlows
        case .sourceIP: choice = .address(mask: nil)
        case .sourceIPPort: choice = .addressAndPort
        }
        if let persistence = pool.sessionPersistence, persistence.type == .sourceIP {
            if let timeout = persistence.timeout, timeout > 0, !policy.isStateless {
                // A day is more than any client stays away from a service it uses.
                memory = Memory(timeout: min(timeout, 86_400), mask: mask)
            } else {
                choice = .address(mask: mask)
            }
        }
        var ordinary: [ForwardingTarget] = []
        var backups: [ForwardingTarget] = []
        for member in pool.members.sorted(by: { $0.id < $1.id }) where member.isEnabled {
            let address = try UnusableValue.check(
                IPAddress(member.address), "\(member.address) is not an IP address.")
            let port = try UnusableValue.check(UInt16(exactly: member.port), "\(member.port) is not a port.")
            if down.contains(member.id) {
                dead.insert(TransportEndpoint(transport, address, port))
                continue
            }
            let target = ForwardingTarget(
                member: member.id, address: address, port: port, weight: min(max(member.weight, 0), 256))
            if member.isBackup { backups.append(target) } else { ordinary.append(target) }
        }
        // Backups take new flows when nobody else does; those they have go on.
        if ordinary.contains(where: { $0.weight > 0 }) {
            for index in backups.indices { backups[index].weight = 0 }
        }
        targets = (ordinary + backups).sorted { $0.member < $1.member }
    }
}

extension ListenerPlan {
    /// The protocol below the listener's, if the policy forwards it and the owner wants it served.
    package func transport(for policy: ForwardingPolicy) -> TransportProtocol? {
        guard isEnabled else { return nil }
        let transport: TransportProtocol? =
            switch listenerProtocol {
            case .tcp: .tcp
            case .udp: .udp
            case .sctp: .sctp
            case .http, .https, .terminatedHTTPS, .prometheus: nil
            }
        return transport.flatMap { policy.protocols.contains($0) ? $0 : nil }
    }
}
