// Sends spans to an OpenTelemetry collector: OTLP over HTTP, in JSON.

internal import FoundationEssentials
internal import JSON
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Observability
internal import ServiceLifecycle
internal import Synchronization
internal import Tracing

/// Collects spans and sends them every few seconds. Spans that find no room, because the collector does not take them, are
/// dropped: traces must never hold up the service.
final class SpanExporter: Service {
    private static let capacity = 4_096
    private static let batch = 512

    private struct State {
        var spans: [FinishedSpan] = []
        var dropped = 0
        var isFailing = false
    }

    private let destination: TraceDestination
    private let logger: Logger
    private let state = Mutex(State())

    init(destination: TraceDestination, logger: Logger) {
        self.destination = destination
        self.logger = logger
    }

    func add(_ span: FinishedSpan) {
        state.withLock { state in
            if state.spans.count < Self.capacity { state.spans.append(span) } else { state.dropped += 1 }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                await self.flush()
            }
        }
        await flush()
    }

    private func flush() async {
        while true {
            let spans = state.withLock { state in
                let batch = Array(state.spans.prefix(Self.batch))
                state.spans.removeFirst(batch.count)
                return batch
            }
            guard !spans.isEmpty else { return }
            let problem = await send(OTLP.traces(spans))
            let isNews = state.withLock { state in
                if problem != nil { state.dropped += spans.count }
                defer { state.isFailing = problem != nil }
                return state.isFailing != (problem != nil)
            }
            if isNews {
                if let problem {
                    logger.warning("spans cannot be sent", metadata: ["reason": "\(problem)"])
                } else {
                    logger.info("spans are sent again")
                }
            }
            if problem != nil { return }
        }
    }

    /// Sends one request on a connection of its own.
    ///
    /// - Returns: What went wrong.
    private func send(_ body: [UInt8]) async -> String? {
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(3))
                .connect(host: destination.host, port: destination.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                            wrappingChannelSynchronously: channel)
                    }
                }
            let timeout = channel.channel.eventLoop.scheduleTask(in: .seconds(5)) {
                channel.channel.close(promise: nil)
            }
            defer { timeout.cancel() }
            return try await channel.executeThenClose { inbound, outbound in
                var headers = HTTPHeaders([
                    ("Host", "\(destination.host):\(destination.port)"), ("Content-Type", "application/json"),
                    ("Content-Length", String(body.count)), ("Connection", "close"),
                ])
                for (name, value) in destination.headers { headers.add(name: name, value: value) }
                try await outbound.write(
                    .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: destination.path, headers: headers)))
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body))))
                try await outbound.write(.end(nil))
                for try await part in inbound {
                    if case .head(let head) = part {
                        return (200..<300).contains(head.status.code) ? nil : "status \(head.status.code)"
                    }
                }
                return "no answer"
            }
        } catch {
            return "\(error)"
        }
    }
}

/// The JSON form of OTLP's ExportTraceServiceRequest (opentelemetry-proto, trace.proto; OTLP specification, "JSON Protobuf
/// Encoding": ids in hexadecimal, 64-bit numbers as text).
enum OTLP {
    static func traces(_ spans: [FinishedSpan]) -> [UInt8] {
        JSONWriter.object { writer in
            writer.arrayMember("resourceSpans", [spans]) { writer, spans in
                writer.object { writer in
                    writer.objectMember("resource") { writer in
                        var resource = SpanAttributes()
                        resource["service.name"] = "ottava"
                        resource["service.version"] = BuildInformation.version
                        attributes(resource, &writer)
                    }
                    writer.arrayMember("scopeSpans", [spans]) { writer, spans in
                        writer.object { writer in
                            writer.objectMember("scope") { $0.member("name", "ottava") }
                            writer.arrayMember("spans", spans) { span($1, &$0) }
                        }
                    }
                }
            }
        }
    }

    private static func span(_ span: FinishedSpan, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("traceId", span.trace.traceID)
            writer.member("spanId", span.trace.spanID)
            if let parent = span.parentSpanID { writer.member("parentSpanId", parent) }
            writer.member("name", span.name)
            writer.member("kind", kind(span.kind))
            writer.member("startTimeUnixNano", String(span.start))
            writer.member("endTimeUnixNano", String(span.end))
            attributes(span.attributes, &writer)
            writer.arrayMember("events", span.events) { writer, event in
                writer.object { writer in
                    writer.member("timeUnixNano", String(event.nanosecondsSinceEpoch))
                    writer.member("name", event.name)
                    attributes(event.attributes, &writer)
                }
            }
            writer.arrayMember("links", span.links) { writer, link in
                writer.object { writer in
                    writer.member("traceId", link.traceID)
                    writer.member("spanId", link.spanID)
                }
            }
            if let status = span.status {
                writer.objectMember("status") { writer in
                    writer.member("code", status.code == .ok ? 1 : 2)
                    if let message = status.message { writer.member("message", message) }
                }
            }
        }
    }

    private static func kind(_ kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func attributes(_ attributes: SpanAttributes, _ writer: inout JSONWriter) {
        var pairs: [(key: String, value: SpanAttribute)] = []
        // It is no sequence.
        // swift-format-ignore: ReplaceForEachWithForLoop
        attributes.forEach { pairs.append(($0, $1)) }
        writer.arrayMember("attributes", pairs.sorted { $0.key < $1.key }) { writer, pair in
            writer.object { writer in
                writer.member("key", pair.key)
                writer.objectMember("value") { writer in
                    switch pair.value {
                    case .int32(let number): writer.member("intValue", String(number))
                    case .int64(let number): writer.member("intValue", String(number))
                    case .double(let number): writer.member("doubleValue", number)
                    case .bool(let flag): writer.member("boolValue", flag)
                    case .string(let text): writer.member("stringValue", text)
                    default: writer.member("stringValue", "\(pair.value)")
                    }
                }
            }
        }
    }
}
