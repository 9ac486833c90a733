// Brings the load balancer of one Service into agreement with the Service.

internal import JSON
internal import KubernetesClient
internal import Logging
internal import OctaviaClient
internal import Synchronization

internal import struct LoadBalancing.IPAddress

/// Works on one Service at a time; calls for different Services may overlap.
final class ServiceReconciler: Sendable {
    /// Keeps a Service until its load balancer is gone; all of Kubernetes' service controllers use this one.
    static let finalizer = "service.kubernetes.io/load-balancer-cleanup"

    let view: ClusterView
    let cloud: Cloud
    let settings: LoadBalancerSettings
    let catalog: NetworkCatalog
    let recorder: EventRecorder
    let logger: Logger
    /// How old what is known of a load balancer may become.
    let driftInterval: Duration
    private let records = Mutex<[ObjectKey: ServiceRecord]>([:])
    /// Services that may have a load balancer, as they were last: a finalizer that is set while a Service is being deleted
    /// does not always hold it.
    private let holders = Mutex<[ObjectKey: Service]>([:])
    private let locks = KeyedLock<ResourceID>()

    init(
        view: ClusterView, cloud: Cloud, settings: LoadBalancerSettings, recorder: EventRecorder, logger: Logger,
        driftInterval: Duration
    ) {
        self.view = view
        self.cloud = cloud
        self.settings = settings
        catalog = NetworkCatalog(cloud)
        self.recorder = recorder
        self.logger = logger
        self.driftInterval = driftInterval
    }

    private var search: LoadBalancerSearch { LoadBalancerSearch(cloud: cloud) }
    private var floatingIPs: FloatingIPs { FloatingIPs(cloud: cloud, catalog: catalog) }

    /// The Services whose load balancers have not been looked at for a while.
    func stale(at now: ContinuousClock.Instant = .now) -> [ObjectKey] {
        records.withLock { records in records.filter { now - $0.value.served.checked >= driftInterval }.map(\.key) }
    }

    /// The load balancers that Services are known to use.
    var knownLoadBalancers: Set<ResourceID> { records.withLock { Set($0.values.map(\.served.id)) } }

    // MARK: One Service

    func reconcile(_ key: ObjectKey) async -> WorkOutcome {
        guard let service = view.services.cache[key] else { return await releaseVanished(key) }
        let isWanted = ServiceWishes.concerns(service, settings) && !service.metadata.isBeingDeleted
        do {
            if isWanted {
                try await ensure(service)
            } else {
                try await release(service)
            }
            return .done
        } catch is CancellationError {
            return .done
        } catch {
            forget(key)
            switch Failure(error, reason: isWanted ? EventReason.syncFailed : EventReason.deleteFailed) {
            case .problem(let problem):
                recorder.record(problem, about: service)
                logger.warning("A Service cannot be served", metadata: ["service": "\(key)", "error": "\(problem)"])
            case .cluster(let error):
                logger.info("The cluster refuses a change", metadata: ["service": "\(key)", "error": "\(error)"])
            }
            return .retry
        }
    }

    /// A Service is gone although its load balancer may be there.
    private func releaseVanished(_ key: ObjectKey) async -> WorkOutcome {
        forget(key)
        guard let last = holders.withLock({ $0[key] }) else { return .done }
        do {
            try await deleteLoadBalancer(last)
            forgetHolder(key)
            return .done
        } catch is CancellationError {
            return .done
        } catch {
            logger.warning(
                "The load balancer of a Service that is gone cannot be deleted",
                metadata: ["service": "\(key)", "error": "\(error)"])
            return .retry
        }
    }

    private func forgetHolder(_ key: ObjectKey) {
        holders.withLock { holders in _ = holders.removeValue(forKey: key) }
    }

    private func forget(_ key: ObjectKey) { records.withLock { records in _ = records.removeValue(forKey: key) } }

    // MARK: Wanted

