// What the agent has done, in numbers.

import Synchronization

/// What an agent has done since it began.
public struct AgentCounts: Sendable, Hashable {
    /// HAProxy processes started where none was.
    public var starts = 0
    /// HAProxy processes replaced by one with a new configuration.
    public var reloads = 0
    /// HAProxy processes that ended though they should serve, and were started again.
    public var restarts = 0
    /// Changes that HAProxy took at run time, without a reload.
    public var runtimeChanges = 0
    /// HAProxy processes that a predecessor had left behind and that were adopted.
    public var adoptions = 0
}

/// Counts, for all load balancers of a node.
final class AgentCounter: Sendable {
    private let state = Mutex(AgentCounts())

    var counts: AgentCounts { state.withLock { $0 } }

    func add(_ field: any WritableKeyPath<AgentCounts, Int> & Sendable) { state.withLock { $0[keyPath: field] += 1 } }
}
