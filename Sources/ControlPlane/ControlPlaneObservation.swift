// What the control plane tells about its work: metrics and spans.

internal import LoadBalancing
public import Observability
internal import Persistence
public import Tracing

/// Where the reconciler and those beside it report.
public struct ControlPlaneObservation: Sendable {
    let tracer: any Tracer
    private let duration: Histogram
    private let wait: Histogram
    private let failures: Counter
    private let observations: Counter
    private let repairs: Counter
    private let drift: Counter
    private let secrets: Counter

    /// What became of one piece of work.
    enum Outcome: String, CaseIterable {
        /// Everything serves as it should.
        case applied
        /// It is applied, but for some listeners or L7 policies.
        case partial
        case removed
        case failed
        /// Somebody else had taken the work over.
        case fenced
        /// The database went away; the work is done again.
        case interrupted
    }

    /// - Parameter tracer: Makes the spans of use cases and of work.
    public init(registry: MetricsRegistry = MetricsRegistry(), tracer: any Tracer = NoOpTracer()) {
        self.tracer = tracer
        duration = registry.histogram(
            "ottava_reconcile_duration_seconds",
            help: "Time that one piece of work on one load balancer took, by what became of it.", labels: ["outcome"])
        wait = registry.histogram(
            "ottava_reconcile_wait_seconds", help: "Time from when work was due until a worker took it.")
        failures = registry.counter(
            "ottava_reconcile_failures_total",
            help: "Attempts that failed, and listeners and L7 policies that are not served, by the class of the cause.",
            labels: ["cause"])
        for cause in DataPlaneFailure.Cause.allCases { failures.increment(by: 0, cause.rawValue) }
        observations = registry.counter(
            "ottava_observations_total", help: "Reports of the data plane, by whether they could be written.",
            labels: ["outcome"])
        for outcome in ["written", "failed"] { observations.increment(by: 0, outcome) }
        repairs = registry.counter(
            "ottava_housekeeping_repairs_total", help: "Things that belonged to no load balancer and were removed.",
            labels: ["kind"])
        for kind in ["loadbalancer", "port"] { repairs.increment(by: 0, kind) }
        drift = registry.counter(
            "ottava_drift_repairs_total",
            help: "Things of the data plane that somebody or something had spoilt and that were put right.",
            labels: ["provider"])
        secrets = registry.counter(
            "ottava_secrets_purged_total", help: "Secrets that were deleted for good, long after they had expired.")
        secrets.increment(by: 0)
    }

    func worked(_ outcome: Outcome, _ time: Duration) { duration.observe(time, outcome.rawValue) }
    func waited(_ seconds: Double) { wait.observe(max(0, seconds)) }
    func failed(_ cause: DataPlaneFailure.Cause, count: Int = 1) {
        if count > 0 { failures.increment(by: Double(count), cause.rawValue) }
    }
    func observed(isWritten: Bool) { observations.increment(isWritten ? "written" : "failed") }
    func repaired(_ kind: String) { repairs.increment(kind) }
    /// - Parameter count: 0 shows the counter before anything was put right.
    func drifted(_ provider: String, count: Int = 1) { drift.increment(by: Double(count), provider) }
    func purged(secrets count: Int) { secrets.increment(by: Double(count)) }

    /// What this task works for, to be handed on with work.
    var origin: WorkOrigin {
        let context = InstrumentationContext.currentOrEmpty
        var origin = WorkOrigin(requestID: context.requestID)
        tracer.inject(context, into: &origin.trace, using: DictionaryInjector())
        return origin
    }

    /// The context of work on a load balancer.
    func context(of item: WorkItem) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        context.requestID = item.origin.requestID
        context.loadBalancerID = item.loadBalancerID.string
        if !item.origin.trace.isEmpty {
            tracer.extract(item.origin.trace, into: &context, using: DictionaryExtractor())
        }
        return context
    }
}

private struct DictionaryInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}

private struct DictionaryExtractor: Extractor {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}
