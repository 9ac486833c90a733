// The table of work: which load balancer has changes that the data plane does not have.

public import LoadBalancing

/// One piece of work that a worker holds.
public struct WorkItem: Sendable, Hashable {
    public var loadBalancerID: ResourceID
    /// The newest version of the tree when the work was claimed.
    public var generation: Int64
    /// The newest version that was applied before.
    public var appliedGeneration: Int64
    /// How often this work failed since the owner's last change.
    public var attempts: Int
    /// When the work was due; another value in the table says that somebody asked for it again meanwhile.
    public var dueAt: Timestamp
    /// For whom it is done.
    public var origin = WorkOrigin()
    /// Fences the holder: every later write of the holder names it, and fails once somebody else took over.
    public var lease: String
    /// The lease that another worker let run out, if the work was taken over from one.
    public var formerLease: String?
}

/// Claims, renews and finishes work inside a transaction.
///
/// The statements are such that two workers cannot hold one piece of work even where transactions run side by side:
/// each change repeats its condition.
public struct WorkStore {
    let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    /// Records in the same transaction as the owner's change that there is work.
    public func record(
        _ loadBalancer: ResourceID, generation: Int64, at now: Timestamp, for origin: WorkOrigin = WorkOrigin()
    ) throws {
        try connection.execute(
            """
            INSERT INTO work (loadbalancer_id, generation, applied_generation, is_retry, attempts, next_attempt_at,
                request_id, trace)
            VALUES (?, ?, 0, 0, 0, ?, ?, ?)
            ON CONFLICT (loadbalancer_id) DO UPDATE SET generation = excluded.generation, attempts = 0,
                next_attempt_at = excluded.next_attempt_at, request_id = excluded.request_id, trace = excluded.trace
            """, [loadBalancer, generation, now, origin.requestID, origin.traceText])
        try connection.announce(.work)
    }

    private static let isDue = "next_attempt_at <= ? AND (lease_until IS NULL OR lease_until < ?)"
    private static let isWork = "(generation > applied_generation OR is_retry = 1)"

    /// Takes the piece of work that is due longest and that nobody holds.
    ///
    /// - Parameter prefersChanges: Whether what an owner has changed comes before what is only compared again: after a
    ///   start that is every load balancer.
    public func claim(
        lease: String, until leaseEnd: Timestamp, at now: Timestamp, prefersChanges: Bool = true
    ) throws -> WorkItem? {
        func longestDue(_ kind: String) throws -> (id: ResourceID, lease: String?)? {
            try connection.first(
                """
                SELECT loadbalancer_id, lease FROM work WHERE \(kind) AND \(Self.isDue)
                ORDER BY next_attempt_at LIMIT 1
                """, [now, now]
            ) { row in (id: row.resourceID(0), lease: row.optionalText(1)) }
        }
        let changed = prefersChanges ? try longestDue("generation > applied_generation") : nil
        guard let next = try changed ?? longestDue(Self.isWork) else { return nil }
        return try connection.first(
            """
            UPDATE work SET lease = ?, lease_until = ? WHERE loadbalancer_id = ? AND \(Self.isWork)
                AND \(Self.isDue)
            RETURNING loadbalancer_id, generation, applied_generation, attempts, next_attempt_at, request_id, trace
            """, [lease, leaseEnd, next.id, now, now]
        ) { row in
            WorkItem(
                loadBalancerID: row.resourceID(0), generation: row.integer(1), appliedGeneration: row.integer(2),
                attempts: row.int(3), dueAt: row.timestamp(4),
                origin: WorkOrigin(requestID: row.optionalText(5), traceText: row.optionalText(6)), lease: lease,
                formerLease: next.lease)
        }
    }

    /// Keeps work for longer; false when somebody else has taken it.
    public func renew(_ item: WorkItem, until leaseEnd: Timestamp) throws -> Bool {
        try connection.execute(
            "UPDATE work SET lease_until = ? WHERE loadbalancer_id = ? AND lease = ?",
            [leaseEnd, item.loadBalancerID, item.lease]) == 1
    }

