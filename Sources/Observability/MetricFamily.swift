// One metric of a process with all combinations of label values that were seen.

internal import Synchronization

/// All series of one name.
final class MetricFamily: Sendable {
    /// What a metric is.
    enum Kind: Sendable, Hashable {
        case counter
        case gauge
        case histogram(bounds: [Double])

        /// The word after `# TYPE`.
        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }

        func isSameType(as other: Kind) -> Bool { word == other.word }
    }

    /// The labels of one series, by name.
    struct LabelSet: Hashable, Sendable {
        var pairs: [Pair]

        struct Pair: Hashable, Sendable {
            var name: String
            var value: String
        }

        static let none = LabelSet(pairs: [])

        init(pairs: [Pair]) {
            self.pairs = pairs
        }

        /// Names with values in the same order; a value that is missing is empty.
        init(names: [String], values: [String]) {
            pairs = names.enumerated().map { index, name in
                Pair(name: name, value: index < values.count ? Self.bounded(values[index]) : "")
            }
        }

        /// Pairs in any order.
        init(_ dimensions: [(String, String)]) {
            pairs = dimensions.map { Pair(name: PrometheusText.labelName($0.0), value: Self.bounded($0.1)) }
                .sorted { $0.name < $1.name }
        }

        /// The series in which everything beyond the limit is counted.
        var other: LabelSet { LabelSet(pairs: pairs.map { Pair(name: $0.name, value: "other") }) }

        private static func bounded(_ value: String) -> String {
            value.utf8.count <= 128 ? value : String(value.prefix(64))
        }
    }

    /// The state of one series.
    struct Series: Sendable {
        /// The value of a counter or gauge, the sum of a histogram.
        var value = 0.0
        /// Values in each bucket, not cumulative; the last one is for all beyond the bounds.
        var counts: [UInt64] = []
    }

    let name: String
    let help: String
    let kind: Kind
    private let seriesLimit: Int
    private let series: Mutex<[LabelSet: Series]>

    init(name: String, help: String, kind: Kind, seriesLimit: Int) {
        self.name = name
        self.help = help
        self.kind = kind
        self.seriesLimit = seriesLimit
        series = Mutex([:])
    }

    var snapshot: [LabelSet: Series] { series.withLock { $0 } }

    func add(_ amount: Double, _ labels: LabelSet) {
        series.withLock { $0[key(labels, in: $0), default: Series()].value += amount }
    }

    func set(_ value: Double, _ labels: LabelSet) {
        series.withLock { $0[key(labels, in: $0), default: Series()].value = value }
    }

    /// Replaces all series.
    func replace(_ values: [(LabelSet, Double)]) {
        series.withLock { series in
            series.removeAll(keepingCapacity: true)
            for (labels, value) in values { series[key(labels, in: series), default: Series()].value += value }
        }
    }

    /// Counts a value of a histogram.
    func observe(_ value: Double, _ labels: LabelSet) {
        guard case .histogram(let bounds) = kind, !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        series.withLock { series in
            let key = key(labels, in: series)
            series[key, default: Series(counts: Array(repeating: 0, count: bounds.count + 1))].counts[bucket] += 1
            series[key]?.value += value
        }
    }

    func remove(_ labels: LabelSet) {
        series.withLock { $0[labels] = nil }
    }

    private func key(_ labels: LabelSet, in series: [LabelSet: Series]) -> LabelSet {
        series.count < seriesLimit || series[labels] != nil ? labels : labels.other
    }
}

/// Adds up amounts.
public struct Counter: Sendable {
    let family: MetricFamily
    let labels: [String]

    /// Adds an amount, 0 or more.
    ///
    /// - Parameter values: The values of the labels in the order in which the counter was made with them.
    public func increment(by amount: Double = 1, _ values: String...) {
        guard amount >= 0 else { return }
        family.add(amount, .init(names: labels, values: values))
    }

    /// Takes over a sum that is kept elsewhere and never goes down.
    public func set(_ total: Double, _ values: String...) {
        family.set(total, .init(names: labels, values: values))
    }
}

/// A value that goes up and down.
public struct Gauge: Sendable {
    let family: MetricFamily
    let labels: [String]

    public func set(_ value: Double, _ values: String...) {
        family.set(value, .init(names: labels, values: values))
    }

    public func add(_ difference: Double, _ values: String...) {
        family.add(difference, .init(names: labels, values: values))
    }

    /// Sets all series, and forgets those that are not mentioned.
    public func replace(_ series: [(values: [String], value: Double)]) {
        family.replace(series.map { (.init(names: labels, values: $0.values), $0.value) })
    }
}

/// Counts values by size.
public struct Histogram: Sendable {
    let family: MetricFamily
    let labels: [String]

    public func observe(_ value: Double, _ values: String...) {
        family.observe(value, .init(names: labels, values: values))
    }

    /// Counts a duration in seconds.
    public func observe(_ duration: Duration, _ values: String...) {
        family.observe(duration / .seconds(1), .init(names: labels, values: values))
    }
}
