// Makes the report of one load balancer from what HAProxy and the agent see. Pure.

import LoadBalancing
import PacketForwarding

/// Everything that a report is made of.
struct ReportBuilder {
    var plan: LoadBalancerPlan
    var isServing: Bool
    /// What HAProxy says; empty when no process runs.
    var rows: [StatisticsRow]
    /// What is seen of the listeners and pools that HAProxy has no part in.
    var packets = PacketObservation()
    var ledger: StatisticsLedger
    /// Results of the agent's own checks: pool → member → whether it answers.
    var pings: [ResourceID: [ResourceID: Bool]]
    /// The last report, for what is unknown while the process is down.
    var previous: DataPlaneReport?

    /// The report.
    func report() -> DataPlaneReport {
        var report = DataPlaneReport(
            loadBalancerID: plan.loadBalancerID, generation: plan.generation, isServing: isServing)
        var frontends: [String: StatisticsRow] = [:]
        var servers: [String: [String: StatisticsRow]] = [:]
        for row in rows {
            switch row.kind {
            case .frontend: frontends[row.proxy] = row
            case .server: servers[row.proxy, default: [:]][row.name] = row
            case .backend, .listener: break
            }
        }
        for listener in plan.listeners {
            if let observation = packets.listeners[listener.id] {
                report.listeners[listener.id] = observation
                continue
            }
            report.listeners[listener.id] = ListenerObservation(
                state: state(of: listener, row: frontends[listener.id.string]),
                statistics: ledger.total(of: listener.id.string))
        }
        for pool in plan.pools {
            // All backends of a pool agree: those that do not check themselves track the one that does.
            let backend = servers.keys.filter { $0 == pool.id.string || $0.hasPrefix("\(pool.id):") }.min()
            let rows = rows.isEmpty ? nil : backend.flatMap { servers[$0] } ?? [:]
            var members: [ResourceID: MemberObservation] = [:]
            for member in pool.members {
                members[member.id] = observation(of: member, in: pool, rows: rows)
            }
            report.members[pool.id] = members
        }
        return report
    }

    private func state(of listener: ListenerPlan, row: StatisticsRow?) -> ListenerObservation.State {
        guard isServing, let row, row.status == "OPEN" || row.status == "FULL" else { return .closed }
        let isLimited = listener.connectionLimit > 0
        return isLimited && row.currentSessions >= row.sessionLimit ? .full : .open
    }

    private func observation(
        of member: MemberPlan, in pool: PoolPlan, rows: [String: StatisticsRow]?
    ) -> MemberObservation {
        guard member.isEnabled else { return .maintenance }
        let rest: MemberObservation = member.weight == 0 ? .draining : .up
        guard let monitor = pool.healthMonitor, pool.isEnabled, plan.isEnabled else {
            return member.weight == 0 ? .draining : .unmonitored
        }
        if pool.poolProtocol.isDatagram {
            return packets.state(of: member, in: pool, of: plan)
        }
        if monitor.type == .ping {
            switch pings[pool.id]?[member.id] {
            case .some(true): return rest
            case .some(false): return .down
            case .none: return member.weight == 0 ? .draining : .unmonitored
            }
        }
        guard let rows else {
            return previous?.members[pool.id]?[member.id] ?? (member.weight == 0 ? .draining : .unmonitored)
        }
        // A server that is not in the table yet has just been added; it counts as working until a check fails.
        guard let status = rows[member.id.string]?.status else { return rest }
        if status.hasPrefix("DOWN") { return .down }
        if status.hasPrefix("MAINT") { return .maintenance }
        if status.hasPrefix("DRAIN") { return .draining }
        if status.hasPrefix("no check") { return member.weight == 0 ? .draining : .unmonitored }
        return rest
    }
}
