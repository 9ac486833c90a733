// Brings the load balancer of a group of Ingresses into agreement with them.

internal import JSON
internal import KubernetesClient
internal import Logging
internal import OctaviaClient
internal import Synchronization

internal import struct LoadBalancing.IPAddress

/// Works on one group at a time; calls for different groups may overlap.
final class IngressReconciler: Sendable {
    /// Keeps an Ingress until its load balancer is gone.
    static let finalizer = "ottava.dev/load-balancer-cleanup"

    private struct Record: Sendable {
        var wishes: IngressWishes
        var served: ServedLoadBalancer
        var status: [LoadBalancerIngress]
        /// What was told of the Ingresses' certificates: a renewed one may be wrong although nothing else is wanted then.
        var secretProblems: [ObjectKey: [Problem]]
    }

    let view: ClusterView
    let cloud: Cloud
    let settings: LoadBalancerSettings
    let ingressSettings: IngressSettings
    let driftInterval: Duration
    private let catalog: NetworkCatalog
    private let certificates: CertificateStore
    private let recorder: EventRecorder
    private let logger: Logger
    private let records = Mutex<[IngressGroup: Record]>([:])
    /// How long a new Ingress waits for Secrets and classes that it names and that are not there: they are often applied
    /// together with it, and a load balancer that is made whole takes one call instead of some for each host.
    private static let patience = Duration.seconds(3)
    /// Since when groups wait.
    private let waiting = Mutex<[IngressGroup: ContinuousClock.Instant]>([:])
    /// Groups that may have a load balancer: a finalizer that is set while an Ingress is being deleted does not always
    /// hold it.
    private let holders = Mutex<Set<IngressGroup>>([])

    init(
        view: ClusterView, cloud: Cloud, settings: LoadBalancerSettings, ingressSettings: IngressSettings,
        recorder: EventRecorder, logger: Logger, driftInterval: Duration
    ) {
        self.view = view
        self.cloud = cloud
        self.settings = settings
        self.ingressSettings = ingressSettings
        self.recorder = recorder
        self.logger = logger
        self.driftInterval = driftInterval
        catalog = NetworkCatalog(cloud)
        certificates = CertificateStore(cloud)
    }

    private var search: LoadBalancerSearch { LoadBalancerSearch(cloud: cloud) }
    private var floatingIPs: FloatingIPs { FloatingIPs(cloud: cloud, catalog: catalog) }
    private var selection: IngressSelection {
        IngressSelection(settings: ingressSettings, classes: view.ingressClasses.cache.objects)
    }

    /// The groups whose load balancers have not been looked at for a while.
    func stale(at now: ContinuousClock.Instant = .now) -> [IngressGroup] {
        records.withLock { records in records.filter { now - $0.value.served.checked >= driftInterval }.map(\.key) }
    }

    /// All Ingresses of a group, the oldest first, and those of them that want a load balancer.
    private func members(of group: IngressGroup) -> (all: [Ingress], wanted: [Ingress]) {
        let all: [Ingress] =
            switch group {
            case .single(let key): [view.ingresses.cache[key]].compactMap { $0 }.filter { IngressGroup($0) == group }
            case .named: view.ingresses.cache.objects.filter { IngressGroup($0) == group }
            }
        let sorted = all.sorted {
            ($0.metadata.creationTimestamp, $0.key) < ($1.metadata.creationTimestamp, $1.key)
        }
        let selection = selection
        return (sorted, sorted.filter { !$0.metadata.isBeingDeleted && selection.concerns($0) })
    }

    /// Whether any Ingress is in the group.
    func isInUse(_ group: IngressGroup) -> Bool { !members(of: group).wanted.isEmpty }

    // MARK: One group

    func reconcile(_ group: IngressGroup) async -> WorkOutcome {
        let (all, wanted) = members(of: group)
        if let pause = pause(group, all, wanted) { return .again(after: pause) }
        tellMissingClasses(all)
        do {
            if wanted.isEmpty {
                try await release(group, all)
            } else {
                try await ensure(group, wanted)
            }
            // Those that want nothing any more may go.
            for ingress in all where !wanted.contains(where: { $0.key == ingress.key }) { try await letGo(ingress) }
            return .done
        } catch is CancellationError {
            return .done
        } catch {
            forget(group)
            switch Failure(error, reason: EventReason.ingressFailed) {
            case .problem(let problem):
                for ingress in wanted.isEmpty ? all : wanted { recorder.record(problem, about: ingress) }
                logger.warning("Ingresses cannot be served", metadata: ["ingress": "\(group)", "error": "\(problem)"])
            case .cluster(let error):
                logger.info("The cluster refuses a change", metadata: ["ingress": "\(group)", "error": "\(error)"])
            }
            return .retry
        }
    }

