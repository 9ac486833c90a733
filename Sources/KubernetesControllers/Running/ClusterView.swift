// What the controllers know of the cluster, kept up to date.

public import KubernetesClient

/// The caches that both controllers read.
public final class ClusterView: Sendable {
    /// Which caches are kept.
    public struct Scope: Sendable, Hashable {
        /// Those of Ingresses, their classes and their Secrets.
        public var includesIngresses = true
        /// EndpointSlices, which name pods.
        public var includesPods = false

        public init(includesIngresses: Bool = true, includesPods: Bool = false) {
            self.includesIngresses = includesIngresses
            self.includesPods = includesPods
        }
    }

    public let cluster: Cluster
    let scope: Scope
    let services: Informer<Service>
    let nodes: Informer<Node>
    let endpointSlices: Informer<EndpointSlice>
    let ingresses: Informer<Ingress>
    let ingressClasses: Informer<IngressClass>
    let secrets: Informer<KubernetesClient.Secret>

    /// The index of EndpointSlices by `NAMESPACE/NAME` of their Service.
    static let byService = "service"

    public init(_ cluster: Cluster, scope: Scope) {
        self.cluster = cluster
        self.scope = scope
        services = Informer(cluster) {
            $0.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
        }
        nodes = Informer(cluster) { node in
            // Images, capacities and the like are most of a node.
            node.status.otherFields = [:]
            node.metadata.annotations = [:]
        }
        endpointSlices = Informer(
            cluster, indexers: [Self.byService: { [$0.service?.description].compactMap { $0 } }])
        ingresses = Informer(cluster)
        ingressClasses = Informer(cluster)
        secrets = Informer(cluster, fields: "type=kubernetes.io/tls") { $0.metadata.annotations = [:] }
    }

    /// Follows the cluster until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.services.run() }
            group.addTask { await self.nodes.run() }
            if scope.includesPods { group.addTask { await self.endpointSlices.run() } }
            if scope.includesIngresses {
                group.addTask { await self.ingresses.run() }
                group.addTask { await self.ingressClasses.run() }
                group.addTask { await self.secrets.run() }
            }
        }
    }

    /// Waits until all caches have been filled once.
    public func waitUntilSynced() async throws {
        try await services.cache.waitUntilSynced()
        try await nodes.cache.waitUntilSynced()
        if scope.includesPods { try await endpointSlices.cache.waitUntilSynced() }
        if scope.includesIngresses {
            try await ingresses.cache.waitUntilSynced()
            try await ingressClasses.cache.waitUntilSynced()
            try await secrets.cache.waitUntilSynced()
        }
    }

    func members(of service: ObjectKey, _ kind: LoadBalancerSettings.MemberKind) -> MemberSource {
        switch kind {
        case .nodePorts: MemberSource(nodes: nodes.cache.objects, kind: kind)
        case .pods:
            MemberSource(endpointSlices: endpointSlices.cache.objects(Self.byService, service.description), kind: kind)
        }
    }
}