    private func ensure(_ service: Service) async throws {
        var wishes = try ServiceWishes(service, settings)
        let source = view.members(of: service.key, settings.memberKind)
        var mapping = ServiceLoadBalancer(service, wishes, source)
        let wanted = mapping.wanted()
        let record = records.withLock { $0[service.key] }
        if let record, record.uid == service.metadata.uid {
            // Until the cache shows what was written to the Service.
            if wishes.loadBalancerID == nil { wishes.loadBalancerID = record.served.id }
            let isFresh = ContinuousClock.now - record.served.checked < driftInterval
            if isFresh, record.wishes == wishes {
                if record.served.wanted == wanted { return try await show(record.status, record, on: service) }
                if record.served.differsInMembersOnly(from: wanted) {
                    return try await replaceMembers(service, record, wanted)
                }
            }
        }
        for problem in wishes.problems + mapping.problems { recorder.record(problem, about: service) }
        let holder = try await addFinalizer(service)
        holders.withLock { $0[service.key] = holder }
        try await ensureWhole(holder, wishes, wanted)
    }

    /// Only members differ.
    private func replaceMembers(_ service: Service, _ record: ServiceRecord, _ wanted: LoadBalancerCreate) async throws
    {
        var record = record
        do {
            try await record.served.replaceMembers(with: wanted, cloud)
        } catch let error as CloudError where error.code == .notFound {
            // Somebody else changed it: look at everything.
            return try await ensureWhole(service, record.wishes, wanted)
        }
        records.withLock { [record] in $0[service.key] = record }
        recorder.record("Updated load balancer with new hosts", about: service, reason: EventReason.updated)
    }

    /// Looks at everything, and makes what is missing.
    private func ensureWhole(_ service: Service, _ wishes: ServiceWishes, _ wanted: LoadBalancerCreate) async throws {
        let annotation = service.metadata.annotations[ServiceAnnotation.loadBalancerAddress]
        var found = try await search.find(wishes, service, wasServed: annotation != nil)
        if let there = found, there.isOwn, there.loadBalancer.provisioningStatus == .error,
            service.status.loadBalancer.ingress.isEmpty
        {
            // It never served: begin anew, as after a quota that was raised.
            try await cloud.loadBalancers.delete(there.loadBalancer.id, cascade: true)
            try await cloud.loadBalancers.waitUntilDeleted(there.loadBalancer.id, within: .seconds(60))
            found = nil
        }
        guard let found else { return try await create(service, wishes, wanted) }
        let id = found.loadBalancer.id
        try await locks.with(id) { [self] in
            if !found.isOwn { try checkSharing(found, wishes) }
            if found.loadBalancer.provisioningStatus.isPending {
                try await cloud.loadBalancers.waitUntilActive(id, within: .seconds(60))
            }
            let tree = try await cloud.tree(of: id)
            let comparison = LoadBalancerComparison(
                wanted: wanted, current: tree,
                ownership: ServiceLoadBalancer.ownership(wishes, former: found.loadBalancer.name, isOwn: found.isOwn))
            guard comparison.takenPorts.isEmpty else {
                let ports = comparison.takenPorts.map(String.init).joined(separator: ", ")
                throw Problem.refusal(
                    "load balancer \(id) already has listeners of somebody else at port \(ports); use other ports or another "
                        + "load balancer")
            }
            var loadBalancer = tree.loadBalancer
            if !comparison.steps.isEmpty {
                recorder.record("Ensuring load balancer", about: service, reason: EventReason.ensuring)
                var runner = StepRunner(cloud: cloud, loadBalancer: id)
                try await runner.run(comparison.steps)
                loadBalancer = try await cloud.loadBalancers.waitUntilActive(id, within: .seconds(120))
            } else if loadBalancer.provisioningStatus != .active {
                loadBalancer = try await cloud.loadBalancers.waitUntilActive(id, within: .seconds(60))
            }
            for branch in tree.listeners where branch.listener.provisioningStatus == .error {
                recorder.record(
                    .warning(
                        EventReason.syncFailed,
                        "the listener at port \(branch.listener.protocolPort) is ERROR: "
                            + (branch.listener.statusReason ?? "the service gives no reason")), about: service)
            }
            try await finish(
                service, wishes, wanted, loadBalancer, isOwn: found.isOwn, hasChanged: !comparison.steps.isEmpty)
        }
    }

