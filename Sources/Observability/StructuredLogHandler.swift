// Logs on standard error, for people or for programs.

internal import FoundationEssentials
internal import Glibc
internal import JSON
public import Logging
internal import Tracing

/// How the log looks.
public enum LogFormat: String, Sendable, CaseIterable {
    /// As swift-log's own handler writes it, for people.
    case text
    /// One JSON object a line: `time`, `level`, `logger`, `message`, then the metadata.
    case json
    /// `key=value`, with quotes where they are needed: `time`, `level`, `logger`, `message`, then the metadata.
    case logfmt

    /// A handler that writes to standard error, with what ``LogContext`` knows in every line.
    public func handler(label: String) -> any LogHandler {
        switch self {
        case .text: StreamLogHandler.standardError(label: label, metadataProvider: LogContext.provider)
        case .json: StructuredLogHandler(label: label, style: .json, metadataProvider: LogContext.provider)
        case .logfmt: StructuredLogHandler(label: label, style: .logfmt, metadataProvider: LogContext.provider)
        }
    }
}

/// Writes lines that programs can read.
public struct StructuredLogHandler: LogHandler {
    /// How a line looks, as in ``LogFormat``.
    public enum Style: Sendable {
        case json
        case logfmt
    }

    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let style: Style
    private let write: @Sendable (String) -> Void

    /// - Parameter write: Takes a line with its end; standard error by default.
    public init(
        label: String, style: Style, metadataProvider: Logger.MetadataProvider? = nil,
        write: @escaping @Sendable (String) -> Void = { StructuredLogHandler.standardError($0) }
    ) {
        self.label = label
        self.style = style
        self.metadataProvider = metadataProvider
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { own, _ in own } }
        if let more = event.metadata { fields.merge(more) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        let sorted = fields.sorted { $0.key < $1.key }
        let time = Self.timestamp()
        switch style {
        case .json:
            let bytes = JSONWriter.object { writer in
                writer.member("time", time)
                writer.member("level", event.level.rawValue)
                writer.member("logger", label)
                writer.member("message", "\(event.message)")
                for (key, value) in sorted {
                    writer.member(Self.fixedKeys.contains(key) ? "\(key)_" : key, "\(value)")
                }
            }
            write(String(decoding: bytes, as: UTF8.self) + "\n")
        case .logfmt:
            var line = "time=\(time) level=\(event.level.rawValue) logger=\(Self.word(label))"
            line += " message=\(Self.word("\(event.message)"))"
            for (key, value) in sorted {
                line += " \(Self.key(Self.fixedKeys.contains(key) ? "\(key)_" : key))=\(Self.word("\(value)"))"
            }
            write(line + "\n")
        }
    }

    /// The names that every line has.
    private static let fixedKeys: Set<String> = ["time", "level", "logger", "message"]

    /// The time in UTC with microseconds (RFC 3339).
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        var seconds = now.tv_sec
        gmtime_r(&seconds, &parts)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let time = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(time).\(digits(now.tv_nsec / 1_000, 6))Z"
    }

    /// A value of logfmt: in quotes when it is empty or has spaces, quotes, `=` or control characters.
    private static func word(_ text: String) -> String {
        let needsQuotes =
            text.isEmpty
            || text.unicodeScalars.contains {
                $0.value <= 0x20 || $0 == "\"" || $0 == "=" || $0 == "\\" || $0.value == 0x7F
            }
        return needsQuotes ? "\"\(escaped(text))\"" : text
    }

    private static func key(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value <= 0x20 || $0 == "\"" || $0 == "=" ? "_" : Character($0) })
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Writes a line in one call, so that lines of several threads do not mix.
    public static func standardError(_ line: String) {
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            if count > 0 { bytes = bytes.dropFirst(count) }
        }
    }
}

/// What every line of the log says of the work that it belongs to.
public enum LogContext {
    /// Reads the context of the task that logs.
    public static let provider = Logger.MetadataProvider {
        guard let context = InstrumentationContext.current else { return [:] }
        var metadata: Logger.Metadata = [:]
        if let id = context.requestID { metadata["request"] = "\(id)" }
        if let id = context.globalRequestID { metadata["global_request"] = "\(id)" }
        if let id = context.projectID { metadata["project"] = "\(id)" }
        if let id = context.loadBalancerID { metadata["loadbalancer"] = "\(id)" }
        if let trace = context.traceContext {
            metadata["trace_id"] = "\(trace.traceID)"
            metadata["span_id"] = "\(trace.spanID)"
        }
        return metadata
    }
}
