// What is known of one value in the database that one client writes.

/// The last value that was acknowledged, and values of which nobody knows whether they were written.
struct Register<Value: Hashable & Sendable>: Sendable {
    private(set) var acknowledged: Value
    /// Writes that ended without an answer; they are done or not, and a later acknowledged write ends the doubt.
    private(set) var doubtful: Set<Value> = []
    /// Writes whose request may still be under way: a process that is paused may do it at any later time.
    private(set) var lingering: Set<Value> = []

    init(_ value: Value) { acknowledged = value }

    mutating func acknowledge(_ value: Value) {
        acknowledged = value
        doubtful = []
    }

    mutating func doubt(_ value: Value, mayComeLater: Bool) {
        if mayComeLater { lingering.insert(value) } else { doubtful.insert(value) }
    }

    func allows(_ value: Value) -> Bool {
        value == acknowledged || doubtful.contains(value) || lingering.contains(value)
    }

    /// Whether there is no doubt.
    var isCertain: Bool { doubtful.isEmpty && lingering.isEmpty }

    /// A read showed a value: what was read once is written, and what it replaced cannot come back.
    ///
    /// - Returns: false when the value cannot be.
    mutating func observe(_ value: Value) -> Bool {
        guard allows(value) else { return false }
        if value != acknowledged { acknowledge(value) }
        return true
    }
}
