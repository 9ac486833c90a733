// Finding the load balancer of a Service again, whoever made it.

internal import KubernetesClient
internal import OctaviaClient

/// A load balancer that serves a Service.
struct FoundLoadBalancer: Sendable {
    var loadBalancer: OctaviaClient.LoadBalancer
    /// Whether it was made for the Service, which may then change its name and floating IP.
    var isOwn: Bool

    /// The names of other Services that use it.
    func otherUsers(than name: String) -> [String] {
        loadBalancer.tags.filter { $0.hasPrefix(LoadBalancerSearch.prefix) && $0 != name }
    }

    /// Whether controllers made it, so that they may delete it.
    var isMadeByControllers: Bool { loadBalancer.name.hasPrefix(LoadBalancerSearch.prefix) }
}

/// Looks for load balancers by id and by name.
struct LoadBalancerSearch {
    let cloud: Cloud
    static let prefix = "kube_service_"

    /// The load balancer of a Service.
    ///
    /// - Parameter wasServed: Whether the id was once written by a controller: what is gone is then made anew.
    /// - Throws: ``Problem`` if the id that the owner gave does not exist, or several have the name.
    func find(_ wishes: ServiceWishes, _ service: Service, wasServed: Bool) async throws -> FoundLoadBalancer? {
        if let id = wishes.loadBalancerID {
            do {
                let there = try await cloud.loadBalancers.get(id)
                if there.provisioningStatus != .deleted, there.provisioningStatus != .pendingDelete {
                    return FoundLoadBalancer(loadBalancer: there, isOwn: isOwn(there, wishes, service))
                }
            } catch let error as CloudError where error.code == .notFound {
                guard wasServed else {
                    throw Problem.refusal(
                        "annotation \(ServiceAnnotation.loadBalancerID) names \(id), but there is no such load balancer; "
                            + "correct it, or remove it to get a new one")
                }
            }
        }
        if let there = try await find(named: wishes.name, clusterTag: wishes.clusterTag) {
            return FoundLoadBalancer(loadBalancer: there, isOwn: true)
        }
        let legacy = try await find(named: ServiceWishes.legacyName(service), clusterTag: nil)
        return legacy.map { FoundLoadBalancer(loadBalancer: $0, isOwn: true) }
    }

    /// A load balancer with a name. A process that was killed between two tries may have made it twice: then the older
    /// one is the one, and the others go, if they are marked as this cluster's.
    func find(named name: String, clusterTag: String?) async throws -> OctaviaClient.LoadBalancer? {
        let found = try await cloud.loadBalancers.list(.name(name)).all()
            .filter { $0.provisioningStatus != .deleted && $0.provisioningStatus != .pendingDelete }
            .sorted { ($0.createdAt ?? .distantPast, $0.id) < ($1.createdAt ?? .distantPast, $1.id) }
        guard found.count > 1 else { return found.first }
        guard let clusterTag, found.allSatisfy({ Set($0.tags) == [name, clusterTag] }) else {
            throw Problem.refusal(
                "\(found.count) load balancers have the name \(name): \(found.map(\.id.string).joined(separator: ", ")); "
                    + "delete those that are not needed")
        }
        for extra in found.dropFirst() { try? await cloud.loadBalancers.delete(extra.id, cascade: true) }
        return found[0]
    }

    /// Waits for load balancers of a name whose deletion has begun.
    func waitUntilDeleted(named name: String) async throws {
        for loadBalancer in try await cloud.loadBalancers.list(.name(name)).all()
        where loadBalancer.provisioningStatus == .pendingDelete {
            try await cloud.loadBalancers.waitUntilDeleted(loadBalancer.id, within: .seconds(120))
        }
    }

    /// Whether a load balancer was made for the Service, be it under another name of the cluster.
    private func isOwn(_ loadBalancer: OctaviaClient.LoadBalancer, _ wishes: ServiceWishes, _ service: Service) -> Bool
    {
        let name = loadBalancer.name
        return name == wishes.name || name == ServiceWishes.legacyName(service)
            || name.hasPrefix(Self.prefix)
                && name.hasSuffix("_\(service.metadata.namespace)_\(service.metadata.name)")
                && loadBalancer.tags.allSatisfy { !$0.hasPrefix("kubernetes-cluster=") || $0 == wishes.clusterTag }
    }
}

extension Timestamp {
    /// Before all others.
    fileprivate static var distantPast: Timestamp { Timestamp(microseconds: .min) }
}
