// Counters as the API shows them.

public import JSON
public import LoadBalancing

/// The answer of `GET …/stats`, for a listener or the sum over a load balancer.
public struct StatisticsView: JSONWritable, Sendable {
    public var statistics: ListenerStatistics

    public init(_ statistics: ListenerStatistics) {
        self.statistics = statistics
    }

    /// The body: `{"stats":{…}}`.
    public var body: [UInt8] {
        JSONWriter.object { writer in writer.member("stats", self) }
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("bytes_in", statistics.bytesIn)
            writer.member("bytes_out", statistics.bytesOut)
            writer.member("active_connections", statistics.activeConnections)
            writer.member("total_connections", statistics.totalConnections)
            writer.member("request_errors", statistics.requestErrors)
        }
    }
}
