// Reading and writing the resources of trees inside a transaction.

public import LoadBalancing

/// Typed operations on the tables of ``LoadBalancingSchema``.
public struct TreeStore {
    private let connection: any DatabaseConnection

    /// Works inside the transaction of the connection.
    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    // MARK: Single resources

    /// The resource with that id, whatever its status.
    public func find<Record: TreeRecord>(_ type: Record.Type, _ id: ResourceID) throws -> Record? {
        try connection.first("\(Record.selection) WHERE id = ?", [id]) { Record(row: $0) }
    }

    /// The resources in which a column has a value, in order of creation.
    public func all<Record: TreeRecord>(
        _ type: Record.Type, where column: String, is value: any DatabaseValueConvertible
    ) throws -> [Record] {
        try connection.query("\(Record.selection) WHERE \(column) = ? ORDER BY created_at, id", [value]) {
            Record(row: $0)
        }
    }

    public func insert<Record: TreeRecord>(_ record: Record) throws {
        try connection.insert(into: Record.table, Array(zip(Record.columns, record.values)).map { ($0, $1) })
        try insertTags(of: record)
    }

    /// Writes all columns of a resource that exists.
    public func update<Record: TreeRecord>(_ record: Record) throws {
        try connection.update(
            Record.table, zip(Record.columns, record.values).dropFirst().map { ($0, $1) }, where: "id", is: record.id)
        try connection.execute("DELETE FROM resource_tag WHERE resource_id = ?", [record.id])
        try insertTags(of: record)
    }

    /// Removes a row and its tags.
    public func delete<Record: TreeRecord>(_ type: Record.Type, _ id: ResourceID) throws {
        try connection.execute("DELETE FROM resource_tag WHERE resource_id = ?", [id])
        try connection.execute("DELETE FROM \(Record.table) WHERE id = ?", [id])
    }

    private func insertTags(of record: some TreeRecord) throws {
        for tag in record.core.tags {
            try connection.insert(into: "resource_tag", [("resource_id", record.id), ("tag", tag)])
        }
    }

    // MARK: Statuses

    /// Sets statuses and what belongs to them, and nothing else of the row.
    public func setStatus<Record: TreeRecord>(
        _ type: Record.Type, _ id: ResourceID, provisioning: ProvisioningStatus, reason: String? = nil,
        at now: Timestamp
    ) throws {
        try connection.execute(
            "UPDATE \(Record.table) SET provisioning_status = ?, status_reason = ?, updated_at = ? WHERE id = ?",
            [provisioning.rawValue, reason, now, id])
    }

    /// Sets the operating status only.
    public func setOperatingStatus<Record: TreeRecord>(
        _ type: Record.Type, _ id: ResourceID, _ status: OperatingStatus, at now: Timestamp
    ) throws {
        try connection.execute(
            "UPDATE \(Record.table) SET operating_status = ?, updated_at = ? WHERE id = ?", [status.rawValue, now, id])
    }

    /// Turns a resource that the owner's change touches to PENDING_UPDATE as of a generation; one that is still being
    /// created stays in PENDING_CREATE.
    public func touch<Record: TreeRecord>(
        _ type: Record.Type, _ id: ResourceID, generation: Int64, at now: Timestamp
    ) throws {
        try connection.execute(
            """
            UPDATE \(Record.table) SET generation = ?, updated_at = ?, status_reason = NULL,
                provisioning_status = CASE provisioning_status
                    WHEN 'PENDING_CREATE' THEN 'PENDING_CREATE' ELSE 'PENDING_UPDATE' END
            WHERE id = ? AND is_being_deleted = 0
            """, [generation, now, id])
    }

    // MARK: Trees

    /// The whole tree of a load balancer.
    ///
    /// - Parameter known: The tree as it was read before: as long as its owner has not changed it since, kinds of
    ///   resources that it did not have are not looked for again.
    public func tree(of id: ResourceID, known: LoadBalancerTree? = nil) throws -> LoadBalancerTree? {
        guard let loadBalancer = try find(LoadBalancer.self, id) else { return nil }
        let unchanged = known.flatMap { $0.loadBalancer.core.generation == loadBalancer.core.generation ? $0 : nil }
        func all<Record: TreeRecord>(
            _ known: [Record]?, order: String = "created_at, id"
        ) throws -> [Record] {
            if known?.isEmpty == true { return [] }
            return try connection.query("\(Record.selection) WHERE loadbalancer_id = ? ORDER BY \(order)", [id]) {
                Record(row: $0)
            }
        }
        return LoadBalancerTree(
            loadBalancer: loadBalancer, listeners: try all(unchanged?.listeners), pools: try all(unchanged?.pools),
            members: try all(unchanged?.members), healthMonitors: try all(unchanged?.healthMonitors),
            l7Policies: try all(unchanged?.l7Policies, order: "listener_id, position"),
            l7Rules: try all(unchanged?.l7Rules))
    }

    /// Whether a load balancer has listeners or pools that are not on their way out.
    public func hasChildren(_ id: ResourceID) throws -> Bool {
        for table in [Listener.table, Pool.table] {
            let sql = "SELECT 1 FROM \(table) WHERE loadbalancer_id = ? AND is_being_deleted = 0 LIMIT 1"
            if try connection.exists(sql, [id]) { return true }
        }
        return false
    }

