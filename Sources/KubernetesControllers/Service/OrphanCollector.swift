// Deletes load balancers whose Service went without its finalizer.

internal import KubernetesClient
internal import Logging
internal import OctaviaClient
internal import Synchronization

/// Finds load balancers that this cluster's controller made and that no Service needs.
///
/// It deletes only what carries the cluster's own mark, has the name and the description that the controller gives, is used
/// by nobody else, and was found without a Service twice in a row. Without a mark of the cluster nothing is ever deleted.
final class OrphanCollector: Sendable {
    private let view: ClusterView
    private let cloud: Cloud
    private let settings: LoadBalancerSettings
    private let logger: Logger
    private let suspects = Mutex<Set<ResourceID>>([])

    init(view: ClusterView, cloud: Cloud, settings: LoadBalancerSettings, logger: Logger) {
        self.view = view
        self.cloud = cloud
        self.settings = settings
        self.logger = logger
    }

    func collect(using known: Set<ResourceID>) async {
        do {
            let found = try await orphans(known)
            let condemned = suspects.withLock { suspects in
                defer { suspects = Set(found.map(\.id)) }
                return found.filter { suspects.contains($0.id) }
            }
            for loadBalancer in condemned { try await delete(loadBalancer) }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("Load balancers without a Service could not be looked for", metadata: ["error": "\(error)"])
        }
    }

    /// What no Service needs, as far as can be seen.
    private func orphans(_ known: Set<ResourceID>) async throws -> [OctaviaClient.LoadBalancer] {
        guard let tag = settings.clusterTag else { return [] }
        var found: [OctaviaClient.LoadBalancer] = []
        for try await loadBalancer in cloud.loadBalancers.list(.tags(all: [tag])) {
            guard !known.contains(loadBalancer.id), !loadBalancer.provisioningStatus.isPending,
                let key = Self.service(of: loadBalancer, settings)
            else { continue }
            // The cache may be behind; the cluster itself is not.
            guard view.services.cache[key] == nil, try await view.cluster.find(Service.self, key) == nil else {
                continue
            }
            found.append(loadBalancer)
        }
        return found
    }

    /// The Service that a load balancer was made for, if everything about it says so.
    static func service(of loadBalancer: OctaviaClient.LoadBalancer, _ settings: LoadBalancerSettings) -> ObjectKey? {
        let prefix = "kube_service_\(settings.clusterName)_"
        guard let tag = settings.clusterTag, Set(loadBalancer.tags) == [tag, loadBalancer.name],
            loadBalancer.name.hasPrefix(prefix)
        else { return nil }
        // Neither namespaces nor Services have underscores in their names.
        let parts = loadBalancer.name.dropFirst(prefix.count).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let key = ObjectKey(namespace: String(parts[0]), name: String(parts[1]))
        return loadBalancer.description == ServiceWishes.description(key, settings) ? key : nil
    }

    private func delete(_ loadBalancer: OctaviaClient.LoadBalancer) async throws {
        logger.notice(
            "A load balancer without a Service is deleted",
            metadata: ["loadbalancer": "\(loadBalancer.id)", "name": "\(loadBalancer.name)"])
        if let port = loadBalancer.vipPortID {
            try await FloatingIPs(cloud: cloud, catalog: NetworkCatalog(cloud)).remove(from: port, keeps: false)
        }
        try await cloud.loadBalancers.delete(loadBalancer.id, cascade: true)
    }
}
