// The `kernel` provider: TCP, UDP and SCTP at layer 4, all of it done by the kernel's packet filter.

import FoundationEssentials
import Glibc
public import LoadBalancing
public import Logging
import NIOPosix
public import ProviderDrivers

/// Makes load balancers real with nftables alone.
///
/// Which member a connection gets follows from the client's address and port, by the same table on every node. So a connection goes on
/// when another node takes the address over, although the nodes tell each other nothing.
public actor KernelDriver: ProviderDriver {
    /// Settings of the driver.
    public struct Configuration: Sendable {
        /// The folder for the driver's files, an absolute path. It is made when missing; its parent must exist.
        public var dataDirectory: String
        /// The absolute path of the nft program.
        public var nftPath: String
        /// How often rules and counters are looked at.
        public var pollInterval: Duration
        /// How often the rules are compared with what they should be.
        public var verifyInterval: Duration
        /// Whether members see the addresses of clients; then this node must be the members' gateway.
        public var keepsClientAddress: Bool
        /// The network namespace of every load balancer; `nil` is the node's own network.
        public var namespace: String?
        public var logger: Logger

        public init(
            dataDirectory: String, nftPath: String = "/usr/sbin/nft", pollInterval: Duration = .seconds(1),
            verifyInterval: Duration = .seconds(5), keepsClientAddress: Bool = false, namespace: String? = nil,
            logger: Logger = Logger(label: "ottava.kernel")
        ) {
            self.dataDirectory = dataDirectory
            self.nftPath = nftPath
            self.pollInterval = pollInterval
            self.verifyInterval = verifyInterval
            self.keepsClientAddress = keepsClientAddress
            self.namespace = namespace
            self.logger = logger
        }
    }

    public nonisolated let name = "kernel"
    public nonisolated let description = "The kernel's packet filter on this node: TCP, UDP and SCTP at layer 4."
    public nonisolated let reports: AsyncStream<DataPlaneReport>
    public nonisolated let findings: AsyncStream<DataPlaneFinding>

    private let configuration: Configuration
    private let policy: ForwardingPolicy
    private let place: NetworkPlace
    private let threads: NIOThreadPool
    private var services: PacketServices
    private let reportContinuation: AsyncStream<DataPlaneReport>.Continuation
    private var workers: [ResourceID: Served] = [:]
    private let findingContinuation: AsyncStream<DataPlaneFinding>.Continuation
    private var pollTask: Task<Void, Never>?
    private var verifiedAt: ContinuousClock.Instant = .now
    /// Tables that belonged to no load balancer at the last look.
    private var suspects: Set<TableName> = []
    private var isRunning = false

    private struct Served {
        var worker: PacketWorker
        var plan: LoadBalancerPlan?
        var lastReport: DataPlaneReport?
    }

    /// Makes a driver that does nothing before ``start()``.
    ///
    /// - Throws: ``DataPlaneError`` when the node has no free file descriptors.
    public init(configuration: Configuration) throws(DataPlaneError) {
        self.configuration = configuration
        policy = ForwardingPolicy(
            protocols: Set(TransportProtocol.allCases), keepsClientAddress: configuration.keepsClientAddress,
            isStateless: true)
        place = configuration.namespace.map(NetworkPlace.namespace) ?? .host
        (reports, reportContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(10_000))
        (findings, findingContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1_000))
        threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        services = try PacketServices(
            folder: configuration.dataDirectory, nftPath: configuration.nftPath, threads: threads,
            logger: configuration.logger)
        let continuation = findingContinuation
        services.found = { continuation.yield($0) }
    }

    /// Whether the node lets this process use nftables, and has what the rules need.
    public static func isPossible(nftPath: String) async -> Bool {
        await PacketServices.objection(to: PacketFilterProgram(path: nftPath)) == nil
    }

    /// Adopts what runs and serves what should be served.
    ///
    /// - Throws: ``DataPlaneError`` when nftables or the folder cannot be used.
    public func start() async throws(DataPlaneError) {
        guard !isRunning else { return }
        services = try await services.settled(.nftables)
        guard mkdir(configuration.dataDirectory, 0o700) == 0 || errno == EEXIST else {
            throw DataPlaneError(
                .node, "The data plane could not write its files.",
                detail: "\(configuration.dataDirectory): \(String(cString: strerror(errno)))")
        }
        isRunning = true
        let names = (try? FileManager.default.contentsOfDirectory(atPath: configuration.dataDirectory)) ?? []
        for name in names {
            guard let id = ResourceID(name), id.string == name else { continue }
            guard let data = try? Data(contentsOf: URL(filePath: planFile(of: id))),
                let plan = try? JSONDecoder().decode(LoadBalancerPlan.self, from: data)
            else {
                workers[id] = makeWorker(id)
                configuration.logger.error(
                    "a last plan cannot be read; waiting for the control plane to send it again",
                    metadata: ["loadbalancer": "\(id)"])
                continue
            }
            do {
                _ = try await apply(plan)
            } catch {
                configuration.logger.error(
                    "a last plan could not be applied: \(error)", metadata: ["loadbalancer": "\(id)"])
            }
        }
        if place == .host { await services.removeLeftovers(keeping: Set(workers.keys)) }
        let interval = configuration.pollInterval
        pollTask = Task { [weak self] in
            while true {
                do { try await Task.sleep(for: interval) } catch { return }
                guard let self else { return }
                await self.poll()
            }
        }
    }

    /// Ends the driver.
    ///
    /// - Parameter stopDataPlane: False leaves the rules in the kernel, which goes on forwarding. True removes everything.
    public func shutdown(stopDataPlane: Bool) async {
        guard isRunning else { return }
        isRunning = false
        pollTask?.cancel()
        for served in workers.values {
            if stopDataPlane { await served.worker.remove() } else { await served.worker.detach() }
        }
        workers = [:]
        await services.stop()
        try? await threads.shutdownGracefully()
        reportContinuation.finish()
        findingContinuation.finish()
        if stopDataPlane { try? FileManager.default.removeItem(atPath: configuration.dataDirectory) }
    }

    public func apply(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome {
        try requireRunning()
        let id = plan.loadBalancerID
        let served = workers[id] ?? makeWorker(id)
        workers[id] = served
        let folder = folder(of: id)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw DataPlaneError(
                .node, "The data plane could not write its files.",
                detail: "\(folder): \(String(cString: strerror(errno)))")
        }
        var failed = try await served.worker.apply(plan, in: place)
        for listener in plan.listeners where plan.isEnabled && listener.isEnabled {
            guard listener.transport(for: policy) == nil else { continue }
            failed[listener.id] =
                "Listeners of protocol \(listener.listenerProtocol.rawValue) are not served by the kernel provider."
        }
        do {
            try JSONEncoder().encode(plan).write(to: URL(filePath: planFile(of: id)), options: .atomic)
        } catch {
            throw DataPlaneError(.node, "The data plane could not write its files.", detail: "\(error)")
        }
        workers[id]?.plan = plan
        await publish(id)
        return ApplyOutcome(failedListeners: failed)
    }

    public func remove(_ loadBalancerID: ResourceID) async throws(DataPlaneError) {
        try requireRunning()
        guard let served = workers[loadBalancerID] else { return }
        await served.worker.remove()
        try? FileManager.default.removeItem(atPath: folder(of: loadBalancerID))
        workers[loadBalancerID] = nil
    }

    public func report(of loadBalancerID: ResourceID) async -> DataPlaneReport? {
        guard let served = workers[loadBalancerID], let plan = served.plan else { return nil }
        let observation = await served.worker.observation()
        var report = DataPlaneReport(
            loadBalancerID: loadBalancerID, generation: plan.generation, isServing: true,
            listeners: observation.listeners)
        for listener in plan.listeners where report.listeners[listener.id] == nil {
            report.listeners[listener.id] = ListenerObservation(state: .closed)
        }
        for pool in plan.pools {
            report.members[pool.id] = Dictionary(
                pool.members.map { ($0.id, observation.state(of: $0, in: pool, of: plan)) },
                uniquingKeysWith: { first, _ in first })
        }
        return report
    }

    public func knownLoadBalancers() async -> [ResourceID] { workers.keys.sorted() }

    public nonisolated var features: ProviderFeatures { .kernel }
    public nonisolated var flavorCapabilities: [ProviderCapability] { [] }
    public nonisolated var availabilityZoneCapabilities: [ProviderCapability]? { nil }

    private func requireRunning() throws(DataPlaneError) {
        guard isRunning else { throw DataPlaneError(.node, "The data plane of this node is not running.") }
    }

    private func folder(of id: ResourceID) -> String { "\(configuration.dataDirectory)/\(id)" }
    private func planFile(of id: ResourceID) -> String { "\(folder(of: id))/plan.json" }

    private func makeWorker(_ id: ResourceID) -> Served {
        var logger = configuration.logger
        logger[metadataKey: "loadbalancer"] = "\(id)"
        return Served(
            worker: PacketWorker(
                loadBalancer: id, policy: policy, services: services, place: place,
                file: "\(folder(of: id))/packets.json", logger: logger
            ) { [weak self] in
                await self?.publish(id)
            })
    }

    private func poll() async {
        for id in workers.keys.sorted() {
            guard isRunning else { return }
            await publish(id)
        }
        guard isRunning, ContinuousClock.now - verifiedAt >= configuration.verifyInterval else { return }
        verifiedAt = .now
        for id in workers.keys.sorted() {
            guard isRunning else { return }
            await workers[id]?.worker.verify()
        }
        if place == .host { await removeStrays() }
    }

    /// Removes tables that belong to no load balancer, at the second look: the first may have come between a table and
    /// what is known of it.
    private func removeStrays() async {
        let tables = services.tables()
        let strays = tables.subtracting(workers.keys.map { services.table(of: $0) })
        for table in strays.intersection(suspects) {
            configuration.logger.warning(
                "forwarding rules belong to no load balancer; removing them", metadata: ["table": "\(table.text)"])
            await services.remove(table)
            findingContinuation.yield(
                DataPlaneFinding(nil, "Forwarding rules that belonged to no load balancer were removed."))
        }
        suspects = strays
    }

    /// Sends a report if it says something new.
    private func publish(_ id: ResourceID) async {
        guard isRunning, let report = await report(of: id), report != workers[id]?.lastReport else { return }
        workers[id]?.lastReport = report
        reportContinuation.yield(report)
    }
}

extension PacketObservation {
    /// What is known of a member.
    package func state(of member: MemberPlan, in pool: PoolPlan, of plan: LoadBalancerPlan) -> MemberObservation {
        guard member.isEnabled else { return .maintenance }
        let isWatched = pool.healthMonitor != nil && pool.isEnabled && plan.isEnabled
        switch isWatched ? health[pool.id]?[member.id] : nil {
        case .some(true): return member.weight == 0 ? .draining : .up
        case .some(false): return .down
        case .none: return member.weight == 0 ? .draining : .unmonitored
        }
    }
}
