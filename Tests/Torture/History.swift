// What happened, as clients saw it.

internal import Synchronization

/// Counts and violations of a run; everybody writes to it.
final class History: Sendable {
    struct Counts: Sendable {
        var requests = 0
        var acknowledgedWrites = 0
        /// Answers 503 and connections that nobody took: nothing was done.
        var refused = 0
        /// Writes that ended without an answer.
        var doubtful = 0
        var statuses: [Int: Int] = [:]
        var errorsSeen: [String: Int] = [:]
    }

    private let state = Mutex((counts: Counts(), violations: [String: [String]]()))
    private let start = ContinuousClock.now

    var counts: Counts { state.withLock { $0.counts } }

    /// By property.
    var violations: [String: [String]] { state.withLock { $0.violations } }

    func count(_ body: (inout Counts) -> Void) { state.withLock { body(&$0.counts) } }

    func violate(_ property: Property, _ text: String) {
        let line = "[\(time)] \(text)"
        let count = state.withLock { state in
            state.violations[property.rawValue, default: []].append(line)
            return state.violations[property.rawValue]?.count ?? 0
        }
        if count <= 20 { Output.line("VIOLATION  \(property.rawValue): \(line)") }
    }

    /// Since the beginning.
    var time: String { Output.text(ContinuousClock.now - start) }
}

/// What is promised.
enum Property: String, CaseIterable, Sendable {
    case writes = "every acknowledged write is there"
    case wholes = "writes without an answer are there wholly or not at all"
    case answers = "every answer is one that the API may give"
    case pending = "nothing is PENDING"
    case errors = "nothing is ERROR"
    case views = "statuses never went backwards"
    case serves = "every load balancer that should serve serves"
    case leftovers = "nothing else is on the machine"
    case probe = "the probe saw no failure"
    case processes = "every process starts, and ends in order"
}
