// Health monitors of type PING: the agent asks, and tells HAProxy what to think of a member.

import LoadBalancing

/// What to ping for one pool.
///
/// Members keep their last state in HAProxy while the agent is down.
struct PingMonitor: Sendable {
    let monitor: HealthMonitorPlan
    /// Members that are switched on, with the addresses to ping as text: a child task that captured an ``IPAddress``, whose
    /// 128-bit number needs a stricter alignment, was seen to crash with Swift 6.3.1.
    let targets: [ResourceID: String]

    /// The monitor of a pool; `nil` when it has none of this type, or is off.
    init?(pool: PoolPlan) {
        guard let monitor = pool.healthMonitor, monitor.type == .ping, pool.isEnabled else { return nil }
        self.monitor = monitor
        var targets: [ResourceID: String] = [:]
        for member in pool.members where member.isEnabled {
            targets[member.id] = member.monitorAddress ?? member.address
        }
        self.targets = targets
    }

    /// Whether the other one asks the same.
    func asksTheSame(as other: PingMonitor) -> Bool { monitor == other.monitor && targets == other.targets }

    /// Pings every target once, all at the same time.
    ///
    /// - Returns: Which of them have answered; without those that the node may not ping.
    func round(with pinger: ICMPPinger) async -> [ResourceID: Bool] {
        let limit = Duration.seconds(max(monitor.timeout, 1))
        let reachable = targets.filter { pinger.canPing($0.value) }
        let answered = await withTaskGroup(of: ResourceID?.self, returning: Set<ResourceID>.self) { group in
            for (member, address) in reachable {
                group.addTask { await pinger.ping(address, within: limit) ? member : nil }
            }
            var answered: Set<ResourceID> = []
            for await member in group {
                if let member { answered.insert(member) }
            }
            return answered
        }
        return Dictionary(uniqueKeysWithValues: reachable.keys.map { ($0, answered.contains($0)) })
    }
}
