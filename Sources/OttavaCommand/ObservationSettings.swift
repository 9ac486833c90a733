// Settings of what operators see of a process, and of how much it takes on.

internal import FoundationEssentials
internal import HTTPService
internal import Observability

/// What a process tells about itself, and to whom.
struct ObservationSettings: Sendable {
    var logFormat: LogFormat = .text
    var metricsAccess: MetricsPage.Access = .loopback
    /// Where `/healthcheck` and `/metrics` are answered beside the API; absent: with the API only.
    var statusAddress: (host: String, port: Int)?
    /// Whether `/healthcheck` shows details.
    var isHealthDetailed = false
    /// Whether a process that answers requests is unhealthy while no worker is alive.
    var requiresWorkers = false
    var limits = HTTPLimits()
    /// Where spans are sent (OTLP over HTTP, in JSON); absent: there are no spans.
    var traces: TraceDestination?

    /// Reads settings by key.
    ///
    /// - Parameters:
    ///   - text: The value of a key.
    ///   - logFormat: What the command line says of the format of the log.
    ///   - statusListen: What the command line says of the address of the status pages.
    init(text: (String) -> String?, logFormat: String?, statusListen: String?) throws(ServerSettings.Problem) {
        func number(_ key: String, _ fallback: Int, _ range: ClosedRange<Int>) throws(ServerSettings.Problem) -> Int {
            guard let value = text(key) else { return fallback }
            guard let number = Int(value), range.contains(number) else {
                throw ServerSettings.Problem(
                    key: key, value: value, allowed: "a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        func flag(_ key: String) throws(ServerSettings.Problem) -> Bool {
            let word = text(key) ?? "false"
            guard let value = Bool(word) else {
                throw ServerSettings.Problem(key: key, value: word, allowed: "true or false")
            }
            return value
        }
        if let word = logFormat ?? text("logFormat") {
            guard let format = LogFormat(rawValue: word) else {
                throw ServerSettings.Problem(
                    key: "logFormat", value: word, allowed: LogFormat.allCases.map(\.rawValue).joined(separator: ", "))
            }
            self.logFormat = format
        }
        if let token = text("metricsToken"), !token.isEmpty {
            metricsAccess = .token(token)
        } else if let word = text("metricsAccess") {
            switch word {
            case "loopback": metricsAccess = .loopback
            case "everyone": metricsAccess = .everyone
            default:
                throw ServerSettings.Problem(key: "metricsAccess", value: word, allowed: "loopback or everyone")
            }
        }
        if let word = statusListen ?? text("statusListen"), !word.isEmpty {
            guard let address = ServerSettings.hostAndPort(word) else {
                throw ServerSettings.Problem(
                    key: "statusListen", value: word, allowed: "HOST:PORT with a port from 0 to 65535")
            }
            statusAddress = address
        }
        isHealthDetailed = try flag("healthcheckDetailed")
        requiresWorkers = try flag("healthcheckRequiresWorkers")
        limits.concurrentRequests = try number("concurrentRequests", limits.concurrentRequests, 1...100_000)
        limits.waitingRequests = try number("waitingRequests", limits.waitingRequests, 0...100_000)
        limits.requestsPerCaller = try number("requestsPerToken", limits.requestsPerCaller, 1...100_000)
        limits.requestsPerProject = try number("requestsPerProject", limits.requestsPerProject, 1...100_000)
        limits.bodyBytes = try number("bodyMegabytes", limits.bodyBytes >> 20, 1...65_536) << 20
        limits.connections = try number("connections", limits.connections, 1...1_000_000)
        let environment = ProcessInfo.processInfo.environment
        if let endpoint = environment["OTEL_EXPORTER_OTLP_ENDPOINT"], !endpoint.isEmpty {
            traces = try TraceDestination(endpoint, headers: environment["OTEL_EXPORTER_OTLP_HEADERS"] ?? "")
        }
    }
}

/// Where spans are sent.
struct TraceDestination: Sendable, Hashable {
    var host: String
    var port: Int
    var path: String
    var headers: [String: String] = [:]

    /// - Parameters:
    ///   - endpoint: The base URL, to which `/v1/traces` is added (OpenTelemetry, "OTLP Exporter Configuration").
    ///   - headers: `key=value` with commas between.
    init(_ endpoint: String, headers: String) throws(ServerSettings.Problem) {
        let problem = ServerSettings.Problem(
            key: "OTEL_EXPORTER_OTLP_ENDPOINT", value: endpoint, allowed: "http://HOST:PORT, to a collector nearby")
        guard endpoint.hasPrefix("http://") else { throw problem }
        let parts = endpoint.dropFirst(7).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let authority = parts.first, !authority.isEmpty else { throw problem }
        let text = String(authority)
        if let (host, port) = ServerSettings.hostAndPort(text) {
            (self.host, self.port) = (host, port)
        } else {
            (host, port) = (text, 4_318)
        }
        var base = parts.count > 1 ? "/\(parts[1])" : ""
        while base.hasSuffix("/") { base.removeLast() }
        path = "\(base)/v1/traces"
        for pair in headers.split(separator: ",") {
            let words = pair.split(separator: "=", maxSplits: 1)
            if words.count == 2 { self.headers[words[0].trimmingSpaces()] = words[1].trimmingSpaces() }
        }
    }
}
