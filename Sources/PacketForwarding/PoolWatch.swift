// The checks of one pool, spread over time.

package import LoadBalancing

/// What to ask for one pool.
package struct PoolWatch: Hashable, Sendable {
    package var pool: ResourceID
    package var monitor: HealthMonitorPlan
    /// The members that are switched on.
    package var probes: [ResourceID: MemberProbe]

    /// The checks of a pool; `nil` when it has no monitor, is off, or the monitor cannot be asked here.
    package init?(_ pool: PoolPlan) {
        guard let monitor = pool.healthMonitor, pool.isEnabled, MemberProbe.types.contains(monitor.type) else {
            return nil
        }
        self.pool = pool.id
        self.monitor = monitor
        probes = [:]
        for member in pool.members where member.isEnabled {
            probes[member.id] = MemberProbe(
                monitor: monitor, address: member.monitorAddress ?? member.address,
                port: member.monitorPort ?? member.port)
        }
    }

    /// Asks every member again and again until the task is cancelled. Members are asked at different moments, so that a big pool is
    /// no burst.
    package func run(
        in place: NetworkPlace, _ poller: ReadinessPoller, record: @escaping @Sendable (ResourceID, Bool) async -> Void
    ) async {
        let delay = Duration.seconds(max(monitor.delay, 1))
        let start = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            for (index, entry) in probes.sorted(by: { $0.key < $1.key }).enumerated() {
                let (member, probe) = (entry.key, entry.value)
                // A small pool is asked at once.
                let offset = delay * index / max(probes.count, 50)
                group.addTask {
                    var next = start + offset
                    while !Task.isCancelled {
                        do { try await Task.sleep(until: next, clock: .continuous) } catch { return }
                        let isAnswered = await probe.isAnswered(in: place, poller)
                        if Task.isCancelled { return }
                        await record(member, isAnswered)
                        next = max(next + delay, .now)
                    }
                }
            }
        }
    }
}
