// Counters.

public import LoadBalancing

/// The counters of a listener, or of all listeners of a load balancer.
public struct Statistics: Sendable, Hashable {
    /// Bytes from clients.
    public var bytesIn: Int
    /// Bytes to clients.
    public var bytesOut: Int
    /// Connections that are open now.
    public var activeConnections: Int
    /// Connections since the listener began.
    public var totalConnections: Int
    /// Requests that could not be served.
    public var requestErrors: Int

    init(_ answer: AnswerReader) throws(CloudError) {
        bytesIn = try answer.integer("bytes_in")
        bytesOut = try answer.integer("bytes_out")
        activeConnections = try answer.integer("active_connections")
        totalConnections = try answer.integer("total_connections")
        requestErrors = try answer.integer("request_errors")
    }
}

/// The counters of one listener at one amphora.
public struct AmphoraStatistics: Sendable, Hashable {
    /// The amphora.
    public var amphoraID: ResourceID
    /// The listener.
    public var listenerID: ResourceID
    /// The load balancer.
    public var loadBalancerID: ResourceID
    /// The counters themselves.
    public var statistics: Statistics

    init(_ answer: AnswerReader) throws(CloudError) {
        amphoraID = try answer.id()
        listenerID = try answer.id("listener_id")
        loadBalancerID = try answer.id("loadbalancer_id")
        statistics = try Statistics(answer)
    }
}
