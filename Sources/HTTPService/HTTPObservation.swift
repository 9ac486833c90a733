// What the HTTP server tells about its work: metrics, spans, lines of the log.

internal import HTTPTypes
public import Observability
public import Tracing

/// Where the HTTP server reports.
public struct HTTPObservation: Sendable {
    let tracer: any Tracer
    private let duration: Histogram
    private let inProgress: Gauge
    private let registry: MetricsRegistry

    /// - Parameter tracer: Makes the spans of requests.
    public init(registry: MetricsRegistry, tracer: any Tracer = NoOpTracer()) {
        self.registry = registry
        self.tracer = tracer
        duration = registry.histogram(
            "ottava_http_request_duration_seconds",
            help: "Time from a request's head to its answer, by template of the path, method and class of the status.",
            labels: ["route", "method", "status"])
        inProgress = registry.gauge("ottava_http_requests_in_progress", help: "Requests that are not answered yet.")
        inProgress.set(0)
    }

    func began() { inProgress.add(1) }

    func ended(route: String, method: HTTPRequest.Method, status: HTTPResponse.Status, after time: Duration) {
        inProgress.add(-1)
        duration.observe(
            time, route, Self.methods.contains(method) ? method.rawValue : "OTHER", "\(status.code / 100)xx")
    }

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]

    /// Shows what the gate and the connections are at.
    func watch(_ gate: AdmissionGate, _ connections: ConnectionCount) {
        let running = registry.gauge("ottava_http_requests_admitted", help: "Requests that are worked on.")
        let waiting = registry.gauge("ottava_http_requests_waiting", help: "Requests that wait for their turn.")
        let bytes = registry.gauge("ottava_http_body_bytes", help: "Bytes of request bodies that are kept.")
        let refused = registry.counter(
            "ottava_http_requests_refused_total",
            help: "Requests answered with 429 or 503 because there were too many, by what was exceeded.",
            labels: ["reason"])
        let open = registry.gauge("ottava_http_connections", help: "Open connections of clients.")
        registry.onScrape("http") {
            let usage = gate.usage
            running.set(Double(usage.running))
            waiting.set(Double(usage.waiting))
            bytes.set(Double(usage.bodyBytes))
            for reason in AdmissionGate.Refusal.allCases {
                refused.set(Double(usage.refusals[reason, default: 0]), reason.rawValue)
            }
            refused.set(Double(connections.refused), "connections")
            open.set(Double(connections.open))
        }
    }
}

/// Reads a context from the headers of a request.
struct HeaderExtractor: Extractor {
    func extract(key: String, from fields: HTTPFields) -> String? {
        HTTPField.Name(key).flatMap { fields[$0] }
    }
}