    /// How long to wait before anything is made for a group that is new, because something that it names is not there.
    private func pause(_ group: IngressGroup, _ all: [Ingress], _ wanted: [Ingress]) -> Duration? {
        let selection = selection
        let isNew = !all.contains { $0.metadata.finalizers.contains(Self.finalizer) }
        let isComplete =
            IngressLoadBalancer.secrets(wanted).allSatisfy { view.secrets.cache[$0] != nil }
            && !all.contains { selection.missingClass($0) != nil }
        return waiting.withLock { waiting in
            guard isNew, !isComplete else {
                waiting[group] = nil
                return nil
            }
            let since = waiting[group] ?? .now
            waiting[group] = since
            let rest = Self.patience - (ContinuousClock.now - since)
            return rest > .zero ? rest : nil
        }
    }

    private func tellMissingClasses(_ ingresses: [Ingress]) {
        let selection = selection
        for ingress in ingresses where !ingress.metadata.isBeingDeleted {
            guard let name = selection.missingClass(ingress) else { continue }
            recorder.record(
                .warning(
                    EventReason.ingressFailed,
                    "there is no IngressClass '\(name)', so that nobody serves this Ingress; make it, with the controller "
                        + "'\(ingressSettings.controllerName)', or name another class"), about: ingress)
        }
    }

    private func forget(_ group: IngressGroup) {
        records.withLock { records in _ = records.removeValue(forKey: group) }
    }

    // MARK: Wanted

    private func ensure(_ group: IngressGroup, _ ingresses: [Ingress]) async throws {
        let wishes = try IngressWishes(ingresses, settings)
        let record = records.withLock { $0[group] }
        let (surroundings, secretProblems) = try await surroundings(group, ingresses)
        var mapping = IngressLoadBalancer(group, ingresses, wishes, settings, ingressSettings, surroundings)
        let wanted = mapping.wanted()
        let isFresh = record.map { ContinuousClock.now - $0.served.checked < driftInterval } ?? false
        if let record, isFresh, record.wishes == wishes {
            if record.secretProblems != secretProblems { tell(secretProblems, group, ingresses) }
            if record.served.wanted == wanted { return try await show(record.status, on: ingresses) }
            if record.served.differsInMembersOnly(from: wanted), try await replaceMembers(group, record, wanted) {
                return try await show(record.status, on: ingresses)
            }
        }
        let problems = mapping.problems.merging(secretProblems) { $0 + $1 }
        for ingress in ingresses {
            for problem in problems[ingress.key] ?? [] { recorder.record(problem, about: ingress) }
        }
        for ingress in ingresses { try await hold(ingress) }
        holders.withLock { _ = $0.insert(group) }
        try await ensureWhole(group, ingresses, wishes, wanted)
        records.withLock { $0[group]?.secretProblems = secretProblems }
    }

    private func tell(_ problems: [ObjectKey: [Problem]], _ group: IngressGroup, _ ingresses: [Ingress]) {
        for ingress in ingresses {
            for problem in problems[ingress.key] ?? [] { recorder.record(problem, about: ingress) }
        }
        records.withLock { $0[group]?.secretProblems = problems }
    }

    private func replaceMembers(_ group: IngressGroup, _ record: Record, _ wanted: LoadBalancerCreate) async throws
        -> Bool
    {
        var record = record
        do {
            try await record.served.replaceMembers(with: wanted, cloud)
        } catch let error as CloudError where error.code == .notFound {
            return false
        }
        records.withLock { [served = record.served] in $0[group]?.served = served }
        return true
    }

    /// Looks up what the Ingresses name, and puts their certificates into the key manager.
    private func surroundings(
        _ group: IngressGroup, _ ingresses: [Ingress]
    ) async throws -> (IngressSurroundings, [ObjectKey: [Problem]]) {
        var result = IngressSurroundings()
        var problems: [ObjectKey: [Problem]] = [:]
        for key in IngressLoadBalancer.backends(ingresses) {
            guard let service = view.services.cache[key] else { continue }
            result.services[key] = service
            result.members[key] = view.members(of: key, settings.memberKind)
        }
        for ingress in ingresses {
            for tls in ingress.spec.tls where !tls.secretName.isEmpty {
                let key = ObjectKey(namespace: ingress.metadata.namespace, name: tls.secretName)
                guard result.certificates[key] == nil else { continue }
                do {
                    result.certificates[key] = try await reference(of: key, group)
                } catch let problem as Problem where problem.weight == .warning {
                    problems[ingress.key, default: []].append(problem)
                    result.certificates[key] = try await certificates.lastReference(
                        key, owner: group.loadBalancerName(settings), isGroup: group.isNamed)
                }
            }
        }
        return (result, problems)
    }

