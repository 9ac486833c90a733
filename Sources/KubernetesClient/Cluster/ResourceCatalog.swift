// Which versions of which types the cluster has.

internal import JSON
internal import Synchronization

/// Asks for the versions of a type once, and keeps the answer; after an upgrade of the cluster, ``forget()``.
final class ResourceCatalog: Sendable {
    private let transport: ClusterTransport
    private let known = Mutex<[String: ResourceType]>([:])

    init(transport: ClusterTransport) {
        self.transport = transport
    }

    func resource<Object: KubernetesObject>(of type: Object.Type) async throws -> ResourceType {
        let candidates = Object.resources
        if candidates.count == 1 { return candidates[0] }
        let name = "\(candidates[0])"
        if let found = known.withLock({ $0[name] }) { return found }
        for candidate in candidates {
            do {
                let path = candidate.group.isEmpty ? "/api/\(candidate.version)" : "/apis/\(candidate.apiVersion)"
                let document = try await transport.send(ClusterCall("GET", path)).document()
                let names = (document["resources"]?.array ?? []).compactMap { $0["name"]?.string }
                guard names.contains(candidate.name) else { continue }
                known.withLock { $0[name] = candidate }
                return candidate
            } catch let error as KubernetesError where error.code == .notFound {
                continue
            }
        }
        throw KubernetesError(
            .notFound, "the cluster has no \(name) in version \(candidates.map(\.version).joined(separator: " or "))")
    }

    /// Has the next call ask again.
    func forget() { known.withLock { $0 = [:] } }
}
