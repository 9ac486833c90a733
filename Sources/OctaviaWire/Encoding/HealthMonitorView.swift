// A health monitor as the API shows it.

public import JSON
public import LoadBalancing

/// A health monitor and the id of its pool.
public struct HealthMonitorView: ResourceView {
    public static let key = "healthmonitor"
    public static let collectionKey = "healthmonitors"

    public var healthMonitor: HealthMonitor

    public init(_ healthMonitor: HealthMonitor) {
        self.healthMonitor = healthMonitor
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.fields(of: healthMonitor, in: fields)
            writer.references("pools", CollectionOfOne(healthMonitor.poolID), in: fields)
        }
    }
}

extension JSONWriter {
    /// The fields of a monitor but for its pool.
    mutating func fields(of monitor: HealthMonitor, in fields: FieldSelection) {
        field("id", monitor.id, in: fields)
        field("name", monitor.name, in: fields)
        core(monitor.core, in: fields)
        field("type", monitor.type.rawValue, in: fields)
        field("delay", monitor.delay, in: fields)
        field("timeout", monitor.timeout, in: fields)
        field("max_retries", monitor.maxRetries, in: fields)
        field("max_retries_down", monitor.maxRetriesDown, in: fields)
        field("http_method", monitor.httpMethod?.rawValue, in: fields)
        field("url_path", monitor.urlPath, in: fields)
        field("expected_codes", monitor.expectedCodes, in: fields)
        field("http_version", monitor.httpVersion, in: fields)
        field("domain_name", monitor.domainName, in: fields)
    }
}
