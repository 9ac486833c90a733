// The numbers that the controllers show to Prometheus.

internal import KubernetesClient
internal import Observability

/// What `/metrics` has.
struct ControllerMetrics: Sendable {
    /// What is asked for when the page is read.
    struct Reading: Sendable {
        var isLeader = false
        var isSynced = false
        /// How many objects wait for a worker, by controller.
        var waiting: [ControllerSettings.Controller: Int] = [:]
    }

    private let registry = MetricsRegistry()
    private let duration: Histogram

    init() {
        ProcessMetrics.register(in: registry)
        duration = registry.histogram(
            "ottava_kubernetes_sync_duration_seconds",
            help:
                "Time of work on a Service or a group of Ingresses, by controller and outcome: done, or retry for a failure.",
            labels: ["controller", "outcome"])
    }

    /// Has something asked for what the process is at, each time the page is read.
    func show(_ read: @escaping @Sendable () -> Reading?) {
        let leader = registry.gauge(
            "ottava_kubernetes_leader", help: "Whether this process is the one that works: 1 or 0.")
        let synced = registry.gauge(
            "ottava_kubernetes_synced", help: "Whether everything has been read from the cluster once: 1 or 0.")
        let queue = registry.gauge(
            "ottava_kubernetes_queue_length", help: "Objects that wait for a worker.", labels: ["controller"])
        registry.onScrape("controllers") {
            guard let reading = read() else { return }
            leader.set(reading.isLeader ? 1 : 0)
            synced.set(reading.isSynced ? 1 : 0)
            for (controller, count) in reading.waiting { queue.set(Double(count), controller.rawValue) }
        }
    }

    /// Counts work of a controller.
    func observer(of controller: ControllerSettings.Controller) -> @Sendable (WorkOutcome, Duration) -> Void {
        { [duration] outcome, time in
            duration.observe(time, controller.rawValue, outcome == .retry ? "retry" : "done")
        }
    }

    /// The page, in Prometheus' text format.
    func text() async -> String { await registry.text() }
}