    private func reference(of key: ObjectKey, _ group: IngressGroup) async throws -> String {
        guard let secret = view.secrets.cache[key] else {
            throw Problem.warning(
                EventReason.ingressFailed,
                "there is no Secret \(key) of type kubernetes.io/tls; its hosts are served with TLS as soon as there is"
            )
        }
        return try await certificates.reference(
            try CertificateSecret(secret), key, owner: group.loadBalancerName(settings), isGroup: group.isNamed)
    }

    private func ensureWhole(
        _ group: IngressGroup, _ ingresses: [Ingress], _ wishes: IngressWishes, _ wanted: LoadBalancerCreate
    ) async throws {
        let name = group.loadBalancerName(settings)
        let used = Set(wanted.listeners.flatMap { [$0.defaultTLSContainerRef].compactMap { $0 } + $0.sniContainerRefs })
        guard let there = try await search.find(named: name, clusterTag: settings.clusterTag) else {
            report("Creating load balancer \(name)", EventReason.ingressCreating, ingresses)
            let made = try await create(ingresses, wishes, wanted)
            try await finish(group, ingresses, wishes, wanted, made)
            return report("Created load balancer \(name)", EventReason.ingressCreated, ingresses)
        }
        if there.provisioningStatus.isPending {
            try await cloud.loadBalancers.waitUntilActive(there.id, within: .seconds(60))
        }
        let tree = try await cloud.tree(of: there.id)
        let comparison = LoadBalancerComparison(
            wanted: wanted, current: tree, ownership: IngressLoadBalancer.ownership)
        var loadBalancer = tree.loadBalancer
        if !comparison.steps.isEmpty {
            report("Updating load balancer \(name)", EventReason.ingressUpdating, ingresses)
            var runner = StepRunner(cloud: cloud, loadBalancer: there.id)
            try await runner.run(comparison.steps)
            loadBalancer = try await cloud.loadBalancers.waitUntilActive(there.id, within: .seconds(120))
        }
        try await finish(group, ingresses, wishes, wanted, loadBalancer)
        let before = Set(tree.listeners.flatMap(\.listener.certificateReferences))
        await certificates.delete(before.subtracting(used), owner: name)
        if !comparison.steps.isEmpty { report("Updated load balancer \(name)", EventReason.ingressUpdated, ingresses) }
    }

    private func report(_ message: String, _ reason: String, _ ingresses: [Ingress]) {
        for ingress in ingresses { recorder.record(message, about: ingress, reason: reason) }
    }

    private func create(
        _ ingresses: [Ingress], _ wishes: IngressWishes, _ wanted: LoadBalancerCreate
    ) async throws -> OctaviaClient.LoadBalancer {
        var body = wanted
        var addresses = VirtualAddresses(catalog: catalog, nodes: view.nodes.cache.objects)
        try await addresses.fill(&body, families: [.ipv4], settings: settings.addresses, portID: nil, address: nil)
        let made = try await cloud.loadBalancers.create(body)
        guard made.provisioningStatus != .active else { return made }
        do {
            return try await cloud.loadBalancers.waitUntilActive(made.id, within: .seconds(300))
        } catch let error as CloudError where error.code == .resourceFailed {
            try? await cloud.loadBalancers.delete(made.id, cascade: true)
            throw error
        }
    }

    private func finish(
        _ group: IngressGroup, _ ingresses: [Ingress], _ wishes: IngressWishes, _ wanted: LoadBalancerCreate,
        _ loadBalancer: OctaviaClient.LoadBalancer
    ) async throws {
        let address = try await publicAddress(group, ingresses, wishes, loadBalancer)
        let status = address.isEmpty ? [] : [LoadBalancerIngress(ip: address)]
        try await show(status, on: ingresses)
        let record = Record(
            wishes: wishes, served: ServedLoadBalancer(id: loadBalancer.id, wanted: wanted), status: status,
            secretProblems: [:])
        records.withLock { $0[group] = record }
    }

