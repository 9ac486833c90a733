// What one transaction of an owner does to a tree, for the timeline.

internal import LoadBalancing
internal import Persistence

/// Collects what a change does; at its end that becomes one event for each object, or a few for very many objects.
///
/// Lives within one transaction.
final class ChangeLog {
    private struct Note {
        var kind: LoadBalancerEvent.Kind
        var objectKind: ResourceKind
        var objectID: ResourceID
        var name: String
        var fields: [String]
    }

    /// More objects than that are told in a sum.
    static let most = 8

    private let caller: Caller
    private var notes: [Note] = []

    init(caller: Caller) {
        self.caller = caller
    }

    func created<Record: TreeRecord>(_ record: Record) { add(.created, record) }

    func deleted<Record: TreeRecord>(_ record: Record) { add(.deleted, record) }

    /// Notes which fields of a resource its owner has changed; nothing if there are none.
    func updated<Record: TreeRecord>(_ record: Record, from old: Record) {
        let fields = record.changedFields(since: old)
        guard !fields.isEmpty else { return }
        let isRenewal = fields.allSatisfy { $0.hasSuffix("container_ref") || $0.hasSuffix("container_refs") }
        add(isRenewal ? .certificateRenewed : .updated, record, fields)
    }

    private func add<Record: TreeRecord>(_ kind: LoadBalancerEvent.Kind, _ record: Record, _ fields: [String] = []) {
        notes.append(
            Note(kind: kind, objectKind: Record.kind, objectID: record.id, name: record.label, fields: fields))
    }

    /// Writes the events.
    func write(to store: EventStore, of loadBalancer: LoadBalancer, generation: Int64, at now: Timestamp) throws {
        func event(
            _ kind: LoadBalancerEvent.Kind, _ objectKind: ResourceKind, _ objectID: ResourceID?, _ fields: [String],
            _ message: String
        ) -> LoadBalancerEvent {
            LoadBalancerEvent(
                loadBalancerID: loadBalancer.id, projectID: loadBalancer.projectID, kind, objectKind, objectID,
                userID: caller.userID, requestID: caller.requestID, generation: generation, fields: fields,
                message: message, at: now)
        }
        if notes.isEmpty {
            return try store.append(event(.updated, .loadBalancer, nil, [], "Asked for what was there already."))
        }
        guard notes.count > Self.most else {
            for note in notes {
                var message = "\(note.kind.past) \(note.objectKind.noun)"
                if !note.name.isEmpty { message += " \(note.name)" }
                if !note.fields.isEmpty { message += ": " + note.fields.joined(separator: ", ") }
                try store.append(event(note.kind, note.objectKind, note.objectID, note.fields, message + "."))
            }
            return
        }
        var groups: [(first: Note, count: Int)] = []
        for note in notes {
            let same = groups.firstIndex { $0.first.kind == note.kind && $0.first.objectKind == note.objectKind }
            if let same {
                groups[same].count += 1
                groups[same].first.fields += note.fields.filter { !groups[same].first.fields.contains($0) }
            } else {
                groups.append((note, 1))
            }
        }
        for (note, count) in groups {
            let noun = count == 1 ? note.objectKind.noun : note.objectKind.pluralNoun
            try store.append(
                event(note.kind, note.objectKind, note.objectID, note.fields, "\(note.kind.past) \(count) \(noun)."))
        }
    }

    /// What a new tree consists of: `Created load balancer web with 2 listeners, 1 pool.`
    static func summary(of tree: LoadBalancerTree) -> String {
        let counts: [(ResourceKind, Int)] = [
            (.listener, tree.listeners.count), (.pool, tree.pools.count), (.member, tree.members.count),
            (.healthMonitor, tree.healthMonitors.count), (.l7Policy, tree.l7Policies.count),
            (.l7Rule, tree.l7Rules.count),
        ]
        let parts = counts.filter { $0.1 > 0 }.map { "\($1) \($1 == 1 ? $0.noun : $0.pluralNoun)" }
        var text = "Created load balancer"
        if !tree.loadBalancer.label.isEmpty { text += " \(tree.loadBalancer.label)" }
        return parts.isEmpty ? text + "." : text + " with " + parts.joined(separator: ", ") + "."
    }
}

extension LoadBalancerEvent.Kind {
    /// The word at the start of a sentence about what somebody asked for.
    fileprivate var past: String {
        switch self {
        case .created: "Created"
        case .deleted: "Deleted"
        case .certificateRenewed: "Exchanged certificates of"
        default: "Changed"
        }
    }
}

extension TreeRecord {
    /// How people tell the resource from others of its kind, if it has something for that.
    var label: String {
        switch self {
        case let it as LoadBalancer: it.name
        case let it as Listener: it.name.isEmpty ? "\(it.listenerProtocol.rawValue):\(it.protocolPort)" : it.name
        case let it as Pool: it.name
        case let it as Member: it.name.isEmpty ? Self.endpoint(it) : "\(it.name) (\(Self.endpoint(it)))"
        case let it as HealthMonitor: it.name
        case let it as L7Policy: it.name
        default: ""
        }
    }

    private static func endpoint(_ member: Member) -> String {
        member.address.contains(":")
            ? "[\(member.address)]:\(member.protocolPort)" : "\(member.address):\(member.protocolPort)"
    }
}