    private func create(_ service: Service, _ wishes: ServiceWishes, _ wanted: LoadBalancerCreate) async throws {
        recorder.record("Ensuring load balancer", about: service, reason: EventReason.ensuring)
        var body = wanted
        var addresses = VirtualAddresses(catalog: catalog, nodes: view.nodes.cache.objects)
        let isFloating = try await wantsFloatingIP(wishes)
        try await addresses.fill(
            &body, families: wishes.families, settings: wishes.addresses, portID: wishes.portID,
            address: isFloating ? nil : wishes.requestedAddress)
        for problem in addresses.problems { recorder.record(problem, about: service) }
        var made = try await Self.create(body, cloud)
        logger.info(
            "A load balancer was created", metadata: ["service": "\(service.key)", "loadbalancer": "\(made.id)"])
        do {
            if made.provisioningStatus != .active {
                made = try await cloud.loadBalancers.waitUntilActive(made.id, within: .seconds(300))
            }
        } catch let error as CloudError where error.code == .resourceFailed {
            try? await cloud.loadBalancers.delete(made.id, cascade: true)
            throw error
        }
        try await finish(service, wishes, wanted, made, isOwn: true, hasChanged: true)
    }

    /// The cloud does not say which flavor it does not have.
    private static func create(_ body: LoadBalancerCreate, _ cloud: Cloud) async throws -> OctaviaClient.LoadBalancer {
        do {
            return try await cloud.loadBalancers.create(body)
        } catch let error as CloudError where error.code == .badRequest {
            guard let flavor = body.flavorID, "\(error)".contains("flavor") else { throw error }
            throw Problem.refusal(
                "flavor-id is '\(flavor)', but the cloud refuses it: \(error); name one that openstack loadbalancer "
                    + "flavor list shows, in the annotation or the settings")
        }
    }

    private func checkSharing(_ found: FoundLoadBalancer, _ wishes: ServiceWishes) throws {
        guard !wishes.isInternal else {
            throw Problem.refusal(
                "an internal Service cannot share a load balancer; remove annotation \(ServiceAnnotation.loadBalancerID)"
            )
        }
        let others = found.otherUsers(than: wishes.name)
        guard others.count < settings.maximumSharing else {
            throw Problem.refusal(
                "load balancer \(found.loadBalancer.id) is already shared by \(others.count) Services, and the settings allow "
                    + "\(settings.maximumSharing)")
        }
    }

    // MARK: Addresses

    /// Whether the Service gets a floating IP: unless it is internal, of IPv6, or the cloud has none.
    private func wantsFloatingIP(_ wishes: ServiceWishes) async throws -> Bool {
        guard !wishes.isInternal, wishes.families.first == .ipv4 else { return false }
        return try await floatingIPs.network(wishes.addresses) != nil
    }

