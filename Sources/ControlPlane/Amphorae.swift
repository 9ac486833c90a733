// Use cases of amphorae: what administrators see of the data plane.

public import LoadBalancing
public import OctaviaWire
internal import Persistence

/// Every load balancer of a provider with amphorae has one: a process on the node that this service runs. Its identifier
/// changes with each failover.
extension LoadBalancingService {
    public func amphorae(_ query: ListQuery, _ caller: Caller) async throws -> [AmphoraView] {
        try requireService(caller, .amphoraList)
        let all = try await database.read { try AmphoraStore($0).all() }
            .filter { query.projectID == nil || $0.owner.projectID == query.projectID }
            .map { view($0.amphora, $0.owner) }
        return try AmphoraListing.page(of: all, query)
    }

    public func amphora(_ id: ResourceID, _ caller: Caller) async throws -> AmphoraView {
        try requireService(caller, .amphoraShow)
        let (amphora, owner) = try await find(id)
        return view(amphora, owner)
    }

    /// The counters of an amphora's listeners.
    public func amphoraStatistics(_ id: ResourceID, _ caller: Caller) async throws -> AmphoraStatisticsView {
        try requireService(caller, .amphoraStatistics)
        guard let (amphora, owner) = try await findIfAny(id) else {
            throw OctaviaFault.missingStatistics(ofAmphora: id)
        }
        let listeners = try await database.read { try TreeStore($0).statistics(ofListenersOf: owner.id) }
        guard !listeners.isEmpty else { throw OctaviaFault.missingStatistics(ofAmphora: id) }
        return AmphoraStatisticsView(
            amphoraID: amphora.id, loadBalancerID: owner.id,
            listeners: listeners.map { ($0.listenerID, $0.statistics) })
    }

    /// Puts a new amphora in the place of one.
    public func failOverAmphora(_ id: ResourceID, _ caller: Caller) async throws {
        try requireService(caller, .amphoraFailover)
        let (_, owner) = try await find(id)
        guard !owner.core.isBeingDeleted else { throw OctaviaFault.immutable("Load Balancer", owner.id) }
        try await failOver(owner.id, caller)
    }

    /// Has an amphora read its settings again; here they are those of the service, which has them already.
    public func configureAmphora(_ id: ResourceID, _ caller: Caller) async throws {
        try requireService(caller, .amphoraConfigure)
        _ = try await find(id)
    }

    /// Removes an amphora that failed; the load balancer gets a new one with its next attempt, which is due at once.
    public func deleteAmphora(_ id: ResourceID, _ caller: Caller) async throws {
        try requireService(caller, .amphoraDelete)
        let (_, owner) = try await find(id)
        guard owner.core.provisioningStatus == .error, !owner.core.isBeingDeleted else {
            throw OctaviaFault(409, "amphora \(id) is immutable and cannot be updated.")
        }
        try await failOver(owner.id, caller)
    }

    private func find(_ id: ResourceID) async throws -> (AmphoraRecord, LoadBalancer) {
        guard let found = try await findIfAny(id) else { throw OctaviaFault.notFound("Amphora", id) }
        return found
    }

    private func findIfAny(_ id: ResourceID) async throws -> (AmphoraRecord, LoadBalancer)? {
        try await database.read { connection in
            guard let amphora = try AmphoraStore(connection).find(id),
                let owner = try TreeStore(connection).find(LoadBalancer.self, amphora.loadBalancerID)
            else { return nil }
            return (amphora, owner)
        }
    }

    private func view(_ amphora: AmphoraRecord, _ owner: LoadBalancer) -> AmphoraView {
        let status =
            switch owner.core.provisioningStatus {
            case .pendingCreate: "PENDING_CREATE"
            case .pendingDelete, .deleted: "PENDING_DELETE"
            case .error: "ERROR"
            case .active, .pendingUpdate: "ALLOCATED"
            }
        return AmphoraView(
            id: amphora.id, loadBalancerID: owner.id, computeID: amphora.computeID,
            managementAddress: settings.managementAddress, vipAddress: owner.vip.address, portID: owner.vip.portID,
            status: status, zone: owner.availabilityZone, createdAt: amphora.createdAt,
            updatedAt: owner.core.updatedAt ?? amphora.createdAt)
    }
}

/// Lists of amphorae, which are worked out and not stored, so that filters and orders are applied here.
enum AmphoraListing {
    typealias Value = ListQuery.Filter.Value

    static func page(of all: [AmphoraView], _ query: ListQuery) throws(OctaviaFault) -> [AmphoraView] {
        let rows = all.map { (view: $0, values: $0.searchableValues) }
            .filter { row in query.filters.allSatisfy { row.values[$0.field] == $0.value } }
            .sorted { left, right in
                for key in query.sort {
                    let (first, second) = (text(left.values[key.field]), text(right.values[key.field]))
                    if first != second { return (first < second) != key.isDescending }
                }
                return false
            }
        var views = rows.map(\.view)
        if let marker = query.marker {
            guard let index = views.firstIndex(where: { $0.id.string == marker }) else {
                throw .invalidMarker(marker)
            }
            views = Array(query.isPageReversed ? views[..<index] : views[(index + 1)...])
        }
        return query.limit.map { Array(views.prefix($0)) } ?? views
    }

    private static func text(_ value: Value?) -> String {
        switch value {
        case .text(let text): text
        case .integer(let integer): integer.map(String.init) ?? ""
        case .bool(let bool): bool ? "1" : "0"
        case .real(let real): real.map { "\($0)" } ?? ""
        case .time(let time): time?.iso8601 ?? ""
        case nil: ""
        }
    }
}

extension OctaviaFault {
    /// No amphora, or none with listeners, has that identifier.
    fileprivate static func missingStatistics(ofAmphora id: ResourceID) -> OctaviaFault {
        .notFound("Amphora stats for", id)
    }
}
