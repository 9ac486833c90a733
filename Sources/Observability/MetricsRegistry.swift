// The metrics of a process, and the page on which a Prometheus server reads them.

internal import Synchronization

/// Keeps families of metrics and writes them in Prometheus' text format 0.0.4.
///
/// A registry is made by whoever assembles a program and handed on; there is no global one. It is also a
/// `MetricsFactory` of swift-metrics, for libraries that report by that.
public final class MetricsRegistry: Sendable {
    private struct State {
        var families: [String: MetricFamily] = [:]
        var sources: [Source] = []
    }

    /// Something that sets its metrics when the page is read.
    private struct Source {
        var name: String
        var probe: BoundedProbe<Void>
        /// How old what it has set may be.
        var age: Duration
    }

    private let state = Mutex(State())
    private let seriesLimit: Int
    private let sourceUp: Gauge

    /// - Parameter seriesLimit: How many combinations of label values each family keeps, 1 or more. What comes later is
    ///   counted under one more combination, whose values all are `other`, so that nobody can fill the memory by
    ///   making up values.
    public init(seriesLimit: Int = 2_000) {
        self.seriesLimit = max(seriesLimit, 1)
        let up = MetricFamily(
            name: "metrics_source_up",
            help:
                "Whether what is asked when this page is read answered in time: 1 or 0; 0 means that its values are old.",
            kind: .gauge, seriesLimit: self.seriesLimit)
        sourceUp = Gauge(family: up, labels: ["source"])
        state.withLock { $0.families[up.name] = up }
    }

    /// Adds up amounts. Its name should end in `_total` (Prometheus, "Metric and label naming").
    public func counter(_ name: String, help: String, labels: [String] = []) -> Counter {
        Counter(family: family(name, help, .counter), labels: labels)
    }

    /// A value that goes up and down.
    public func gauge(_ name: String, help: String, labels: [String] = []) -> Gauge {
        Gauge(family: family(name, help, .gauge), labels: labels)
    }

    /// Counts values by size.
    ///
    /// - Parameter buckets: The upper bounds, inclusive, in ascending order, without infinity.
    public func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: [Double] = Buckets.seconds
    ) -> Histogram {
        Histogram(family: family(name, help, .histogram(bounds: buckets)), labels: labels)
    }

    /// Has something asked for its values when the page is read.
    ///
    /// - Parameters:
    ///   - name: Stands in `metrics_source_up`.
    ///   - age: How old values may be: pages read faster than that show the same.
    ///   - body: Sets gauges. It is never run twice at the same time, and a page waits for it for a second at most.
    public func onScrape(
        _ name: String, notOlderThan age: Duration = .zero, _ body: @escaping @Sendable () async -> Void
    ) {
        state.withLock { $0.sources.append(Source(name: name, probe: BoundedProbe(body), age: age)) }
    }

    /// The page.
    public func text() async -> String {
        let sources = state.withLock { $0.sources }
        await withTaskGroup(of: Void.self) { group in
            for source in sources {
                group.addTask { [sourceUp] in
                    let isAnswered = await source.probe.value(within: .seconds(1), notOlderThan: source.age) != nil
                    sourceUp.set(isAnswered ? 1 : 0, source.name)
                }
            }
        }
        var writer = PrometheusText()
        for family in state.withLock({ $0.families }).values.sorted(by: { $0.name < $1.name }) {
            writer.add(family)
        }
        return writer.text
    }

    /// The content type of the page.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The family of that name, made if it is new. One of another kind gets a name of its own: a page with two kinds under
    /// one name would be refused as a whole.
    func family(_ name: String, _ help: String, _ kind: MetricFamily.Kind) -> MetricFamily {
        let name = PrometheusText.metricName(name)
        return state.withLock { state in
            let key = state.families[name].map { $0.kind.isSameType(as: kind) } ?? true ? name : "\(name)_\(kind.word)"
            if let known = state.families[key] { return known }
            let family = MetricFamily(name: key, help: help, kind: kind, seriesLimit: seriesLimit)
            state.families[key] = family
            return family
        }
    }
}

/// Upper bounds of histograms.
public enum Buckets {
    /// For work that takes from half a millisecond to half a minute, in seconds.
    public static let seconds = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]
}
