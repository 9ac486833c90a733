// What the timeline says about work that ended.

internal import LoadBalancing
internal import Persistence
internal import ProviderDrivers

/// Writes the events of one piece of work, in the transaction of its outcome.
struct OutcomeEvents {
    /// A day, in which the same failure is told a few times and then counted.
    static let window: Double = 24 * 3600
    static let mostOfAKind = 4

    let store: EventStore
    let loadBalancer: LoadBalancer
    let item: WorkItem
    let now: Timestamp

    init(_ connection: any DatabaseConnection, _ tree: LoadBalancerTree, _ item: WorkItem, at now: Timestamp) {
        store = EventStore(connection)
        loadBalancer = tree.loadBalancer
        self.item = item
        self.now = now
    }

    private func event(
        _ kind: LoadBalancerEvent.Kind, _ objectKind: ResourceKind = .loadBalancer, _ objectID: ResourceID? = nil,
        duration: Duration? = nil, saying message: String
    ) -> LoadBalancerEvent {
        LoadBalancerEvent(
            loadBalancerID: loadBalancer.id, projectID: loadBalancer.projectID, kind, objectKind, objectID,
            generation: item.generation, duration: duration?.milliseconds, message: message, at: now)
    }

    /// The plan of the item's generation runs, but for what the outcome says. A comparison that found nothing to do is no
    /// news.
    func applied(_ outcome: ApplyOutcome, took duration: Duration) throws {
        let isNew = item.generation > item.appliedGeneration
        let isComplete = outcome.failedListeners.isEmpty && outcome.failedL7Policies.isEmpty
        if item.attempts > 0, outcome.failedListeners.isEmpty {
            let times = item.attempts == 1 ? "an attempt" : "\(item.attempts) attempts"
            let text = "Generation \(item.generation) is served, after \(times) that failed."
            try store.append(
                event(.healed, duration: duration, saying: text), mergingAfter: Self.mostOfAKind, within: Self.window)
        } else if isNew {
            let rest = isComplete ? "." : ", but for what failed."
            try store.append(
                event(.applied, duration: duration, saying: "Generation \(item.generation) is served\(rest)"))
        }
        guard isNew || item.attempts == 0 else { return }
        for (listener, reason) in outcome.failedListeners.sorted(by: { $0.key < $1.key }).prefix(ChangeLog.most) {
            try failed(.listener, listener, reason)
        }
        for (policy, reason) in outcome.failedL7Policies.sorted(by: { $0.key < $1.key }).prefix(ChangeLog.most) {
            try failed(.l7Policy, policy, reason)
        }
    }

    private func failed(_ kind: ResourceKind, _ id: ResourceID, _ reason: String) throws {
        try store.append(event(.error, kind, id, saying: reason), mergingAfter: Self.mostOfAKind, within: Self.window)
    }

    /// An attempt failed.
    func failed(_ reason: String, isFinal: Bool) throws {
        let text = "Attempt \(item.attempts + 1) failed: \(reason)"
        try store.append(
            event(isFinal ? .error : .failed, saying: text), mergingAfter: Self.mostOfAKind, within: Self.window)
    }

    /// Nothing of the load balancer is left on the data plane.
    func removed(took duration: Duration) throws {
        try store.append(event(.removed, duration: duration, saying: "The load balancer is gone."))
    }

    /// The work was somebody else's, who fell silent.
    func takenOver() throws {
        let text = "Another worker fell silent over generation \(item.generation); its work was taken over."
        try store.append(event(.takenOver, saying: text), mergingAfter: Self.mostOfAKind, within: Self.window)
    }

    /// The work takes long.
    func delayed(since start: Duration) throws {
        let text = "Generation \(item.generation) is being applied for \(start.components.seconds) s."
        try store.append(event(.delayed, saying: text), mergingAfter: 1, within: Self.window)
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
