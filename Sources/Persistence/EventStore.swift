// Writing and pruning timelines inside a transaction.

public import LoadBalancing

extension LoadBalancerEvent: ListedRecord {
    public static let table = "load_balancer_event"
    public static let columns = [
        "id", "loadbalancer_id", "project_id", "type", "object_type", "object_id", "user_id", "request_id",
        "generation",
        "fields", "duration", "message", "occurrences", "created_at", "updated_at",
    ]

    public init(row: borrowing DatabaseRow) {
        self.init(
            id: row.resourceID(0), loadBalancerID: row.resourceID(1), projectID: row.text(2),
            kind: row.word(3, default: .updated), objectKind: ResourceKind(fieldName: row.text(4)) ?? .loadBalancer,
            objectID: row.resourceID(5), userID: row.optionalText(6), requestID: row.optionalText(7),
            generation: row.optionalInteger(8), fields: StoredList.strings(row.text(9)),
            duration: row.optionalInteger(10), message: row.text(11), occurrences: row.integer(12),
            createdAt: row.timestamp(13), updatedAt: row.optionalTimestamp(14))
    }

    fileprivate var values: [any DatabaseValueConvertible] {
        [
            id, loadBalancerID, projectID, kind.rawValue, objectKind.fieldName, objectID, userID, requestID, generation,
            StoredList.text(fields), duration, message, occurrences, createdAt, updatedAt,
        ]
    }
}

/// Appends to timelines, in the transaction of what they tell.
public struct EventStore {
    /// How many events of a load balancer are kept; some more may be there between two prunings.
    public static let mostPerLoadBalancer = 500
    /// The most characters of a message.
    private static let longestMessage = 1_000

    private let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    /// Adds an event.
    public func append(_ event: LoadBalancerEvent) throws {
        var event = event
        if event.message.count > Self.longestMessage {
            event.message = event.message.prefix(Self.longestMessage - 1) + "…"
        }
        try connection.insert(
            into: LoadBalancerEvent.table, Array(zip(LoadBalancerEvent.columns, event.values)).map { ($0, $1) })
        // Now and then, so that nobody who makes many events can have many kept until the housekeeper comes.
        if UInt8.random(in: 0...255) < 2 { try prune(event.loadBalancerID) }
    }

    /// Adds an event of what may happen again and again: behind so many of the same kind and object within so many
    /// seconds the newest of these is changed instead.
    public func append(_ event: LoadBalancerEvent, mergingAfter most: Int, within seconds: Double) throws {
        let ids = try connection.query(
            """
            SELECT id FROM load_balancer_event
            WHERE loadbalancer_id = ? AND created_at >= ? AND type = ? AND object_id = ?
            ORDER BY created_at DESC, id DESC LIMIT ?
            """,
            [
                event.loadBalancerID, event.createdAt.advanced(bySeconds: -seconds), event.kind.rawValue,
                event.objectID, most,
            ]
        ) { $0.resourceID(0) }
        guard ids.count >= most, let newest = ids.first else { return try append(event) }
        try connection.execute(
            """
            UPDATE load_balancer_event SET occurrences = occurrences + 1, updated_at = ?, message = ?, generation = ?
            WHERE id = ?
            """,
            [event.createdAt, String(event.message.prefix(Self.longestMessage)), event.generation, newest])
    }

    /// The project of a load balancer that has events, whether it exists or not.
    public func project(of loadBalancer: ResourceID) throws -> String? {
        try connection.first(
            "SELECT project_id FROM load_balancer_event WHERE loadbalancer_id = ? LIMIT 1", [loadBalancer]
        ) { $0.text(0) }
    }

    /// Removes what is older than a time, and the oldest of load balancers that have too many.
    ///
    /// - Returns: how many events went.
    @discardableResult
    public func prune(before time: Timestamp) throws -> Int {
        var count = try connection.execute(
            "DELETE FROM load_balancer_event WHERE id < ?", [ResourceID.lowestTimeOrdered(at: time)])
        let crowded = try connection.query(
            "SELECT loadbalancer_id FROM load_balancer_event GROUP BY loadbalancer_id HAVING COUNT(*) > ?",
            [Self.mostPerLoadBalancer]
        ) { $0.resourceID(0) }
        for loadBalancer in crowded { count += try prune(loadBalancer) }
        return count
    }

    /// Removes the oldest events of a load balancer that has too many.
    @discardableResult
    private func prune(_ loadBalancer: ResourceID) throws -> Int {
        let oldestKept = try connection.first(
            """
            SELECT created_at FROM load_balancer_event WHERE loadbalancer_id = ?
            ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?
            """, [loadBalancer, Self.mostPerLoadBalancer - 1]
        ) { $0.timestamp(0) }
        guard let oldestKept else { return 0 }
        return try connection.execute(
            "DELETE FROM load_balancer_event WHERE loadbalancer_id = ? AND created_at < ?", [loadBalancer, oldestKept])
    }
}

extension TreeRecord {
    /// The columns in which the owner's part of two versions of a resource differs.
    public func changedFields(since old: Self) -> [String] {
        var names = zip(Self.ownColumns, zip(ownValues, old.ownValues)).compactMap { name, pair in
            pair.0.databaseValue == pair.1.databaseValue ? nil : name == "rule_key" ? "key" : name
        }
        if core.adminStateUp != old.core.adminStateUp { names.append("admin_state_up") }
        if core.tags != old.core.tags { names.append("tags") }
        return names
    }
}
