// What a task works for: carried by swift-distributed-tracing's context from a request to everything that it causes.

public import Tracing

extension InstrumentationContext {
    /// The id of the request that the work is for: `req-` and a UUID.
    public var requestID: String? {
        get { self[RequestIDKey.self] }
        set { self[RequestIDKey.self] = newValue }
    }

    /// The id that the caller gave its own operation, which may consist of requests to several services.
    public var globalRequestID: String? {
        get { self[GlobalRequestIDKey.self] }
        set { self[GlobalRequestIDKey.self] = newValue }
    }

    /// The project that the work is for.
    public var projectID: String? {
        get { self[ProjectIDKey.self] }
        set { self[ProjectIDKey.self] = newValue }
    }

    /// The load balancer that the work is about.
    public var loadBalancerID: String? {
        get { self[LoadBalancerIDKey.self] }
        set { self[LoadBalancerIDKey.self] = newValue }
    }

    /// The span that is under way, in whatever process.
    public var traceContext: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }

    /// The context of this task, or an empty one.
    public static var currentOrEmpty: InstrumentationContext { current ?? .topLevel }

    /// Whether a text is an id of a request: `req-` and a UUID in lower case, as oslo.middleware's RequestId wants it of
    /// what it takes over from callers.
    public static func isRequestID(_ text: String) -> Bool {
        guard text.hasPrefix("req-") else { return false }
        let groups = text.dropFirst(4).split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }
    }
}

private enum RequestIDKey: InstrumentationContextKey { typealias Value = String }
private enum GlobalRequestIDKey: InstrumentationContextKey { typealias Value = String }
private enum ProjectIDKey: InstrumentationContextKey { typealias Value = String }
private enum LoadBalancerIDKey: InstrumentationContextKey { typealias Value = String }
private enum TraceContextKey: InstrumentationContextKey { typealias Value = TraceContext }
