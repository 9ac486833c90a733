// Plans with predictable ids for tests.

import LoadBalancing

@testable import PacketForwarding

/// The id whose last digits are the number.
func id(_ number: Int) -> ResourceID {
    let digits = String(number)
    let padding = String(repeating: "0", count: 12 - digits.count)
    return ResourceID(canonical: "00000000-0000-4000-8000-\(padding)\(digits)")
}

/// A load balancer with one listener and one pool.
func plan(
    _ proto: ListenerProtocol = .udp, addresses: [String] = ["127.77.9.1"], port: Int = 5_300,
    members: [MemberPlan], generation: Int64 = 1, loadBalancer: Int = 1,
    change: (inout ListenerPlan, inout PoolPlan) -> Void = { _, _ in }
) -> LoadBalancerPlan {
    var listener = ListenerPlan(id: id(10), listenerProtocol: proto, port: port, defaultPoolID: id(20))
    var pool = PoolPlan(
        id: id(20), poolProtocol: proto == .udp ? .udp : proto == .sctp ? .sctp : .tcp, members: members)
    change(&listener, &pool)
    return LoadBalancerPlan(
        loadBalancerID: id(loadBalancer), generation: generation, isEnabled: true, addresses: addresses,
        listeners: [listener], pools: [pool])
}

/// Members 31, 32, … at those addresses.
func members(_ addresses: [String], port: Int = 9_000) -> [MemberPlan] {
    addresses.enumerated().map { MemberPlan(id: id(31 + $0.offset), address: $0.element, port: port) }
}

extension PoolPlan {
    /// A monitor that notices at the first failure.
    mutating func watch(_ type: HealthMonitorType, delay: Int = 1, timeout: Int = 1) {
        healthMonitor = HealthMonitorPlan(
            id: PacketForwardingTests.id(40), type: type, delay: delay, timeout: timeout, maxRetries: 1,
            maxRetriesDown: 1)
    }
}
