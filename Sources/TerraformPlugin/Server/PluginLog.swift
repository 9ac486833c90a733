// Lines for Terraform's log.

internal import FoundationEssentials
internal import JSON
public import Logging

/// Writes each message as a line of JSON to standard error, in the form that Terraform reads from plugins (hclog).
///
/// Terraform shows them by `TF_LOG` and `TF_LOG_PROVIDER`.
public struct PluginLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let label: String

    /// A logger with the level that `TF_LOG_PROVIDER` or `TF_LOG` asks for; errors only if they are absent.
    public static func logger(_ label: String) -> Logger {
        Logger(label: label) { PluginLogHandler(label: $0, environment: ProcessInfo.processInfo.environment) }
    }

    init(label: String, environment: [String: String]) {
        self.label = label
        let names = ["TF_LOG_PROVIDER", "TF_LOG"].compactMap { environment[$0] }
        logLevel =
            switch names.first?.lowercased() {
            case "trace", "json": .trace
            case "debug": .debug
            case "info": .info
            case "warn": .warning
            default: .error
            }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let level =
            switch event.level {
            case .trace: "trace"
            case .debug: "debug"
            case .info, .notice: "info"
            case .warning: "warn"
            case .error, .critical: "error"
            }
        var bytes = JSONWriter.object { writer in
            writer.member("@level", level)
            writer.member("@message", event.message.description)
            writer.member("@module", label)
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) { writer.member(key, "\(value)") }
        }
        bytes.append(UInt8(ascii: "\n"))
        StandardStream.write(bytes, to: 2)
    }
}
