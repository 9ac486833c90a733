// What the data plane says about one load balancer: observations, not judgements.

/// What a data plane observes of one load balancer at one moment.
///
/// Operating statuses are worked out from this and the tree by ``OperatingStatusRollup``.
public struct DataPlaneReport: Hashable, Sendable, Codable {
    public var loadBalancerID: ResourceID
    /// The generation of the plan that runs.
    public var generation: Int64
    /// False while the process that should serve the load balancer is not running although it should.
    public var isServing: Bool
    /// What is known of each listener of the plan.
    public var listeners: [ResourceID: ListenerObservation]
    /// What is known of each member of the plan, by pool and member.
    public var members: [ResourceID: [ResourceID: MemberObservation]]

    public init(
        loadBalancerID: ResourceID, generation: Int64, isServing: Bool,
        listeners: [ResourceID: ListenerObservation] = [:],
        members: [ResourceID: [ResourceID: MemberObservation]] = [:]
    ) {
        self.loadBalancerID = loadBalancerID
        self.generation = generation
        self.isServing = isServing
        self.listeners = listeners
        self.members = members
    }
}

/// What is known of one listener.
public struct ListenerObservation: Hashable, Sendable, Codable {
    /// Whether clients can connect, cannot, or the connection limit is reached.
    public enum State: String, Hashable, Sendable, Codable {
        case open, full, closed
    }

    public var state: State
    /// Counters since the listener was created, or since the data plane first saw it.
    public var statistics: ListenerStatistics

    public init(state: State, statistics: ListenerStatistics = .init()) {
        self.state = state
        self.statistics = statistics
    }
}

/// Counters of one listener (API reference, "Show load balancer statistics").
public struct ListenerStatistics: Hashable, Sendable, Codable {
    /// Bytes received from clients.
    public var bytesIn: Int64
    /// Bytes sent to clients.
    public var bytesOut: Int64
    /// Connections open now.
    public var activeConnections: Int64
    /// Connections ever accepted.
    public var totalConnections: Int64
    /// Requests that could not be understood or were broken off by the client.
    public var requestErrors: Int64

    public init(
        bytesIn: Int64 = 0, bytesOut: Int64 = 0, activeConnections: Int64 = 0, totalConnections: Int64 = 0,
        requestErrors: Int64 = 0
    ) {
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.activeConnections = activeConnections
        self.totalConnections = totalConnections
        self.requestErrors = requestErrors
    }

    /// The sum of two sets of counters.
    public static func + (left: ListenerStatistics, right: ListenerStatistics) -> ListenerStatistics {
        ListenerStatistics(
            bytesIn: left.bytesIn + right.bytesIn, bytesOut: left.bytesOut + right.bytesOut,
            activeConnections: left.activeConnections + right.activeConnections,
            totalConnections: left.totalConnections + right.totalConnections,
            requestErrors: left.requestErrors + right.requestErrors)
    }
}

/// What is known of one member.
public enum MemberObservation: String, Hashable, Sendable, Codable {
    /// The monitor finds it working.
    case up
    /// The monitor finds it failing.
    case down
    /// It gets no new sessions: weight 0.
    case draining
    /// Its owner switched it off.
    case maintenance
    /// Nobody watches it.
    case unmonitored
}
