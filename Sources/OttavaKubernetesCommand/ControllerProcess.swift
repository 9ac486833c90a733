// Everything that runs in the controllers' process.

internal import KubernetesClient
internal import KubernetesControllers
internal import Logging
internal import OctaviaClient
internal import Synchronization
internal import UnixSignals

/// Caches, controllers, the election and the page of metrics, from start to stop.
final class ControllerProcess: Sendable {
    private struct State {
        var isSynced = false
        var isStopping = false
        /// The controllers of the present term.
        var service: ServiceController?
        var ingress: IngressController?
    }

    private let settings: ControllerSettings
    private let cluster: Cluster
    private let cloud: Cloud
    private let view: ClusterView
    private let elector: LeaderElector?
    private let logger: Logger
    private let metrics = ControllerMetrics()
    private let state = Mutex(State())

    init(_ settings: ControllerSettings) throws {
        self.settings = settings
        var logger = Logger(label: "ottava-kubernetes")
        logger.logLevel = settings.logLevel
        self.logger = logger
        let cluster = try Cluster(settings.cluster, logger: logger)
        self.cluster = cluster
        cloud = try Cloud(settings.cloud, logger: logger)
        view = ClusterView(
            cluster,
            scope: ClusterView.Scope(
                includesIngresses: settings.controllers.contains(.ingress),
                includesPods: settings.loadBalancers.memberKind == .pods))
        elector = settings.lease.map {
            LeaderElector(
                cluster, lease: $0, identity: settings.identity, settings: settings.election, logger: logger)
        }
        metrics.show { [weak self] in self?.reading }
    }

    /// Works until SIGTERM or SIGINT; work that has begun is finished, and the lease is given back.
    func run() async throws {
        for remark in settings.remarks { logger.warning("A setting is not obeyed", metadata: ["setting": "\(remark)"]) }
        logger.info(
            "starting",
            metadata: [
                "cluster": "\(cluster.configuration.server)", "cloud": "\(cloud.configuration.authURL)",
                "clusterName": "\(settings.loadBalancers.clusterName)",
                "controllers": "\(settings.controllers.map(\.rawValue).sorted().joined(separator: ","))",
            ])
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.serve() }
            group.addTask { await self.work() }
            for await signal in signals {
                logger.info("stopping", metadata: ["signal": "\(signal)"])
                state.withLock { $0.isStopping = true }
                break
            }
            group.cancelAll()
        }
        await cluster.shutdown()
        await cloud.shutdown()
        logger.info("stopped")
    }

    // MARK: Work

    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.view.run() }
            group.addTask {
                do {
                    try await self.view.waitUntilSynced()
                } catch {
                    return
                }
                self.state.withLock { $0.isSynced = true }
                self.logger.info("synced")
            }
            group.addTask { await self.lead() }
            await group.waitForAll()
        }
    }

    /// Works whenever it is this process's turn.
    private func lead() async {
        while !Task.isCancelled {
            do {
                let settings = try await completedSettings()
                guard let elector else { return try await control(settings) }
                try await elector.run { try await self.control(settings) }
            } catch is CancellationError {
                return
            } catch is LeaderElector.LeadershipLost {
                continue
            } catch {
                logger.error("The controllers ended", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// One term: controllers that know nothing of earlier ones.
    private func control(_ loadBalancers: LoadBalancerSettings) async throws {
        let service = ServiceController(
            view: view, cloud: cloud, settings: loadBalancers, options: settings.options,
            identity: settings.identity, logger: logger, observe: metrics.observer(of: .service))
        let ingress = IngressController(
            view: view, cloud: cloud, settings: loadBalancers, ingressSettings: settings.ingress,
            options: settings.options, identity: settings.identity, logger: logger,
            observe: metrics.observer(of: .ingress))
        let controllers = settings.controllers
        state.withLock { state in
            state.service = controllers.contains(.service) ? service : nil
            state.ingress = controllers.contains(.ingress) ? ingress : nil
        }
        defer {
            state.withLock { state in
                state.service = nil
                state.ingress = nil
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            if controllers.contains(.service) { group.addTask { try await service.run() } }
            if controllers.contains(.ingress) { group.addTask { try await ingress.run() } }
            try await group.waitForAll()
        }
    }

    /// The settings with what marks this cluster.
    private func completedSettings() async throws -> LoadBalancerSettings {
        var loadBalancers = settings.loadBalancers
        loadBalancers.clusterID = settings.clusterID
        guard loadBalancers.clusterID == nil else { return loadBalancers }
        do {
            // The one name for a cluster that all tools agree on.
            let namespace = try await cluster.get(Namespace.self, ObjectKey(name: "kube-system"))
            loadBalancers.clusterID = namespace.metadata.uid
        } catch let error as KubernetesError where [.forbidden, .notFound].contains(error.code) {
            logger.warning(
                "Load balancers without an object are not looked for, because the cluster cannot be told from others",
                metadata: ["error": "\(error)"])
        }
        return loadBalancers
    }

    // MARK: Health and metrics

    private func serve() async {
        guard let (host, port) = settings.listen else { return }
        let server = HealthServer(
            host: host, port: port, logger: logger, isReady: { self.isReady }, metrics: { await self.metrics.text() })
        do {
            try await server.run()
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "Health and metrics cannot be served", metadata: ["listen": "\(host):\(port)", "error": "\(error)"])
        }
    }

    /// Ready is who could take over at any time: the caches are full.
    private var isReady: Bool { state.withLock { $0.isSynced && !$0.isStopping } }

    private var reading: ControllerMetrics.Reading {
        let state = state.withLock { $0 }
        return ControllerMetrics.Reading(
            isLeader: elector?.isLeader ?? true, isSynced: state.isSynced,
            waiting: [.service: state.service?.waitingCount ?? 0, .ingress: state.ingress?.waitingCount ?? 0])
    }
}
