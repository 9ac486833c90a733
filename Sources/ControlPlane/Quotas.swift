// Use cases of quotas.

internal import LoadBalancing
public import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// The quotas of a project: its own, or the defaults. Any name of a project has some.
    public func quota(ofProject projectID: String, _ caller: Caller) async throws -> QuotaView {
        try settings.access.require(caller, .quotaShow, projectID: projectID)
        let record = try await database.read { try QuotaStore($0).find(projectID) }
        return view(record ?? QuotaRecord(projectID: projectID))
    }

    /// What a project has that was given no quotas.
    public func defaultQuota(ofProject projectID: String, _ caller: Caller) throws -> QuotaView {
        try settings.access.require(caller, .quotaDefaults, projectID: projectID)
        return view(QuotaRecord(projectID: projectID))
    }

    /// The quotas of the projects that have some, or that ever made something.
    public func quotas(_ query: ListQuery, _ caller: Caller) async throws -> [QuotaView] {
        let project = try settings.access.listedProject(
            caller, .quotaList, globally: .quotaListGlobally, asked: query.projectID)
        let conditions = project.map { [ListRequest.Condition(column: "project_id", value: .text($0))] } ?? []
        return try await catalogPage(QuotaRecord.self, query, conditions).map { view($0) }
    }

    /// Gives a project quotas; kinds that the request does not mention stay.
    public func setQuota(
        ofProject projectID: String, _ request: QuotaUpdate, _ caller: Caller
    ) async throws -> QuotaView {
        try settings.access.require(caller, .quotaUpdate, projectID: projectID)
        let now = self.now()
        let limits = request.limits
        let record = try await database.write { connection in
            let store = QuotaStore(connection)
            try store.ensure(projectID, at: now)
            try store.set(limits, of: projectID)
            return try store.find(projectID)
        }
        return view(record ?? QuotaRecord(projectID: projectID))
    }

    /// Takes a project's quotas back.
    public func deleteQuota(ofProject projectID: String, _ caller: Caller) async throws {
        try settings.access.require(caller, .quotaDelete, projectID: projectID)
        guard try await database.write({ try QuotaStore($0).reset(projectID) }) else {
            throw OctaviaFault.notFound("Quotas", projectID)
        }
    }

    private func view(_ record: QuotaRecord) -> QuotaView {
        QuotaView(
            projectID: record.projectID,
            limits: settings.defaultQuotas.merging(record.limits) { _, own in own })
    }
}

extension QuotaUpdate {
    /// The kinds that the request mentions.
    fileprivate var limits: [(kind: ResourceKind, limit: Int?)] {
        let changes: [(ResourceKind, Change<Int?>)] = [
            (.loadBalancer, loadBalancer), (.listener, listener), (.pool, pool), (.member, member),
            (.healthMonitor, healthMonitor), (.l7Policy, l7Policy), (.l7Rule, l7Rule),
        ]
        return changes.compactMap { kind, change in
            if case .set(let limit) = change { (kind, limit) } else { nil }
        }
    }
}
