// Which process or machine serves a load balancer.

public import LoadBalancing

/// What serves one load balancer, under an identifier that changes with every failover.
public struct AmphoraRecord: Sendable, Hashable {
    public var id: ResourceID
    public var loadBalancerID: ResourceID
    public var computeID: ResourceID
    public var createdAt: Timestamp
}

/// Reads and writes amphorae inside a transaction. They end with their load balancer (``TreeStore/deleteTree(of:)``).
public struct AmphoraStore {
    private let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    /// Gives a load balancer a new amphora in place of the one it has, if any.
    public func replace(ofLoadBalancer id: ResourceID, at now: Timestamp) throws {
        try connection.execute("DELETE FROM amphora WHERE loadbalancer_id = ?", [id])
        try connection.insert(
            into: "amphora",
            [
                ("id", ResourceID.random()), ("loadbalancer_id", id), ("compute_id", ResourceID.random()),
                ("created_at", now),
            ])
    }

    /// The amphorae with their load balancers, oldest first; of one load balancer, or all.
    public func all(ofLoadBalancer id: ResourceID? = nil) throws -> [(amphora: AmphoraRecord, owner: LoadBalancer)] {
        let order = "ORDER BY created_at, id"
        let columns = "SELECT id, loadbalancer_id, compute_id, created_at FROM amphora"
        let amphorae = try connection.query(
            id == nil ? "\(columns) \(order)" : "\(columns) WHERE loadbalancer_id = ? \(order)", id.map { [$0] } ?? []
        ) { Self.amphora($0) }
        let owners: [LoadBalancer]
        if let id {
            owners = try TreeStore(connection).find(LoadBalancer.self, id).map { [$0] } ?? []
        } else {
            owners = try connection.query(LoadBalancer.selection, []) { LoadBalancer(row: $0) }
        }
        let byID = Dictionary(owners.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return amphorae.compactMap { amphora in byID[amphora.loadBalancerID].map { (amphora, $0) } }
    }

    /// The amphora with that id.
    public func find(_ id: ResourceID) throws -> AmphoraRecord? {
        try connection.first(
            "SELECT id, loadbalancer_id, compute_id, created_at FROM amphora WHERE id = ?", [id]
        ) { Self.amphora($0) }
    }

    private static func amphora(_ row: borrowing DatabaseRow) -> AmphoraRecord {
        AmphoraRecord(
            id: row.resourceID(0), loadBalancerID: row.resourceID(1), computeID: row.resourceID(2),
            createdAt: row.timestamp(3))
    }
}

extension TreeStore {
    /// The counters of each listener of a load balancer that has any.
    public func statistics(
        ofListenersOf id: ResourceID
    ) throws -> [(listenerID: ResourceID, statistics: ListenerStatistics)] {
        try all(Listener.self, where: "loadbalancer_id", is: id).map { listener in
            (listener.id, try statistics(where: "listener_id", is: listener.id))
        }
    }

    /// The policies of a listener by position, those on their way out too.
    public func policies(ofListener id: ResourceID) throws -> [L7Policy] {
        try all(L7Policy.self, where: "listener_id", is: id).sorted { ($0.position, $0.id) < ($1.position, $1.id) }
    }

    /// Gives the policies of a listener the positions 1, 2, … in the order of the list.
    public func setPositions(_ policies: [L7Policy]) throws {
        for (index, policy) in policies.enumerated() where policy.position != index + 1 {
            try setPosition(index + 1, of: policy.id)
        }
    }
}
