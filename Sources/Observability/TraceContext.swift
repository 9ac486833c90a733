// Which span of which trace: W3C Trace Context.

/// A position in a trace that processes hand to each other (W3C Trace Context, section 3.2).
public struct TraceContext: Sendable, Hashable {
    /// 32 hexadecimal digits, not all zero.
    public var traceID: String
    /// 16 hexadecimal digits, not all zero.
    public var spanID: String
    /// Whether the caller records its spans.
    public var isSampled: Bool
    /// What vendors hand on with it, unchanged.
    public var state: String?

    public init(traceID: String, spanID: String, isSampled: Bool = true, state: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads a `traceparent`; `nil` for what is none, which is to be ignored.
    ///
    /// - Parameter state: The `tracestate` beside it; one of more than 512 bytes is left out.
    public init?(traceparent: String, state: String? = nil) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHex(parts[0], 2), parts[0] != "ff", Self.isHex(parts[1], 32),
            Self.isHex(parts[2], 16), Self.isHex(parts[3], 2), parts[0] != "00" || parts.count == 4,
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        self.init(
            traceID: String(parts[1]), spanID: String(parts[2]), isSampled: flags & 1 == 1,
            state: state.flatMap { (1...512).contains($0.utf8.count) ? $0 : nil })
    }

    /// The header's value.
    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// A new trace.
    static func random() -> TraceContext {
        TraceContext(traceID: randomHex(2), spanID: randomHex(1))
    }

    /// Another span of the same trace.
    func child() -> TraceContext {
        TraceContext(traceID: traceID, spanID: Self.randomHex(1), isSampled: isSampled, state: state)
    }

    private static func randomHex(_ words: Int) -> String {
        (0..<words).map { _ in
            let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func isHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
