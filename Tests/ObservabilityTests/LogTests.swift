// Lines of the log that programs read.

internal import JSON
internal import Logging
internal import Synchronization
internal import Testing
internal import Tracing

@testable internal import Observability

struct LogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func logger(_ style: StructuredLogHandler.Style, _ lines: Lines) -> Logger {
        Logger(label: "test") { label in
            StructuredLogHandler(label: label, style: style, metadataProvider: LogContext.provider) { line in
                lines.all.withLock { $0.append(line) }
            }
        }
    }

    @Test func jsonLines() throws {
        let lines = Lines()
        let logger = logger(.json, lines)
        logger.info("two\nlines \"quoted\"", metadata: ["a": "b\nc", "level": "mine", "n": "\(5)"])
        logger.debug("not shown")
        let line = try #require(lines.all.withLock { $0.first })
        #expect(lines.all.withLock { $0.count } == 1)
        #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { $0 != "\n" })
        let value = try JSONValue(parsing: Array(line.utf8))
        #expect(value["message"] == "two\nlines \"quoted\"")
        #expect(value["level"] == "info")
        #expect(value["level_"] == "mine")
        #expect(value["a"] == "b\nc")
        #expect(value["n"] == "5")
        #expect(value["logger"] == "test")
        let time = value["time"]?.string ?? ""
        #expect(time.count == "2026-01-02T03:04:05.000006Z".count && time.hasSuffix("Z") && time.hasPrefix("20"))
    }

    @Test func keysAndValues() {
        let lines = Lines()
        logger(.logfmt, lines).warning("plain", metadata: ["path": "/a b", "empty": "", "ok": "yes", "x=y": "a\"b\n"])
        let line = lines.all.withLock { $0.first } ?? ""
        #expect(
            line.contains(
                " level=warning logger=test message=plain empty=\"\" ok=yes path=\"/a b\" x_y=\"a\\\"b\\n\"\n"))
        #expect(line.filter { $0 == "\n" }.count == 1)
    }

    @Test func everyLineNamesTheRequest() throws {
        let lines = Lines()
        var context = InstrumentationContext.topLevel
        context.requestID = "req-1"
        context.projectID = "p"
        context.loadBalancerID = "lb"
        context.traceContext = TraceContext(
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        InstrumentationContext.withValue(context) { logger(.json, lines).info("hello") }
        let value = try JSONValue(parsing: Array((lines.all.withLock { $0.first } ?? "").utf8))
        #expect(value["request"] == "req-1" && value["project"] == "p" && value["loadbalancer"] == "lb")
        #expect(value["trace_id"] == "0af7651916cd43dd8448eb211c80319c" && value["span_id"] == "b7ad6b7169203331")
    }
}

struct TraceContextTests {
    @Test func headersAreRead() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(TraceContext(traceparent: good)?.traceparent == good)
        #expect(
            TraceContext(traceparent: "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more")?.isSampled
                == false)
        for bad in [
            "", "00", good + "-x", good.uppercased(), "ff" + good.dropFirst(2),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad-01",
        ] {
            #expect(TraceContext(traceparent: bad) == nil, "\(bad)")
        }
        #expect(TraceContext(traceparent: good, state: "a=b")?.state == "a=b")
        #expect(TraceContext(traceparent: good, state: String(repeating: "x", count: 600))?.state == nil)
    }

    @Test func requestIDs() {
        #expect(InstrumentationContext.isRequestID("req-0f2a1d34-0000-4000-8000-0123456789ab"))
        for bad in [
            "", "req-", "req-0F2A1D34-0000-4000-8000-0123456789ab", "req-0f2a1d34-0000-4000-8000-0123456789abc",
        ] {
            #expect(!InstrumentationContext.isRequestID(bad))
        }
    }

    @Test func spansFollowEachOther() throws {
        let finished = Mutex<[FinishedSpan]>([])
        let tracer = SpanTracer { span in finished.withLock { $0.append(span) } }
        var context = InstrumentationContext.topLevel
        let parent = try #require(
            TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        context.traceContext = parent
        tracer.withSpan("outer", context: context, ofKind: .server) { outer in
            outer.attributes["a"] = 1
            try? tracer.withSpan("inner") { inner in
                inner.addLink(SpanLink(context: context, attributes: [:]))
                throw CancellationError()
            }
        }
        let spans = finished.withLock { $0 }
        #expect(spans.map(\.name) == ["inner", "outer"])
        #expect(spans.allSatisfy { $0.trace.traceID == parent.traceID && $0.end >= $0.start })
        #expect(spans[1].parentSpanID == parent.spanID && spans[0].parentSpanID == spans[1].trace.spanID)
        #expect(spans[0].links == [parent] && spans[0].status?.code == .error && spans[0].events.count == 1)
        var quiet = InstrumentationContext.topLevel
        quiet.traceContext = TraceContext(traceID: parent.traceID, spanID: parent.spanID, isSampled: false)
        tracer.withSpan("not sampled", context: quiet) { _ in }
        #expect(finished.withLock { $0.count } == 2)
    }
}
