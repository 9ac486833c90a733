// Whether a project may have more.

internal import LoadBalancing
internal import OctaviaWire
internal import Persistence

/// The quotas inside one transaction: what is counted there cannot change before the transaction ends.
struct QuotaLedger {
    let store: QuotaStore
    /// -1 is no limit, as for kinds that are not mentioned.
    let defaults: [ResourceKind: Int]

    /// Ends the call with 403 when the project would have more resources of a kind than it may.
    ///
    /// Resources in ERROR count, and those that are being deleted until they are gone. A call that adds nothing passes.
    func require(_ kind: ResourceKind, adding count: Int, projectID: String, at now: Timestamp) throws {
        guard count > 0 else { return }
        let record = try store.find(projectID)
        // Lists show the projects whose quotas were ever looked at.
        if record == nil { try store.ensure(projectID, at: now) }
        let limit = record?.limits[kind] ?? defaults[kind] ?? -1
        guard limit >= 0 else { return }
        guard try store.usage(of: projectID, kind) + count <= limit else { throw OctaviaFault.quotaExceeded(kind) }
    }
}