    /// The address at which clients reach the load balancer.
    private func publicAddress(
        _ service: Service, _ wishes: ServiceWishes, _ loadBalancer: OctaviaClient.LoadBalancer, isOwn: Bool
    ) async throws -> String {
        let own = loadBalancer.vipAddress ?? ""
        guard let port = loadBalancer.vipPortID else { return own }
        if wishes.isInternal {
            // Only what was external before can have a floating IP.
            if isOwn, service.status.loadBalancer.ingress.contains(where: { !$0.ip.isEmpty && $0.ip != own }) {
                try await floatingIPs.remove(from: port, keeps: wishes.keepsFloatingIP)
            }
            return own
        }
        guard wishes.families.first == .ipv4 else { return own }
        guard isOwn else {
            // Only the owner gives it an address; others show what it has.
            let there = try await cloud.network.floatingIPs.list(.field("port_id", equals: port)).all()
            return there.first?.address ?? own
        }
        guard let network = try await floatingIPs.network(wishes.addresses) else {
            recorder.record(
                .note(
                    EventReason.externalNetworkSearchFailed,
                    "the cloud has no external network for a floating IP; the load balancer's own address is used"),
                about: service)
            return own
        }
        let floating = FloatingIPWishes(
            settings: wishes.addresses, requestedAddress: wishes.requestedAddress?.description,
            description: "\(FloatingIPs.mark) external service \(service.key) from cluster \(settings.clusterName)",
            keeps: wishes.keepsFloatingIP)
        return try await floatingIPs.ensure(floating, network: network, port: port)
    }

    /// Gives the load balancer its address, tells the Service, and remembers both.
    private func finish(
        _ service: Service, _ wishes: ServiceWishes, _ wanted: LoadBalancerCreate,
        _ loadBalancer: OctaviaClient.LoadBalancer, isOwn: Bool, hasChanged: Bool
    ) async throws {
        let address = try await publicAddress(service, wishes, loadBalancer, isOwn: isOwn)
        let all = [address] + loadBalancer.additionalVIPs.compactMap(\.address)
        var wishes = wishes
        wishes.loadBalancerID = loadBalancer.id
        let status = ServiceStatusText(wishes: wishes, settings: settings).ingress(all.filter { !$0.isEmpty })
        let record = ServiceRecord(
            uid: service.metadata.uid, wishes: wishes, served: ServedLoadBalancer(id: loadBalancer.id, wanted: wanted),
            status: status, address: address)
        try await show(status, record, on: service)
        records.withLock { $0[service.key] = record }
        if hasChanged { recorder.record("Ensured load balancer", about: service, reason: EventReason.ensured) }
    }

    // MARK: Not wanted any more

    private func release(_ service: Service) async throws {
        guard service.metadata.finalizers.contains(Self.finalizer), isOurs(service) else {
            return forget(service.key)
        }
        recorder.record("Deleting load balancer", about: service, reason: EventReason.deleting)
        try await deleteLoadBalancer(service)
        forget(service.key)
        forgetHolder(service.key)
        recorder.record("Deleted load balancer", about: service, reason: EventReason.deleted)
        try await removeFinalizer(service)
    }

    /// Another controller's Services have the same finalizer.
    private func isOurs(_ service: Service) -> Bool {
        let name = service.spec.loadBalancerClass
        if !name.isEmpty { return settings.loadBalancerClasses.contains(name) }
        return settings.servesServicesWithoutClass
            || service.metadata.annotations[ServiceAnnotation.loadBalancerAddress] != nil
    }

    private func deleteLoadBalancer(_ service: Service) async throws {
        // Of a Service that is going only name and id matter: whatever else is wrong with it must not hold it.
        var plain = service
        plain.metadata.annotations = service.metadata.annotations.filter {
            [ServiceAnnotation.loadBalancerID, ServiceAnnotation.prefix + "keep-floatingip"].contains($0.key)
        }
        if ResourceID(plain.metadata.annotations[ServiceAnnotation.loadBalancerID] ?? "") == nil {
            plain.metadata.annotations[ServiceAnnotation.loadBalancerID] = nil
        }
        plain.spec.loadBalancerIP = ""
        plain.spec.loadBalancerSourceRanges = []
        let wishes = try ServiceWishes(plain, settings)
        guard let found = try await search.find(wishes, service, wasServed: true) else {
            return try await search.waitUntilDeleted(named: wishes.name)
        }
        let id = found.loadBalancer.id
        try await locks.with(id) { [self] in
            // Sharers may have come or gone while this one waited.
            let now = FoundLoadBalancer(loadBalancer: try await cloud.loadBalancers.get(id), isOwn: found.isOwn)
            let former = now.isOwn ? [now.loadBalancer.name] : []
            let others = now.otherUsers(than: wishes.name).filter { !former.contains($0) }
            guard others.isEmpty, now.isMadeByControllers || now.isOwn else {
                return try await leave(now.loadBalancer, wishes, others: others)
            }
            if let port = now.loadBalancer.vipPortID {
                try await floatingIPs.remove(from: port, keeps: wishes.keepsFloatingIP)
            }
            try await cloud.loadBalancers.delete(id, cascade: true)
            try await cloud.loadBalancers.waitUntilDeleted(id, within: .seconds(120))
        }
    }

