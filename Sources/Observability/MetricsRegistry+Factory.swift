// The registry as swift-metrics' factory.

public import Metrics

/// What libraries report by swift-metrics: labels become names with `_` for what Prometheus does not allow, dimensions
/// become labels. Counters end in `_total`, timers in `_seconds`; recorders that aggregate and timers are histograms.
extension MetricsRegistry: MetricsFactory {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        SeriesHandler(family(Self.named(label, "_total"), "", .counter), dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        SeriesHandler(family(Self.named(label, "_total"), "", .counter), dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        SeriesHandler(family(label, "", .gauge), dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        SeriesHandler(family(label, "", aggregate ? .histogram(bounds: Self.sizes) : .gauge), dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        SeriesHandler(family(Self.named(label, "_seconds"), "", .histogram(bounds: Buckets.seconds)), dimensions)
    }

    public func destroyCounter(_ handler: any CounterHandler) { (handler as? SeriesHandler)?.destroy() }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        (handler as? SeriesHandler)?.destroy()
    }
    public func destroyMeter(_ handler: any MeterHandler) { (handler as? SeriesHandler)?.destroy() }
    public func destroyRecorder(_ handler: any RecorderHandler) { (handler as? SeriesHandler)?.destroy() }
    public func destroyTimer(_ handler: any TimerHandler) { (handler as? SeriesHandler)?.destroy() }

    /// Bounds for values of no known unit.
    private static let sizes: [Double] = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576]

    private static func named(_ label: String, _ ending: String) -> String {
        label.hasSuffix(ending) ? label : label + ending
    }
}

/// One series of a family, in all roles that swift-metrics knows.
private final class SeriesHandler: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler
{
    private let family: MetricFamily
    private let labels: MetricFamily.LabelSet

    init(_ family: MetricFamily, _ dimensions: [(String, String)]) {
        self.family = family
        labels = MetricFamily.LabelSet(dimensions)
        // A counter that never counted is worth knowing: alerts compare with 0.
        if case .counter = family.kind { family.add(0, labels) }
    }

    func increment(by amount: Int64) { if amount > 0 { family.add(Double(amount), labels) } }
    func increment(by amount: Double) { family.add(amount, labels) }
    func decrement(by amount: Double) { family.add(-amount, labels) }
    func set(_ value: Int64) { family.set(Double(value), labels) }
    func set(_ value: Double) { family.set(value, labels) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        if case .gauge = family.kind { family.set(value, labels) } else { family.observe(value, labels) }
    }
    func recordNanoseconds(_ duration: Int64) { family.observe(Double(duration) / 1e9, labels) }
    func reset() { family.set(0, labels) }
    func destroy() { family.remove(labels) }
}