    /// Gives work back: applied up to the item's generation, and perhaps to be repeated although nothing changed.
    ///
    /// - Returns: false when somebody else has taken the work, so that the result must not be written.
    public func finish(_ item: WorkItem, retryAt: Timestamp?, at now: Timestamp) throws -> Bool {
        try connection.execute(
            """
            UPDATE work SET applied_generation = ?, lease = NULL, lease_until = NULL,
                is_retry = CASE WHEN next_attempt_at <> ? THEN 1 ELSE ? END,
                attempts = CASE WHEN next_attempt_at <> ? THEN 0 ELSE ? END,
                next_attempt_at = CASE WHEN next_attempt_at <> ? THEN next_attempt_at ELSE ? END
            WHERE loadbalancer_id = ? AND lease = ?
            """,
            [
                item.generation, item.dueAt, retryAt != nil, item.dueAt, retryAt == nil ? 0 : item.attempts + 1,
                item.dueAt, retryAt ?? now, item.loadBalancerID, item.lease,
            ]) == 1
    }

    /// Gives work back that could not be done, to be tried again at a time; at once if the owner changed the tree
    /// meanwhile.
    ///
    /// - Returns: false when somebody else has taken the work.
    public func fail(_ item: WorkItem, retryAt: Timestamp) throws -> Bool {
        try connection.execute(
            """
            UPDATE work SET lease = NULL, lease_until = NULL,
                attempts = CASE WHEN next_attempt_at <> ? THEN 0 ELSE ? END,
                next_attempt_at = CASE WHEN next_attempt_at <> ? THEN next_attempt_at ELSE ? END
            WHERE loadbalancer_id = ? AND lease = ?
            """,
            [item.dueAt, item.attempts + 1, item.dueAt, retryAt, item.loadBalancerID, item.lease]) == 1
    }

    /// Whether there is a piece of work that is due and that nobody holds.
    public func isAnyDue(at now: Timestamp) throws -> Bool {
        try connection.exists("SELECT 1 FROM work WHERE \(Self.isWork) AND \(Self.isDue) LIMIT 1", [now, now])
    }

    /// Gives work back as it was, for whoever comes next; nothing happens when somebody else has it.
    public func release(lease: String) throws {
        try connection.execute("UPDATE work SET lease = NULL, lease_until = NULL WHERE lease = ?", [lease])
        try connection.announce(.work)
    }

    /// Ends the leases that begin with a holder's name and a slash: for the only process of that name, at its start.
    public func releaseLeases(of holder: String) throws {
        // Names of holders have no wildcards.
        try connection.execute(
            "UPDATE work SET lease = NULL, lease_until = NULL WHERE lease LIKE ?", ["\(holder)/%"])
    }

    /// Ends all leases: for the only process that uses the database, at its start.
    public func releaseAllLeases() throws {
        try connection.execute("UPDATE work SET lease = NULL, lease_until = NULL")
    }

    /// How long leases and pauses are at the most, in seconds.
    private static let longestWait: Double = 600

    /// Frees and brings forward what would be held or due later than it can be: the clock has been set back meanwhile.
    public func bringForward(at now: Timestamp) throws {
        let latest = now.advanced(bySeconds: Self.longestWait)
        let freed = try connection.execute(
            "UPDATE work SET lease = NULL, lease_until = NULL WHERE lease_until > ?", [latest])
        let moved = try connection.execute(
            "UPDATE work SET next_attempt_at = ? WHERE next_attempt_at > ?", [now, latest])
        if freed + moved > 0 { try connection.announce(.work) }
    }

    /// Has the load balancers on a port compared with the data plane again: an address of the port came or went.
    public func repeatWork(onPort port: ResourceID, at now: Timestamp) throws {
        try connection.execute(
            """
            UPDATE work SET is_retry = 1, attempts = 0, next_attempt_at = ?
            WHERE loadbalancer_id IN (SELECT id FROM load_balancer WHERE vip_port_id = ?)
            """, [now, port])
        try connection.announce(.work)
    }

    /// Has every load balancer compared with the data plane again: after a start, when nobody knows what runs.
    public func repeatAll(at now: Timestamp) throws {
        try connection.execute("UPDATE work SET is_retry = 1, attempts = 0, next_attempt_at = ?", [now])
        try connection.announce(.work)
    }
}
