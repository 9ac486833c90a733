// Keeps counters growing although HAProxy starts at zero with every process. Pure.

import LoadBalancing

/// Counters of the listeners of one load balancer over all processes that have served it.
///
/// A process that was replaced is counted on its own until its last connection ends. What is lost is what a killed
/// process did after it was last asked, and what replaced processes did after the agent ended.
struct StatisticsLedger: Codable, Sendable, Equatable {
    /// What one listener has counted.
    struct Entry: Codable, Sendable, Equatable {
        /// Sum over processes that are gone.
        var finished = ListenerStatistics()
        /// The last that was seen of the process that runs.
        var current = ListenerStatistics()
    }

    /// A process that goes on with old connections.
    struct Replaced: Codable, Sendable, Equatable {
        var process: ProcessIdentity
        /// Listener id → the last that was seen.
        var counters: [String: ListenerStatistics]
    }

    /// Listener id → counters.
    private(set) var entries: [String: Entry] = [:]
    private(set) var replaced: [Replaced] = []
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

    /// The process that runs is being replaced: what it has counted and will count stays apart.
    mutating func replace(_ process: ProcessIdentity) {
        guard process == self.process else { return finishProcess() }
        replaced.append(Replaced(process: process, counters: entries.mapValues(\.current)))
        for listener in entries.keys { entries[listener]?.current = ListenerStatistics() }
        self.process = nil
    }

    /// Takes in what a replaced process says.
    mutating func observe(_ counters: [String: ListenerStatistics], ofReplaced process: ProcessIdentity) {
        guard let index = replaced.firstIndex(where: { $0.process == process }) else { return }
        for (listener, counters) in counters where entries[listener] != nil {
            if let known = replaced[index].counters[listener], counters.isBehind(known) { continue }
            replaced[index].counters[listener] = counters
        }
    }

    /// A replaced process has ended, or cannot be asked any more.
    mutating func finish(replaced process: ProcessIdentity) {
        guard let index = replaced.firstIndex(where: { $0.process == process }) else { return }
        for (listener, counters) in replaced.remove(at: index).counters {
            guard let finished = entries[listener]?.finished else { continue }
            entries[listener]?.finished = finished + counters
            entries[listener]?.finished.activeConnections = 0
        }
    }

    /// Nobody can ask replaced processes any more.
    mutating func finishReplaced() {
        for process in replaced.map(\.process) { finish(replaced: process) }
    }

    /// Forgets listeners that are no longer part of the plan.
    mutating func retain(_ listeners: Set<String>) {
        entries = entries.filter { listeners.contains($0.key) }
        for index in replaced.indices {
            replaced[index].counters = replaced[index].counters.filter { listeners.contains($0.key) }
        }
    }

    /// The counters since the listener was first seen.
    func total(of listener: String) -> ListenerStatistics {
        guard let entry = entries[listener] else { return ListenerStatistics() }
        return replaced.compactMap { $0.counters[listener] }.reduce(entry.finished + entry.current, +)
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
