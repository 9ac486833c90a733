// Asking members whether they answer, and having traffic follow.

import LoadBalancing
import Logging
import ProviderDrivers

extension PacketWorker {
    func down(in plan: LoadBalancerPlan) -> [ResourceID: Set<ResourceID>] {
        var result: [ResourceID: Set<ResourceID>] = [:]
        for pool in plan.pools where PoolWatch(pool) != nil {
            for (member, health) in health[pool.id] ?? [:] where !health.isUp {
                result[pool.id, default: []].insert(member)
            }
        }
        return result
    }

    func watch(_ plan: LoadBalancerPlan) {
        var wanted: [ResourceID: PoolWatch] = [:]
        if plan.isEnabled {
            for pool in plan.pools where isOurs(pool) { wanted[pool.id] = PoolWatch(pool) }
        }
        for (pool, running) in watches where wanted[pool] != running.watch {
            running.task.cancel()
            watches[pool] = nil
        }
        health = health.filter { wanted[$0.key] != nil }
        for (pool, watch) in wanted {
            var kept: [ResourceID: MemberHealth] = [:]
            for member in watch.probes.keys { kept[member] = health[pool]?[member] ?? MemberHealth() }
            health[pool] = kept
            guard watches[pool] == nil else { continue }
            let (place, poller) = (place, services.poller)
            let task = Task { [weak self] in
                await watch.run(in: place, poller) { [weak self] member, isAnswered in
                    await self?.record(isAnswered, of: member, in: watch)
                }
            }
            watches[pool] = (watch, task)
        }
        followed = health.mapValues { $0.mapValues(\.isUp) }
        rememberDown()
    }

    private func isOurs(_ pool: PoolPlan) -> Bool {
        switch pool.poolProtocol {
        case .udp: policy.protocols.contains(.udp)
        case .sctp: policy.protocols.contains(.sctp)
        default: policy.protocols.contains(.tcp)
        }
    }

    func stopWatching() {
        for running in watches.values { running.task.cancel() }
        watches = [:]
    }

    private func record(_ isAnswered: Bool, of member: ResourceID, in watch: PoolWatch) async {
        guard watches[watch.pool]?.watch == watch else { return }
        let monitor = watch.monitor
        let changed = health[watch.pool]?[member]?.record(
            isAnswered, rise: max(monitor.maxRetries, 1), fall: max(monitor.maxRetriesDown, 1))
        guard changed == true else { return }
        rememberDown()
        await exclusively {
            guard !isFinished, let plan else { return }
            do throws(DataPlaneError) {
                _ = try await realise(plan)
            } catch {
                mustRealise = true
                logger.warning("traffic does not follow a check yet: \(error)")
            }
        }
        followed = health.mapValues { $0.mapValues(\.isUp) }
        save(force: true)
        await healthChanged()
    }

    private func rememberDown() {
        memory.down = [:]
        for (pool, members) in health {
            let down = members.filter { !$0.value.isUp }.map(\.key.string)
            if !down.isEmpty { memory.down[pool.string] = Set(down) }
        }
    }
}
