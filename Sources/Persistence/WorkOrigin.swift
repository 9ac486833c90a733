// For whom work is done: what a request hands on to the reconciler, by way of the table of work.

internal import JSON
public import LoadBalancing

/// The request that caused a piece of work, the newest if there were several.
public struct WorkOrigin: Sendable, Hashable {
    /// `req-` and a UUID.
    public var requestID: String?
    /// The position in the request's trace, as the tracer writes it into headers; empty when nothing is traced.
    public var trace: [String: String]

    public init(requestID: String? = nil, trace: [String: String] = [:]) {
        self.requestID = requestID
        self.trace = trace
    }

    /// Reads what ``traceText`` wrote.
    init(requestID: String?, traceText: String?) {
        self.init(requestID: requestID)
        guard let traceText, let fields = (try? JSONValue(parsing: Array(traceText.utf8)))?.object else { return }
        for (key, value) in fields { trace[key] = value.string }
    }

    /// The trace as one text; `nil` when there is none.
    var traceText: String? {
        guard !trace.isEmpty else { return nil }
        let bytes = JSONWriter.object { writer in
            for (key, value) in trace.sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static let migration = Migration(
        "0004-work-origin",
        [
            "ALTER TABLE work ADD COLUMN request_id TEXT",
            "ALTER TABLE work ADD COLUMN trace TEXT",
        ])
}

/// How much there is to do.
public struct WorkQueue: Sendable, Hashable {
    /// Load balancers with work that is due, held by somebody or not.
    public var due = 0
    /// Those of them that a worker holds.
    public var held = 0
    /// Load balancers whose work failed and is tried again later.
    public var delayed = 0
    /// Since when the oldest work is due that nobody holds.
    public var oldestDue: Timestamp?

    public init() {}
}

extension WorkStore {
    /// Counts what there is to do. Rows without work are not looked at one by one: an index leads to those with some.
    public func queue(at now: Timestamp) throws -> WorkQueue {
        try connection.first(
            """
            SELECT SUM(CASE WHEN next_attempt_at <= ? THEN 1 ELSE 0 END),
                SUM(CASE WHEN lease_until >= ? THEN 1 ELSE 0 END),
                SUM(CASE WHEN next_attempt_at > ? THEN 1 ELSE 0 END),
                MIN(CASE WHEN next_attempt_at <= ? AND (lease_until IS NULL OR lease_until < ?)
                    THEN next_attempt_at END)
            FROM work WHERE generation > applied_generation OR is_retry = 1
            """, [now, now, now, now, now]
        ) { row in
            var queue = WorkQueue()
            queue.due = Int(row.optionalInteger(0) ?? 0)
            queue.held = Int(row.optionalInteger(1) ?? 0)
            queue.delayed = Int(row.optionalInteger(2) ?? 0)
            queue.oldestDue = row.optionalTimestamp(3)
            return queue
        } ?? WorkQueue()
    }

    /// Load balancers by provisioning and operating status.
    public func statusCounts() throws -> [(provisioning: String, operating: String, count: Int)] {
        try connection.query(
            """
            SELECT provisioning_status, operating_status, COUNT(*) FROM load_balancer
            GROUP BY provisioning_status, operating_status
            """, []
        ) { ($0.text(0), $0.text(1), $0.int(2)) }
    }
}
