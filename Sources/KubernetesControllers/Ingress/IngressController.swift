// The Ingress controller: what happens in the cluster becomes work on groups of Ingresses.

public import KubernetesClient
public import Logging
public import OctaviaClient
internal import Synchronization

/// Serves Ingresses by load balancers outside the cluster, as octavia-ingress-controller does.
public final class IngressController: Sendable {
    private let view: ClusterView
    private let cloud: Cloud
    private let settings: LoadBalancerSettings
    private let reconciler: IngressReconciler
    private let queue: WorkQueue<IngressGroup>
    private let recorder: EventRecorder
    private let options: ServiceController.Options
    private let logger: Logger
    private let observe: @Sendable (WorkOutcome, Duration) -> Void
    private let suspects = Mutex<Set<ResourceID>>([])

    /// - Parameter observe: Is told how long each work took, and what became of it.
    public init(
        view: ClusterView, cloud: Cloud, settings: LoadBalancerSettings,
        ingressSettings: IngressSettings = IngressSettings(),
        options: ServiceController.Options = ServiceController.Options(), identity: String = "", logger: Logger,
        observe: @escaping @Sendable (WorkOutcome, Duration) -> Void = { _, _ in }
    ) {
        self.view = view
        self.cloud = cloud
        self.settings = settings
        self.options = options
        self.logger = logger
        self.observe = observe
        queue = WorkQueue(backOff: BackOff(first: .milliseconds(500), longest: .seconds(300)))
        recorder = EventRecorder(view.cluster, component: "ingress-controller", instance: identity)
        reconciler = IngressReconciler(
            view: view, cloud: cloud, settings: settings, ingressSettings: ingressSettings, recorder: recorder,
            logger: logger, driftInterval: options.driftInterval)
    }

    /// How many groups of Ingresses wait for a worker.
    public var waitingCount: Int { queue.count }

    /// Works until the task is cancelled; work that has begun is finished first. The view must be running and include
    /// Ingresses.
    public func run() async throws {
        try await view.waitUntilSynced()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.recorder.run() }
            group.addTask { await self.followIngresses() }
            group.addTask { await self.followClasses() }
            group.addTask { await self.followSecrets() }
            group.addTask { await self.followServices() }
            group.addTask { await self.followNodes() }
            if view.scope.includesPods { group.addTask { await self.followPods() } }
            group.addTask { await self.checkForDrift() }
            group.addTask { await self.collectOrphans() }
            await queue.process(workers: options.workers, observe: observe) { await self.reconciler.reconcile($0) }
            group.cancelAll()
        }
    }

    private func followIngresses() async {
        for await change in view.ingresses.cache.changes() {
            if case .updated(let old, let new) = change {
                guard
                    old.spec != new.spec || old.metadata.annotations != new.metadata.annotations
                        || old.metadata.deletionTimestamp != new.metadata.deletionTimestamp
                        || old.metadata.finalizers != new.metadata.finalizers || old.status != new.status
                else { continue }
                // It may have left a group.
                if IngressGroup(old) != IngressGroup(new) { queue.add(IngressGroup(old)) }
            }
            queue.add(IngressGroup(change.object))
        }
    }

    private func addAll(where isConcerned: (Ingress) -> Bool = { _ in true }) {
        for ingress in view.ingresses.cache.objects where isConcerned(ingress) { queue.add(IngressGroup(ingress)) }
    }

    private func followClasses() async {
        for await change in view.ingressClasses.cache.changes() {
            if case .updated(let old, let new) = change, old.spec == new.spec, old.isDefault == new.isDefault {
                continue
            }
            addAll()
        }
    }

    private func followSecrets() async {
        for await change in view.secrets.cache.changes() {
            if case .updated(let old, let new) = change, old.data == new.data { continue }
            addAll { IngressLoadBalancer.secrets([$0]).contains(change.key) }
        }
    }

    private func followServices() async {
        for await change in view.services.cache.changes() {
            if case .updated(let old, let new) = change, old.spec == new.spec { continue }
            addAll { IngressLoadBalancer.backends([$0]).contains(change.key) }
        }
    }

    private func followNodes() async {
        for await change in view.nodes.cache.changes() {
            if case .updated(let old, let new) = change, old.memberTraits == new.memberTraits { continue }
            addAll()
        }
    }

    private func followPods() async {
        for await change in view.endpointSlices.cache.changes() {
            guard let service = change.object.service else { continue }
            addAll { IngressLoadBalancer.backends([$0]).contains(service) }
        }
    }

    private func checkForDrift() async {
        let pause = max(options.driftInterval / 20, .milliseconds(100))
        while (try? await Task.sleep(for: pause)) != nil {
            for group in reconciler.stale() { queue.add(group) }
        }
    }

    // MARK: Orphans

    private func collectOrphans() async {
        var pause = options.orphanInterval / 10
        while (try? await Task.sleep(for: pause)) != nil {
            do {
                try await collectOrphansOnce()
            } catch {
                logger.warning(
                    "Load balancers without an Ingress could not be looked for", metadata: ["error": "\(error)"])
            }
            pause = options.orphanInterval
        }
    }

    /// Deletes load balancers that this cluster's controller made for Ingresses that are gone or have moved to another
    /// group, when they were found so twice in a row.
    private func collectOrphansOnce() async throws {
        guard let tag = settings.clusterTag else { return }
        var found: [OctaviaClient.LoadBalancer] = []
        for try await loadBalancer in cloud.loadBalancers.list(.tags(all: [tag])) {
            guard let group = IngressGroup(of: loadBalancer, settings), !reconciler.isInUse(group),
                !loadBalancer.provisioningStatus.isPending
            else { continue }
            if case .single(let key) = group, let there = try await view.cluster.find(Ingress.self, key),
                IngressGroup(there) == group
            {
                continue
            }
            found.append(loadBalancer)
        }
        let condemned = suspects.withLock { suspects in
            defer { suspects = Set(found.map(\.id)) }
            return found.filter { suspects.contains($0.id) }
        }
        for loadBalancer in condemned {
            logger.notice(
                "A load balancer without an Ingress is deleted",
                metadata: ["loadbalancer": "\(loadBalancer.id)", "name": "\(loadBalancer.name)"])
            try await reconciler.deleteLoadBalancer(named: loadBalancer.name, keepsFloatingIP: false)
        }
    }
}

extension IngressGroup {
    /// The Ingresses that a load balancer was made for, if everything about it says so.
    init?(of loadBalancer: OctaviaClient.LoadBalancer, _ settings: LoadBalancerSettings) {
        let prefix = "kube_ingress_\(settings.clusterName)_"
        guard let tag = settings.clusterTag, Set(loadBalancer.tags) == [tag, loadBalancer.name],
            loadBalancer.name.hasPrefix(prefix)
        else { return nil }
        let rest = loadBalancer.name.dropFirst(prefix.count)
        if rest.hasPrefix(".group_") {
            self = .named(String(rest.dropFirst(".group_".count)))
        } else {
            // Neither namespaces nor Ingresses have underscores in their names.
            let parts = rest.split(separator: "_", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            self = .single(ObjectKey(namespace: String(parts[0]), name: String(parts[1])))
        }
        guard loadBalancer.description == "Kubernetes Ingress \(self) from cluster \(settings.clusterName)" else {
            return nil
        }
    }
}
