// Observations on their way from the process with the data plane to those that judge them.

internal import FoundationEssentials
public import LoadBalancing

/// The newest observation of each load balancer, and whether somebody has judged it.
///
/// One row for each load balancer, so the table is bounded however long nobody reads it.
public struct ObservationStore {
    private let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    static let migration = Migration(
        "0006-observation",
        [
            """
            CREATE TABLE observation (
                loadbalancer_id TEXT PRIMARY KEY NOT NULL,
                report TEXT NOT NULL,
                sequence BIGINT NOT NULL,
                judged BIGINT NOT NULL,
                reported_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX observation_by_state ON observation (judged, reported_at)",
        ])

    /// Keeps an observation as the newest one.
    public func put(_ report: DataPlaneReport, at now: Timestamp) throws {
        let text = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        try connection.execute(
            """
            INSERT INTO observation (loadbalancer_id, report, sequence, judged, reported_at) VALUES (?, ?, 1, 0, ?)
            ON CONFLICT (loadbalancer_id) DO UPDATE SET report = excluded.report, judged = 0,
                sequence = observation.sequence + 1, reported_at = excluded.reported_at
            """, [report.loadBalancerID, text, now])
    }

    /// Observations that nobody has judged, oldest first, with the numbers by which ``judge(_:_:)`` knows them.
    ///
    /// - Parameter latest: The newest that are wanted.
    public func waiting(
        until latest: Timestamp, limit: Int
    ) throws -> [(report: DataPlaneReport, sequence: Int64)] {
        try connection.query(
            """
            SELECT report, sequence FROM observation WHERE judged = 0 AND reported_at <= ?
            ORDER BY reported_at LIMIT ?
            """, [latest, limit]
        ) { row in
            (try? JSONDecoder().decode(DataPlaneReport.self, from: Data(row.text(0).utf8))).map { ($0, row.integer(1)) }
        }.compactMap { $0 }
    }

    /// Whether an observation is still the newest one and nobody has judged it.
    public func isWaiting(_ loadBalancer: ResourceID, _ sequence: Int64) throws -> Bool {
        try connection.exists(
            "SELECT 1 FROM observation WHERE loadbalancer_id = ? AND sequence = ? AND judged = 0",
            [loadBalancer, sequence])
    }

    /// Notes that an observation was judged, in the transaction that writes what follows from it.
    public func judge(_ loadBalancer: ResourceID, _ sequence: Int64) throws {
        try connection.execute(
            "UPDATE observation SET judged = 1 WHERE loadbalancer_id = ? AND sequence = ?", [loadBalancer, sequence])
    }

    /// The newest observation of a load balancer.
    public func newest(of loadBalancer: ResourceID) throws -> (report: DataPlaneReport, sequence: Int64)? {
        try connection.first(
            "SELECT report, sequence FROM observation WHERE loadbalancer_id = ?", [loadBalancer]
        ) { row in
            (try? JSONDecoder().decode(DataPlaneReport.self, from: Data(row.text(0).utf8))).map { ($0, row.integer(1)) }
        } ?? nil
    }

    /// Forgets the observations of a load balancer.
    public func remove(_ loadBalancer: ResourceID) throws {
        try connection.execute("DELETE FROM observation WHERE loadbalancer_id = ?", [loadBalancer])
    }

    /// Forgets everything: for a process that judges what it observes itself.
    public func removeAll() throws {
        try connection.execute("DELETE FROM observation")
    }
}
