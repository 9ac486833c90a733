// Finding a resource on behalf of a caller, and lists of them.

internal import LoadBalancing
internal import OctaviaWire
internal import Persistence

extension LoadBalancingService {
    /// The resource with that id: 404 when there is none, 403 when the caller may not do this to it. Look-up comes
    /// first, as the original has it.
    static func owner<Record: TreeRecord>(
        _ type: Record.Type, _ id: ResourceID, _ store: TreeStore, _ caller: Caller, _ access: AccessPolicy,
        _ action: PolicyAction
    ) throws -> Record {
        guard let record = try store.find(type, id) else { throw OctaviaFault.notFound(Record.kind, id) }
        try access.require(caller, action, projectID: record.projectID)
        return record
    }

    /// The project of the load balancer that `find` finds, before the transaction that changes its tree.
    func project(ofTreeAt find: @escaping @Sendable (TreeStore) throws -> ResourceID) async throws -> String {
        try await database.read { connection in
            let store = TreeStore(connection)
            return try store.find(LoadBalancer.self, find(store))?.projectID ?? ""
        }
    }

    /// A page of resources that the caller may see.
    ///
    /// - Parameters:
    ///   - actions: The rights to list the caller's own and everybody's.
    ///   - parent: A column and the value it must have, for resources below another one.
    ///   - views: Makes what the API shows of the page.
    func list<Record: TreeRecord, View: Sendable>(
        _ type: Record.Type, _ query: ListQuery, _ caller: Caller,
        actions: (own: PolicyAction, globally: PolicyAction)? = nil,
        below parent: (column: String, id: ResourceID)? = nil,
        _ views: @escaping @Sendable ([Record], TreeStore) throws -> [View]
    ) async throws -> [View] {
        var conditions: [ListRequest.Condition] = []
        if let parent {
            conditions.append(.init(column: parent.column, value: .text(parent.id.string)))
        } else if let actions,
            let project = try settings.access.listedProject(
                caller, actions.own, globally: actions.globally, asked: query.projectID)
        {
            conditions.append(.init(column: "project_id", value: .text(project)))
        }
        if parent != nil, let project = query.projectID {
            conditions.append(.init(column: "project_id", value: .text(project)))
        }
        var monitorID: ResourceID??
        for filter in query.filters {
            // The one filter on a reference that is kept on the other side.
            if Record.kind == .pool, filter.field == "healthmonitor_id", case .text(let text) = filter.value {
                monitorID = .some(ResourceID(text))
                continue
            }
            conditions.append(ListRequest.Condition(filter, kind: Record.kind))
        }
        guard let request = ListRequest(query, conditions: conditions, kind: Record.kind) else {
            throw OctaviaFault.invalidMarker(query.marker ?? "")
        }
        return try await database.read { [monitorID] connection in
            var request = request
            if let monitorID {
                let pool = try monitorID.flatMap { try TreeStore(connection).find(HealthMonitor.self, $0) }?.poolID
                request.conditions.append(.init(column: "id", value: .text(pool?.string ?? "")))
            }
            return try views(TreeListing(connection).page(type, request), TreeStore(connection))
        }
    }
}

extension ListRequest.Condition {
    init(_ filter: ListQuery.Filter, kind: ResourceKind?) {
        let value: DatabaseValue? =
            switch filter.value {
            case .text(let text): .text(text)
            case .integer(let integer): integer.map { .integer($0) }
            case .bool(let bool): .bool(bool)
            case .real(let real): real.map { .real($0) }
            case .time(let time): time?.databaseValue
            }
        var end: DatabaseValue?
        if case .time(let time?) = filter.value { end = time.advanced(bySeconds: 1).databaseValue }
        self.init(column: columnName(filter.field, kind), value: value, below: end)
    }
}

extension ListRequest {
    /// The request for a query; `nil` when the marker is no id.
    fileprivate init?(_ query: ListQuery, conditions: [Condition], kind: ResourceKind) {
        var marker: String?
        if let text = query.marker {
            guard let id = ResourceID(text) else { return nil }
            marker = id.string
        }
        self.init(
            conditions: conditions, tags: query.tags, tagsAny: query.tagsAny, notTags: query.notTags,
            notTagsAny: query.notTagsAny,
            order: query.sort.map { Order(column: columnName($0.field, kind), isDescending: $0.isDescending) },
            limit: query.limit, marker: marker, isPageReversed: query.isPageReversed)
    }
}

/// The column of a field, where the two names differ.
private func columnName(_ field: String, _ kind: ResourceKind?) -> String {
    guard let kind else { return field }
    return switch (kind, field) {
    case (_, "load_balancer_id"): "loadbalancer_id"
    case (_, "enabled"): "admin_state_up"
    case (.l7Rule, "key"): "rule_key"
    default: field
    }
}