    private func publicAddress(
        _ group: IngressGroup, _ ingresses: [Ingress], _ wishes: IngressWishes,
        _ loadBalancer: OctaviaClient.LoadBalancer
    ) async throws -> String {
        let own = loadBalancer.vipAddress ?? ""
        guard let port = loadBalancer.vipPortID else { return own }
        let network = wishes.isInternal ? nil : try await floatingIPs.network(settings.addresses)
        guard let network else {
            let wasFloating = ingresses.contains { ingress in
                ingress.status.loadBalancer.ingress.contains { !$0.ip.isEmpty && $0.ip != own }
            }
            if wasFloating { try await floatingIPs.remove(from: port, keeps: wishes.keepsFloatingIP) }
            return own
        }
        return try await floatingIPs.ensure(
            FloatingIPWishes(
                settings: settings.addresses, requestedAddress: wishes.floatingIP,
                description: "\(FloatingIPs.mark) ingress \(group) from cluster \(settings.clusterName)",
                keeps: wishes.keepsFloatingIP), network: network, port: port)
    }

    // MARK: Not wanted any more

    private func release(_ group: IngressGroup, _ all: [Ingress]) async throws {
        let held = all.filter { $0.metadata.finalizers.contains(Self.finalizer) }
        let wasServed = holders.withLock { $0.contains(group) }
        guard wasServed || !held.isEmpty else { return }
        report("Deleting load balancer", EventReason.ingressDeleting, held)
        let keeps = all.contains { $0.metadata.annotations[IngressAnnotation.prefix + "keep-floatingip"] == "true" }
        try await deleteLoadBalancer(named: group.loadBalancerName(settings), keepsFloatingIP: keeps)
        forget(group)
        holders.withLock { _ = $0.remove(group) }
        report("Deleted load balancer", EventReason.ingressDeleted, held)
    }

    /// Deletes a load balancer for Ingresses with its floating IP and its certificates.
    func deleteLoadBalancer(named name: String, keepsFloatingIP: Bool) async throws {
        guard let there = try await search.find(named: name, clusterTag: settings.clusterTag) else {
            return try await search.waitUntilDeleted(named: name)
        }
        var references: Set<String> = []
        for try await listener in cloud.listeners.list(.loadBalancer(there.id)) {
            references.formUnion(listener.certificateReferences)
        }
        if let port = there.vipPortID { try await floatingIPs.remove(from: port, keeps: keepsFloatingIP) }
        try await cloud.loadBalancers.delete(there.id, cascade: true)
        try await cloud.loadBalancers.waitUntilDeleted(there.id, within: .seconds(120))
        await certificates.delete(references, owner: name)
    }

    // MARK: Ingresses as objects

    private func show(_ status: [LoadBalancerIngress], on ingresses: [Ingress]) async throws {
        for ingress in ingresses {
            let there = ingress.status.loadBalancer.ingress.map {
                LoadBalancerIngress(ip: $0.ip, hostname: $0.hostname)
            }
            guard there != status else { continue }
            try await view.cluster.patch(
                Ingress.self, ingress.key,
                .merge([
                    "metadata": ["uid": .string(ingress.metadata.uid)],
                    "status": ["loadBalancer": ["ingress": .array(status.map(\.json))]],
                ]), subresource: "status")
        }
    }

    private func hold(_ ingress: Ingress) async throws {
        guard !ingress.metadata.finalizers.contains(Self.finalizer) else { return }
        try await setFinalizer(ingress, isPresent: true)
    }

    private func letGo(_ ingress: Ingress) async throws {
        guard ingress.metadata.finalizers.contains(Self.finalizer) else { return }
        if !ingress.metadata.isBeingDeleted { try await show([], on: [ingress]) }
        try await setFinalizer(ingress, isPresent: false)
    }

    /// Adds or removes the finalizer; others may change the list at the same time.
    private func setFinalizer(_ ingress: Ingress, isPresent: Bool) async throws {
        guard let fresh = try await view.cluster.find(Ingress.self, ingress.key),
            fresh.metadata.uid == ingress.metadata.uid, fresh.metadata.finalizers.contains(Self.finalizer) != isPresent
        else { return }
        let finalizers = fresh.metadata.finalizers.filter { $0 != Self.finalizer } + (isPresent ? [Self.finalizer] : [])
        try await view.cluster.patch(
            Ingress.self, ingress.key,
            .merge([
                "metadata": [
                    "resourceVersion": .string(fresh.metadata.resourceVersion),
                    "finalizers": .array(finalizers.map { .string($0) }),
                ]
            ]))
    }
}
