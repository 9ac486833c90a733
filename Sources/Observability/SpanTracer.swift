// Makes spans and hands those that have ended to an exporter.

internal import Synchronization
public import Tracing

/// A tracer that speaks W3C Trace Context.
public struct SpanTracer: Tracer {
    public typealias Span = RecordedSpan

    private let export: @Sendable (FinishedSpan) -> Void

    /// - Parameter export: Takes each span when it has ended; called on the thread that ends it, so it must be quick.
    public init(export: @escaping @Sendable (FinishedSpan) -> Void) {
        self.export = export
    }

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        var context = context()
        let parent = context.traceContext
        context.traceContext = parent?.child() ?? .random()
        return RecordedSpan(
            context: context, parent: parent, name: operationName, kind: kind,
            start: instant().nanosecondsSinceEpoch, export: export)
    }

    public func startAnySpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> any Tracing.Span {
        startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID, line: line
        )
    }

    public func forceFlush() {}

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier) else { return }
        context.traceContext = TraceContext(
            traceparent: text, state: extractor.extract(key: "tracestate", from: carrier))
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.traceparent, forKey: "traceparent", into: &carrier)
        if let state = trace.state { injector.inject(state, forKey: "tracestate", into: &carrier) }
    }
}

/// A span that has ended.
public struct FinishedSpan: Sendable {
    public var trace: TraceContext
    public var parentSpanID: String?
    public var name: String
    public var kind: SpanKind
    /// Nanoseconds since 1970.
    public var start: UInt64
    public var end: UInt64
    public var attributes: SpanAttributes
    public var events: [SpanEvent]
    public var links: [TraceContext]
    public var status: SpanStatus?
}

/// A span that is under way.
public final class RecordedSpan: Tracing.Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var events: [SpanEvent] = []
        var links: [TraceContext] = []
        var status: SpanStatus?
        var isEnded = false
    }

    public let context: InstrumentationContext
    private let parent: TraceContext?
    private let kind: SpanKind
    private let start: UInt64
    private let export: @Sendable (FinishedSpan) -> Void
    private let state: Mutex<State>

    init(
        context: InstrumentationContext, parent: TraceContext?, name: String, kind: SpanKind, start: UInt64,
        export: @escaping @Sendable (FinishedSpan) -> Void
    ) {
        self.context = context
        self.parent = parent
        self.kind = kind
        self.start = start
        self.export = export
        state = Mutex(State(name: name))
    }

    public var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    public var isRecording: Bool { state.withLock { !$0.isEnded } }

    public func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }

    public func addEvent(_ event: SpanEvent) {
        // More than anybody reads is not worth its memory.
        state.withLock { if $0.events.count < 64 { $0.events.append(event) } }
    }

    public func addLink(_ link: SpanLink) {
        guard let trace = link.context.traceContext else { return }
        state.withLock { if $0.links.count < 64 { $0.links.append(trace) } }
    }

    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = "\(type(of: error))"
        attributes["exception.message"] = "\(error)"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let trace = context.traceContext else { return }
        let end = instant().nanosecondsSinceEpoch
        let finished: FinishedSpan? = state.withLock { state in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            return FinishedSpan(
                trace: trace, parentSpanID: parent?.spanID, name: state.name, kind: kind, start: start, end: end,
                attributes: state.attributes, events: state.events, links: state.links, status: state.status)
        }
        if let finished, trace.isSampled { export(finished) }
    }
}
