// Listeners of protocol PROMETHEUS.

extension HAProxyConfiguration.Frontend {
    /// Answers with the metrics of this process, which is this load balancer and no other.
    func renderMetrics(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        guard servesMetrics else { return }
        try writer.line("http-request", "use-service", "prometheus-exporter", "if", "{", "path", "/metrics", "}")
        try writer.line(
            "http-request", "return", "status", "404", "content-type", "text/plain", "string",
            .value("The metrics of this load balancer are at /metrics."))
    }
}
