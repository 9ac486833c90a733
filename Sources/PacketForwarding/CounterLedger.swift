// Keeps counters growing although what counts may start anew. Pure.

package import LoadBalancing

/// Counters of the listeners of one load balancer: the kernel's go when the machine restarts, the forwarder's with the agent.
package struct CounterLedger: Codable, Sendable, Hashable {
    private struct Entry: Codable, Sendable, Hashable {
        var finished = ListenerStatistics()
        var current = ListenerStatistics()
    }

    private var entries: [String: Entry] = [:]

    package init() {}

    /// Takes in what is counted now. A counter that is smaller than before has started anew.
    package mutating func observe(_ now: ListenerStatistics, of listener: ResourceID) {
        var entry = entries[listener.string] ?? Entry()
        let before = entry.current
        if now.bytesIn < before.bytesIn || now.bytesOut < before.bytesOut
            || now.totalConnections < before.totalConnections
        {
            entry.finished = entry.finished + before
            entry.finished.activeConnections = 0
        }
        entry.current = now
        entries[listener.string] = entry
    }

    /// Forgets listeners that are gone.
    package mutating func retain(_ listeners: Set<ResourceID>) {
        let names = Set(listeners.map(\.string))
        entries = entries.filter { names.contains($0.key) }
    }

    package func total(of listener: ResourceID) -> ListenerStatistics {
        guard let entry = entries[listener.string] else { return ListenerStatistics() }
        return entry.finished + entry.current
    }
}
