// What the timeline says about operating statuses.

internal import LoadBalancing
internal import Persistence

/// Collects the changes that one observation brings, and tells them.
final class StatusEvents {
    private struct Change {
        var kind: ResourceKind
        var id: ResourceID
        var label: String
        var before: OperatingStatus
        var after: OperatingStatus
    }

    /// Within ten minutes an object's changes are told so often; then the last entry counts.
    private static let window: Double = 600
    private static let mostOfAnObject = 4

    private var changes: [Change] = []

    func note<Record: TreeRecord>(_ record: Record, becomes status: OperatingStatus) {
        // Monitors, policies and rules follow what they belong to.
        guard [.loadBalancer, .listener, .pool, .member].contains(Record.kind) else { return }
        changes.append(
            Change(
                kind: Record.kind, id: record.id, label: record.label, before: record.core.operatingStatus,
                after: status))
    }

    func write(to store: EventStore, of loadBalancer: LoadBalancer, at now: Timestamp) throws {
        func append(_ change: Change, _ message: String) throws {
            try store.append(
                LoadBalancerEvent(
                    loadBalancerID: loadBalancer.id, projectID: loadBalancer.projectID, .operatingStatus, change.kind,
                    change.id, message: message, at: now), mergingAfter: Self.mostOfAnObject, within: Self.window)
        }
        guard changes.count > ChangeLog.most else {
            for change in changes {
                let name = change.label.isEmpty ? "" : " \(change.label)"
                try append(
                    change,
                    "The \(change.kind.noun)\(name) went from \(change.before.rawValue) to \(change.after.rawValue).")
            }
            return
        }
        var groups: [(first: Change, count: Int)] = []
        for change in changes {
            let same = groups.firstIndex {
                $0.first.kind == change.kind && $0.first.before == change.before && $0.first.after == change.after
            }
            if let same { groups[same].count += 1 } else { groups.append((change, 1)) }
        }
        for (change, count) in groups {
            let noun = count == 1 ? change.kind.noun : change.kind.pluralNoun
            try append(
                change,
                "\(count) \(noun) went from \(change.before.rawValue) to \(change.after.rawValue).")
        }
    }
}
