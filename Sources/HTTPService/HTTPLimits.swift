// How much the HTTP server takes on at a time.

/// Limits beyond which requests are refused, so that the memory of the process stays bounded whatever clients do.
public struct HTTPLimits: Sendable, Hashable {
    /// Requests that are worked on at a time, 1 or more.
    public var concurrentRequests: Int
    /// Further requests that wait for their turn; beyond that the answer is 503.
    public var waitingRequests: Int
    /// How long a request waits before the answer is 503.
    public var longestWait: Duration
    /// Requests with one token, or from one address without any, that are worked on or wait; beyond that the answer is
    /// 429.
    public var requestsPerCaller: Int
    /// Requests of one project that are worked on; beyond that the answer is 429.
    public var requestsPerProject: Int
    /// Bytes of request bodies that are kept at a time, of all requests together; beyond that the answer is 503.
    public var bodyBytes: Int
    /// Connections at a time. A few more are taken only for checks of health and for metrics; others among them get 503.
    public var connections: Int
    /// How long a connection may take to send its first head.
    public var headTime: Duration
    /// How long a client may take to send a body.
    public var bodyTime: Duration
    /// How long a client may take to read an answer.
    public var answerTime: Duration
    /// Silence after which a connection is closed.
    public var idleTime: Duration

    public init(
        concurrentRequests: Int = 256, waitingRequests: Int = 1_024, longestWait: Duration = .seconds(10),
        requestsPerCaller: Int = 256, requestsPerProject: Int = 192, bodyBytes: Int = 64 << 20,
        connections: Int = 4_096, headTime: Duration = .seconds(30), bodyTime: Duration = .seconds(30),
        answerTime: Duration = .seconds(60), idleTime: Duration = .seconds(120)
    ) {
        self.concurrentRequests = concurrentRequests
        self.waitingRequests = waitingRequests
        self.longestWait = longestWait
        self.requestsPerCaller = requestsPerCaller
        self.requestsPerProject = requestsPerProject
        self.bodyBytes = bodyBytes
        self.connections = connections
        self.headTime = headTime
        self.bodyTime = bodyTime
        self.answerTime = answerTime
        self.idleTime = idleTime
    }
}
