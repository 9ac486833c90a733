// What a server tells about its parts: metrics, and checks of health.

internal import AmphoraAgent
internal import ControlPlane
internal import HTTPService
internal import LoadBalancing
internal import Observability
internal import PacketForwarding
internal import Persistence
internal import PostgreSQLPersistence
internal import ProviderDrivers
internal import Synchronization
internal import Tracing

/// The registry of a server and what fills it.
struct ServerObservation: Sendable {
    let registry = MetricsRegistry()
    let tracer: any Tracer
    private let settings: ObservationSettings

    init(settings: ObservationSettings, roles: Set<ServerRole>, tracer: any Tracer) {
        self.settings = settings
        self.tracer = tracer
        ProcessMetrics.register(in: registry)
        let info = registry.gauge(
            "ottava_build_info", help: "1; the labels say what runs.", labels: ["version", "swift", "roles"])
        info.set(
            1, BuildInformation.version, BuildInformation.swift, roles.map(\.rawValue).sorted().joined(separator: ","))
    }

    /// For the control plane.
    var controlPlane: ControlPlaneObservation { ControlPlaneObservation(registry: registry, tracer: tracer) }

    /// For the HTTP server.
    var http: HTTPObservation { HTTPObservation(registry: registry, tracer: tracer) }

    var metricsPage: MetricsPage { MetricsPage(registry: registry, access: settings.metricsAccess) }

    /// The same database, observed.
    func observed(_ database: any Database) -> any Database {
        let engine = database is PostgreSQLDatabase ? "postgresql" : "sqlite"
        let duration = registry.histogram(
            "ottava_database_duration_seconds",
            help:
                "Time of blocks of the database, waiting for their turn included, by what they do and how they ended.",
            labels: ["engine", "kind", "outcome"])
        if let shared = database as? PostgreSQLDatabase {
            let sessions = registry.gauge(
                "ottava_database_sessions", help: "Sessions with the database.", labels: ["state"])
            let opened = registry.counter(
                "ottava_database_sessions_opened_total", help: "Sessions with the database that were opened.")
            let failed = registry.counter(
                "ottava_database_connection_failures_total", help: "Attempts to connect to the database that failed.")
            let broken = registry.counter(
                "ottava_database_sessions_broken_total", help: "Sessions that broke while they were used.")
            registry.onScrape("database_sessions") {
                let use = shared.poolUse
                sessions.set(Double(use.inUse), "in_use")
                sessions.set(Double(use.idle), "idle")
                opened.set(Double(use.opened))
                failed.set(Double(use.failed))
                broken.set(Double(use.broken))
            }
        }
        return ObservedDatabase(database) { duration.observe($2, engine, $0.rawValue, $1.rawValue) }
    }

    /// Counts of what is in the database: cheap, and asked for every few seconds at most.
    func watch(_ database: any Database, now: @escaping @Sendable () -> Timestamp) {
        let up = registry.gauge("ottava_database_up", help: "Whether the database answers: 1 or 0.")
        let work = registry.gauge(
            "ottava_work_items", help: "Load balancers with work: due, held by a worker, or to be tried again later.",
            labels: ["state"])
        let age = registry.gauge(
            "ottava_work_oldest_seconds", help: "For how long the oldest work is due that no worker has taken; 0: none."
        )
        let statuses = registry.gauge(
            "ottava_loadbalancers", help: "Load balancers by provisioning and operating status.",
            labels: ["provisioning_status", "operating_status"])
        registry.onScrape("work", notOlderThan: .seconds(1)) {
            do {
                let now = now()
                let queue = try await database.read { try WorkStore($0).queue(at: now) }
                up.set(1)
                work.set(Double(queue.due), "due")
                work.set(Double(queue.held), "held")
                work.set(Double(queue.delayed), "delayed")
                age.set(queue.oldestDue.map { max(0, Double(now.microseconds - $0.microseconds) / 1e6) } ?? 0)
            } catch {
                up.set(0)
            }
        }
        registry.onScrape("loadbalancers", notOlderThan: .seconds(5)) {
            guard let counts = try? await database.read({ try WorkStore($0).statusCounts() }) else { return }
            statuses.replace(counts.map { ([$0.provisioning, $0.operating], Double($0.count)) })
        }
    }

    /// What a guard rail holds back.
    func watch(_ guardRail: GuardRail) {
        let holding = registry.gauge(
            "ottava_guard_rail_holding", help: "Whether steps for many load balancers at a time are held back: 1 or 0.",
            labels: ["name"])
        let held = registry.gauge(
            "ottava_guard_rail_held", help: "Load balancers whose step is held back.", labels: ["name"])
        let trips = registry.counter(
            "ottava_guard_rail_trips_total", help: "How often steps have begun to be held back.", labels: ["name"])
        registry.onScrape("guard_rail_\(guardRail.name)") {
            let state = guardRail.state
            holding.set(state.isHolding ? 1 : 0, state.name)
            held.set(Double(state.held), state.name)
            trips.set(Double(state.trips), state.name)
        }
    }

    /// Counts of what runs on this node.
    func watch(_ agent: AmphoraAgent, _ kernel: KernelDriver?) {
        let up = registry.gauge("ottava_agent_up", help: "Whether this process has the data plane of its node: 1 or 0.")
        let known = registry.gauge(
            "ottava_agent_loadbalancers", help: "Load balancers on this node, by provider.", labels: ["provider"])
        let processes = registry.gauge(
            "ottava_haproxy_processes",
            help: "HAProxy processes on this node, those included that end with their last old connections.")
        let starts = registry.counter("ottava_haproxy_starts_total", help: "HAProxy processes started where none was.")
        let reloads = registry.counter(
            "ottava_haproxy_reloads_total", help: "HAProxy processes replaced without a gap.")
        let restarts = registry.counter(
            "ottava_haproxy_restarts_total", help: "HAProxy processes that ended unexpectedly and were started again.")
        let adoptions = registry.counter(
            "ottava_haproxy_adoptions_total", help: "HAProxy processes of an earlier agent that were adopted.")
        let changes = registry.counter(
            "ottava_haproxy_runtime_changes_total", help: "Changes that HAProxy took at run time, without a reload.")
        registry.onScrape("agent") {
            up.set(await agent.isStarted ? 1 : 0)
            known.set(Double(await agent.loadBalancerCount), "amphora")
            if let kernel { known.set(Double(await kernel.knownLoadBalancers().count), "kernel") }
            processes.set(Double(await agent.processCount))
            let counts = await agent.counts
            starts.set(Double(counts.starts))
            reloads.set(Double(counts.reloads))
            restarts.set(Double(counts.restarts))
            adoptions.set(Double(counts.adoptions))
            changes.set(Double(counts.runtimeChanges))
        }
    }
}

/// What this program is.
enum BuildInformation {
    static let version = "0.1.0"
    #if swift(>=6.3)
        static let swift = "6.3"
    #else
        static let swift = "6.2"
    #endif
}

/// What a worker is at, for checks of health.
final class WorkerState: Sendable {
    enum Stage: Sendable, Hashable {
        case starting
        /// Another process has the data plane.
        case standingBy(String)
        case working
    }

    private let state = Mutex(Stage.starting)

    var stage: Stage {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
