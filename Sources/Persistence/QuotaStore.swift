// How many resources a project may have, and how many it has.

public import LoadBalancing

/// The quotas of one project as they are stored; a kind without a value has the deployment's default.
public struct QuotaRecord: ListedRecord, Hashable {
    public static let table = "quota"
    public static let columns = ["project_id"] + QuotaStore.columns.map(\.name) + ["created_at"]

    public var projectID: String
    public var limits: [ResourceKind: Int]

    public init(projectID: String, limits: [ResourceKind: Int] = [:]) {
        self.projectID = projectID
        self.limits = limits
    }

    public init(row: borrowing DatabaseRow) {
        self.init(projectID: row.text(0))
        for (index, column) in QuotaStore.columns.enumerated() { limits[column.kind] = row.optionalInt(index + 1) }
    }
}

/// Reads, writes and counts inside a transaction.
public struct QuotaStore {
    /// The columns of limits, and the tables of what they limit.
    static let columns: [(kind: ResourceKind, name: String, table: String)] = [
        (.loadBalancer, "load_balancer", LoadBalancer.table), (.listener, "listener", Listener.table),
        (.pool, "pool", Pool.table), (.member, "member", Member.table),
        (.healthMonitor, "health_monitor", HealthMonitor.table), (.l7Policy, "l7policy", L7Policy.table),
        (.l7Rule, "l7rule", L7Rule.table),
    ]

    private let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    /// The stored quotas of a project, if it has any.
    public func find(_ projectID: String) throws -> QuotaRecord? {
        try connection.first("\(QuotaRecord.selection) WHERE project_id = ?", [projectID]) { QuotaRecord(row: $0) }
    }

    /// Makes sure that a project has a row, which lists show.
    public func ensure(_ projectID: String, at now: Timestamp) throws {
        try connection.execute(
            "INSERT INTO quota (project_id, created_at) VALUES (?, ?) ON CONFLICT (project_id) DO NOTHING",
            [projectID, now])
    }

    /// Sets the limits of those kinds; an absent value goes back to the default.
    public func set(_ limits: [(kind: ResourceKind, limit: Int?)], of projectID: String) throws {
        for (kind, limit) in limits {
            guard let column = Self.columns.first(where: { $0.kind == kind }) else { continue }
            try connection.execute("UPDATE quota SET \(column.name) = ? WHERE project_id = ?", [limit, projectID])
        }
    }

    /// Takes the limits of a project back; false when it has no row. The row stays, and lists go on to show it.
    public func reset(_ projectID: String) throws -> Bool {
        let defaults = Self.columns.map { "\($0.name) = NULL" }.joined(separator: ", ")
        return try connection.execute("UPDATE quota SET \(defaults) WHERE project_id = ?", [projectID]) > 0
    }

    /// How many resources of a kind a project has, whatever their status: what is being deleted counts until it is gone.
    public func usage(of projectID: String, _ kind: ResourceKind) throws -> Int {
        guard let column = Self.columns.first(where: { $0.kind == kind }) else { return 0 }
        return try connection.first("SELECT COUNT(*) FROM \(column.table) WHERE project_id = ?", [projectID]) {
            $0.int(0)
        } ?? 0
    }
}
