// Works out which backends the pools of a plan need, and what is in them. Pure.

import LoadBalancing
import ProviderDrivers

/// Pools to backends.
///
/// A backend has one mode and one set of timeouts, but a pool may serve listeners that differ in them. So each
/// group of listeners that agree, a *variant*, gets a backend of its own, named after the first listener of the group.
/// Servers of further variants track those of the first, so that members are checked once.
struct BackendPlanner {
    let plan: LoadBalancerPlan
    /// Where listeners answer.
    let addresses: [IPAddress]

    /// What listeners of one group have in common.
    private struct Variant: Hashable {
        var mode: HAProxyConfiguration.Mode
        var connectTimeout: Int
        var serverTimeout: Int
    }

    /// A pool as one listener uses it.
    struct Use: Hashable {
        var listener: ResourceID
        var pool: ResourceID
    }

    /// All backends ordered by name, and the one for each use of a pool that is switched on.
    func backends() throws(DataPlaneError) -> (all: [HAProxyConfiguration.Backend], byUse: [Use: String]) {
        var all: [HAProxyConfiguration.Backend] = []
        var byUse: [Use: String] = [:]
        let listeners = plan.listeners.filter(\.isServed).sorted { $0.id < $1.id }
        for pool in plan.pools where pool.isEnabled && !pool.poolProtocol.isDatagram && pool.tls?.problem == nil {
            var names: [Variant: String] = [:]
            var first: String?
            for listener in listeners where listener.usedPools.contains(pool.id) {
                let use = Use(listener: listener.id, pool: pool.id)
                let variant = Variant(
                    mode: listener.mode, connectTimeout: listener.timeouts.memberConnect,
                    serverTimeout: listener.timeouts.memberData)
                if let name = names[variant] {
                    byUse[use] = name
                    continue
                }
                let name = "\(pool.id):\(listener.id)"
                names[variant] = name
                byUse[use] = name
                all.append(try backend(for: pool, name: name, variant: variant, tracking: first))
                if first == nil { first = name }
            }
            if names.isEmpty, pool.healthMonitor != nil {
                let defaults = ListenerTimeouts()
                let variant = Variant(
                    mode: pool.poolProtocol == .http ? .http : .tcp, connectTimeout: defaults.memberConnect,
                    serverTimeout: defaults.memberData)
                all.append(try backend(for: pool, name: pool.id.string, variant: variant, tracking: nil))
            }
        }
        return (all.sorted { $0.name < $1.name }, byUse)
    }

    private func backend(
        for pool: PoolPlan, name: String, variant: Variant, tracking first: String?
    ) throws(DataPlaneError) -> HAProxyConfiguration.Backend {
        let check = try pool.healthMonitor.flatMap { monitor throws(DataPlaneError) in
            try HealthCheckPlanner.check(for: monitor)
        }
        return HAProxyConfiguration.Backend(
            name: name, mode: variant.mode, algorithm: try algorithm(of: pool),
            persistence: try persistence(of: pool, mode: variant.mode), connectTimeout: variant.connectTimeout,
            serverTimeout: variant.serverTimeout, check: first == nil ? check : nil,
            trackedBackend: check == nil ? nil : first, servers: try servers(of: pool),
            tls: HAProxyConfiguration.ServerTLS(pool))
    }

    private func algorithm(of pool: PoolPlan) throws(DataPlaneError) -> HAProxyConfiguration.Algorithm {
        switch pool.algorithm {
        case .roundRobin: return .roundRobin
        case .leastConnections: return .leastConnections
        case .sourceIP: return .source
        case .sourceIPPort:
            throw DataPlaneError(
                .unsupported, "Pool \(pool.id): the amphora provider does not offer the algorithm SOURCE_IP_PORT.")
        }
    }

    private func persistence(
        of pool: PoolPlan, mode: HAProxyConfiguration.Mode
    ) throws(DataPlaneError) -> HAProxyConfiguration.Persistence {
        guard let persistence = pool.sessionPersistence else { return .none }
        switch persistence.type {
        case .sourceIP:
            return .sourceAddress(isIPv6: addresses.contains { $0.family == .ipv6 })
        case .httpCookie:
            return mode == .http ? .cookie : .none
        case .appCookie:
            guard mode == .http else { return .none }
            guard let name = persistence.cookieName, !name.isEmpty else {
                throw DataPlaneError(.unsupported, "Pool \(pool.id): APP_COOKIE needs the name of a cookie.")
            }
            return .applicationCookie(name: name)
        }
    }

    private func servers(of pool: PoolPlan) throws(DataPlaneError) -> [HAProxyConfiguration.Server] {
        var servers: [HAProxyConfiguration.Server] = []
        var numbers: Set<Int> = []
        let proxyProtocol: HAProxyConfiguration.Server.ProxyProtocol =
            switch pool.poolProtocol {
            case .proxy: .version1
            case .proxyV2: .version2
            case .http, .https, .tcp, .udp, .sctp: .none
            }
        for member in pool.members.sorted(by: { $0.id < $1.id }) {
            let address = try address(member.address, of: member)
            var number = Self.number(of: member.id)
            while !numbers.insert(number).inserted { number = number % Self.highestNumber + 1 }
            var checkAddress: String?
            if let text = member.monitorAddress {
                let monitored = try self.address(text, of: member)
                checkAddress = monitored.family == .ipv6 ? "[\(monitored)]" : monitored.description
            }
            servers.append(
                HAProxyConfiguration.Server(
                    name: member.id.string, number: number, endpoint: Endpoint(address, port: member.port),
                    weight: min(max(member.weight, 0), 256), isBackup: member.isBackup,
                    isDisabled: !member.isEnabled, proxyProtocol: proxyProtocol, checkAddress: checkAddress,
                    checkPort: member.monitorPort))
        }
        return servers
    }

    private func address(_ text: String, of member: MemberPlan) throws(DataPlaneError) -> IPAddress {
        guard let address = IPAddress(text) else {
            throw DataPlaneError(.unsupported, "Member \(member.id): \(text) is not an IP address.")
        }
        return address
    }

    /// The greatest number that HAProxy takes for a server.
    private static let highestNumber = Int(Int32.max)

    /// FNV-1a of the id, cut to HAProxy's range of 1 to 2³¹-1.
    static func number(of id: ResourceID) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.string.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(hash % UInt64(highestNumber)) + 1
    }
}
