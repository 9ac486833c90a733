// The Service controller: what happens in the cluster becomes work on Services.

public import KubernetesClient
public import Logging
public import OctaviaClient
internal import Synchronization

/// Gives Services of type LoadBalancer a load balancer, as cloud-provider-openstack's service controller does.
public final class ServiceController: Sendable {
    /// How the controller works.
    public struct Options: Sendable, Hashable {
        /// How many Services are worked on at a time.
        public var workers = 10
        /// How often each load balancer is compared with its Service although nothing has happened.
        public var driftInterval = Duration.seconds(600)
        /// How often load balancers without a Service are looked for; the first time after a tenth of it.
        public var orphanInterval = Duration.seconds(600)

        public init() {}
    }

    private let view: ClusterView
    private let reconciler: ServiceReconciler
    private let orphans: OrphanCollector
    private let queue: WorkQueue<ObjectKey>
    private let recorder: EventRecorder
    private let options: Options
    private let logger: Logger
    private let observe: @Sendable (WorkOutcome, Duration) -> Void

    /// - Parameter observe: Is told how long each work took, and what became of it.
    public init(
        view: ClusterView, cloud: Cloud, settings: LoadBalancerSettings, options: Options = Options(),
        identity: String = "", logger: Logger,
        observe: @escaping @Sendable (WorkOutcome, Duration) -> Void = { _, _ in }
    ) {
        self.view = view
        self.options = options
        self.logger = logger
        self.observe = observe
        queue = WorkQueue(backOff: BackOff(first: .milliseconds(500), longest: .seconds(300)))
        recorder = EventRecorder(view.cluster, component: "service-controller", instance: identity)
        reconciler = ServiceReconciler(
            view: view, cloud: cloud, settings: settings, recorder: recorder, logger: logger,
            driftInterval: options.driftInterval)
        orphans = OrphanCollector(view: view, cloud: cloud, settings: settings, logger: logger)
    }

    /// How many Services wait for a worker.
    public var waitingCount: Int { queue.count }

    /// Works until the task is cancelled; work that has begun is finished first. The view must be running.
    public func run() async throws {
        try await view.waitUntilSynced()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.recorder.run() }
            group.addTask { await self.followServices() }
            group.addTask { await self.followNodes() }
            if view.scope.includesPods { group.addTask { await self.followPods() } }
            group.addTask { await self.checkForDrift() }
            group.addTask { await self.collectOrphans() }
            await queue.process(workers: options.workers, observe: observe) { await self.reconciler.reconcile($0) }
            group.cancelAll()
        }
    }

    private func followServices() async {
        for await change in view.services.cache.changes() {
            if case .updated(let old, let new) = change, !Self.matters(old, new) { continue }
            queue.add(change.key)
        }
    }

    /// Whether a change can make work. What the controller itself writes cannot, unless somebody took it away again.
    private static func matters(_ old: Service, _ new: Service) -> Bool {
        old.spec != new.spec || old.metadata.annotations != new.metadata.annotations
            || old.metadata.deletionTimestamp != new.metadata.deletionTimestamp
            || old.metadata.finalizers != new.metadata.finalizers
            || old.status.loadBalancer != new.status.loadBalancer
    }

    private func followNodes() async {
        for await change in view.nodes.cache.changes() {
            if case .updated(let old, let new) = change, old.memberTraits == new.memberTraits { continue }
            for key in view.services.cache.keys { queue.add(key) }
        }
    }

    private func followPods() async {
        for await change in view.endpointSlices.cache.changes() {
            if let service = change.object.service { queue.add(service) }
        }
    }

    private func checkForDrift() async {
        // Not all at once, when they have all been made at once.
        let pause = max(options.driftInterval / 20, .milliseconds(100))
        while (try? await Task.sleep(for: pause)) != nil {
            for key in reconciler.stale() { queue.add(key) }
        }
    }

    private func collectOrphans() async {
        var pause = options.orphanInterval / 10
        while (try? await Task.sleep(for: pause)) != nil {
            await orphans.collect(using: reconciler.knownLoadBalancers)
            pause = options.orphanInterval
        }
    }
}