    /// Takes a Service's listeners out of a load balancer that others use, too.
    private func leave(_ loadBalancer: OctaviaClient.LoadBalancer, _ wishes: ServiceWishes, others: [String])
        async throws
    {
        let tree = try await cloud.tree(of: loadBalancer.id)
        var nothing = LoadBalancerCreate()
        nothing.name = loadBalancer.name
        let comparison = LoadBalancerComparison(
            wanted: nothing, current: tree,
            ownership: ServiceLoadBalancer.ownership(wishes, former: nil, isOwn: false))
        var runner = StepRunner(cloud: cloud, loadBalancer: loadBalancer.id)
        try await runner.run(comparison.steps)
        let tags = loadBalancer.tags.filter { $0 != wishes.name }
        if tags != loadBalancer.tags {
            try await cloud.loadBalancers.update(loadBalancer.id) { $0.tags = .set(tags) }
        }
    }

    // MARK: The Service as an object

    /// Writes status and annotations, if they are not there yet, in one call.
    private func show(_ status: [LoadBalancerIngress], _ record: ServiceRecord, on service: Service) async throws {
        var after = service
        after.status.loadBalancer.ingress = status
        after.metadata.annotations[ServiceAnnotation.loadBalancerID] = record.served.id.string
        after.metadata.annotations[ServiceAnnotation.loadBalancerAddress] = record.address
        guard after != service, !ServiceStatusText.isSame(service, after) else { return }
        try await view.cluster.patch(
            Service.self, service.key,
            .merge([
                "metadata": [
                    "uid": .string(service.metadata.uid),
                    "annotations": [
                        ServiceAnnotation.loadBalancerID: .string(record.served.id.string),
                        ServiceAnnotation.loadBalancerAddress: .string(record.address),
                    ],
                ],
                "status": ["loadBalancer": ["ingress": .array(status.map(\.json))]],
            ]), subresource: "status")
    }

    private func addFinalizer(_ service: Service) async throws -> Service {
        guard !service.metadata.finalizers.contains(Self.finalizer) else { return service }
        return try await setFinalizers(service, service.metadata.finalizers + [Self.finalizer], status: nil)
    }

    private func removeFinalizer(_ service: Service) async throws {
        do {
            let rest = service.metadata.finalizers.filter { $0 != Self.finalizer }
            _ = try await setFinalizers(service, rest, status: ["loadBalancer": ["ingress": .null]])
        } catch let error as KubernetesError where error.code == .notFound {
            // It is gone already.
        }
    }

    /// Replaces the finalizers of the state that was seen and of no other.
    private func setFinalizers(_ service: Service, _ finalizers: [String], status: JSONValue?) async throws -> Service {
        var metadata: [String: JSONValue] = [
            "resourceVersion": .string(service.metadata.resourceVersion), "uid": .string(service.metadata.uid),
            "finalizers": .array(finalizers.map { .string($0) }),
        ]
        var patch: [String: JSONValue] = [:]
        if let status {
            patch["status"] = status
            metadata["annotations"] = [
                ServiceAnnotation.loadBalancerID: .null, ServiceAnnotation.loadBalancerAddress: .null,
            ]
        }
        patch["metadata"] = .object(metadata)
        return try await view.cluster.patch(Service.self, service.key, .merge(.object(patch)), subresource: "status")
    }
}