    /// Removes a load balancer and everything below it.
    public func deleteTree(of id: ResourceID) throws {
        for table in [
            L7Rule.table, L7Policy.table, HealthMonitor.table, Member.table, Listener.table, Pool.table,
        ] {
            try connection.execute(
                "DELETE FROM resource_tag WHERE resource_id IN (SELECT id FROM \(table) WHERE loadbalancer_id = ?)",
                [id])
            try connection.execute("DELETE FROM \(table) WHERE loadbalancer_id = ?", [id])
        }
        try connection.execute("DELETE FROM listener_statistics WHERE loadbalancer_id = ?", [id])
        try connection.execute("DELETE FROM work WHERE loadbalancer_id = ?", [id])
        try ObservationStore(connection).remove(id)
        try connection.execute("DELETE FROM amphora WHERE loadbalancer_id = ?", [id])
        try delete(LoadBalancer.self, id)
    }

    // MARK: References between resources

    /// For each of many parents, the ids of its children in order: one query, whatever the number of parents.
    public func children<Record: TreeRecord>(
        _ type: Record.Type, by column: String, of parents: [ResourceID], order: String = "created_at, id"
    ) throws -> [ResourceID: [ResourceID]] {
        var result: [ResourceID: [ResourceID]] = [:]
        for (marks, batch) in IdentifierBatches(parents) {
            let pairs = try connection.query(
                "SELECT \(column), id FROM \(Record.table) WHERE \(column) IN (\(marks)) ORDER BY \(order)", batch
            ) { (parent: $0.resourceID(0), child: $0.resourceID(1)) }
            for pair in pairs { result[pair.parent, default: []].append(pair.child) }
        }
        return result
    }

    /// For each of many pools, the listeners that send traffic to it: those that have it as default pool, and those
    /// with an enabled policy that has at least one rule and redirects to it.
    public func listeners(usingPools pools: [ResourceID]) throws -> [ResourceID: [ResourceID]] {
        var result = try children(Listener.self, by: "default_pool_id", of: pools)
        for (marks, batch) in IdentifierBatches(pools) {
            let pairs = try connection.query(
                """
                SELECT DISTINCT p.redirect_pool_id, p.listener_id FROM l7_policy p
                WHERE p.redirect_pool_id IN (\(marks)) AND p.admin_state_up = 1
                    AND EXISTS (SELECT 1 FROM l7_rule r WHERE r.l7policy_id = p.id)
                """, batch
            ) { (pool: $0.resourceID(0), listener: $0.resourceID(1)) }
            for pair in pairs where !(result[pair.pool]?.contains(pair.listener) ?? false) {
                result[pair.pool, default: []].append(pair.listener)
            }
        }
        return result
    }

    /// Sets the position of a policy, and nothing else of the row.
    func setPosition(_ position: Int, of policy: ResourceID) throws {
        try connection.execute("UPDATE l7_policy SET position = ? WHERE id = ?", [position, policy])
    }

    // MARK: Statistics

    /// Keeps the newest counters of a listener.
    public func setStatistics(
        _ statistics: ListenerStatistics, ofListener id: ResourceID, loadBalancer: ResourceID
    ) throws {
        try connection.execute(
            """
            INSERT INTO listener_statistics (listener_id, loadbalancer_id, bytes_in, bytes_out, active_connections,
                total_connections, request_errors) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (listener_id) DO UPDATE SET bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out,
                active_connections = excluded.active_connections, total_connections = excluded.total_connections,
                request_errors = excluded.request_errors
            """,
            [
                id, loadBalancer, statistics.bytesIn, statistics.bytesOut, statistics.activeConnections,
                statistics.totalConnections, statistics.requestErrors,
            ])
    }

    /// The counters of one listener, or the sums over a load balancer's; zeros when nothing is known.
    public func statistics(where column: String, is id: ResourceID) throws -> ListenerStatistics {
        try connection.query(
            """
            SELECT bytes_in, bytes_out, active_connections, total_connections, request_errors
            FROM listener_statistics WHERE \(column) = ?
            """, [id]
        ) { row in
            ListenerStatistics(
                bytesIn: row.integer(0), bytesOut: row.integer(1), activeConnections: row.integer(2),
                totalConnections: row.integer(3), requestErrors: row.integer(4))
        }.reduce(ListenerStatistics(), +)
    }
}

/// Splits many ids into batches whose statements have few different texts, so that prepared ones are used again.
private struct IdentifierBatches: Sequence, IteratorProtocol {
    private var rest: ArraySlice<ResourceID>

    init(_ ids: [ResourceID]) {
        rest = ids[...]
    }

    mutating func next() -> (marks: String, arguments: [any DatabaseValueConvertible])? {
        guard !rest.isEmpty else { return nil }
        var size = 1
        while size < rest.count, size < 512 { size *= 2 }
        var batch = Array(rest.prefix(size))
        rest = rest.dropFirst(size)
        if let last = batch.last { batch += Array(repeating: last, count: size - batch.count) }
        return (String(repeating: "?,", count: size - 1) + "?", batch)
    }
}

extension TreeStore {
    /// Writes a whole new tree.
    public func insert(_ tree: LoadBalancerTree) throws {
        try insert(tree.loadBalancer)
        for pool in tree.pools { try insert(pool) }
        for monitor in tree.healthMonitors { try insert(monitor) }
        for member in tree.members { try insert(member) }
        for listener in tree.listeners { try insert(listener) }
        for policy in tree.l7Policies { try insert(policy) }
        for rule in tree.l7Rules { try insert(rule) }
    }
}
