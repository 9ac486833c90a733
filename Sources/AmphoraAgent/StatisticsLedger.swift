// Keeps counters growing although HAProxy starts at zero with every process. Pure.

import LoadBalancing

/// Counters of the listeners of one load balancer over all processes that have served it.
///
/// What an old process carries after it was replaced is not counted: HAProxy closes the control socket of a process
/// that is being replaced, so nobody can ask. Counters miss the tail of connections that outlive a reload.
struct StatisticsLedger: Codable, Sendable, Equatable {
    /// What one listener has counted.
    struct Entry: Codable, Sendable, Equatable {
        /// Sum over processes that are gone.
        var finished = ListenerStatistics()
        /// The last that was seen of the process that runs.
        var current = ListenerStatistics()
    }

    /// Listener id → counters.
    private(set) var entries: [String: Entry] = [:]
    /// The process that `current` is about.
    private(set) var process: ProcessIdentity?

    /// Takes in what a process says now.
    mutating func observe(_ counters: [String: ListenerStatistics], of process: ProcessIdentity) {
        if process != self.process {
            finishProcess()
            self.process = process
        }
        for (listener, counters) in counters {
            var entry = entries[listener] ?? Entry()
            if counters.isBehind(entry.current) { entry.finish() }
            entry.current = counters
            entries[listener] = entry
        }
    }

    /// The process is gone: nothing is open any more, and the next one counts from zero.
    mutating func finishProcess() {
        for listener in entries.keys { entries[listener]?.finish() }
        process = nil
    }

    /// Forgets listeners that are no longer part of the plan.
    mutating func retain(_ listeners: Set<String>) {
        entries = entries.filter { listeners.contains($0.key) }
    }

    /// The counters since the listener was first seen.
    func total(of listener: String) -> ListenerStatistics {
        guard let entry = entries[listener] else { return ListenerStatistics() }
        return entry.finished + entry.current
    }
}

extension StatisticsLedger.Entry {
    fileprivate mutating func finish() {
        finished = finished + current
        finished.activeConnections = 0
        current = ListenerStatistics()
    }
}

extension ListenerStatistics {
    /// Whether a counter is smaller than before, so that the process must have started anew.
    fileprivate func isBehind(_ other: ListenerStatistics) -> Bool {
        bytesIn < other.bytesIn || bytesOut < other.bytesOut || totalConnections < other.totalConnections
            || requestErrors < other.requestErrors
    }
}
