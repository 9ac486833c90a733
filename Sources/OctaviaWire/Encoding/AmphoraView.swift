// Amphorae as the API shows them.

public import JSON
public import LoadBalancing

/// What serves a load balancer: here a process of a node that the service runs itself, so that much of what a machine
/// of its own would have is absent.
public struct AmphoraView: ResourceView, Hashable {
    public static let key = "amphora"
    public static let collectionKey = "amphorae"

    public var id: ResourceID
    public var loadBalancerID: ResourceID
    public var computeID: ResourceID
    /// Where the control plane reaches it.
    public var managementAddress: String
    public var vipAddress: String?
    public var portID: ResourceID?
    /// `ALLOCATED`, `PENDING_CREATE`, `PENDING_DELETE` or `ERROR`.
    public var status: String
    public var zone: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ResourceID, loadBalancerID: ResourceID, computeID: ResourceID, managementAddress: String,
        vipAddress: String?, portID: ResourceID?, status: String, zone: String?, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.loadBalancerID = loadBalancerID
        self.computeID = computeID
        self.managementAddress = managementAddress
        self.vipAddress = vipAddress
        self.portID = portID
        self.status = status
        self.zone = zone
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// The role of an amphora that has no peer.
    public static let role = "STANDALONE"

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("id", id, in: fields)
            writer.field("loadbalancer_id", loadBalancerID, in: fields)
            writer.field("compute_id", computeID, in: fields)
            writer.field("lb_network_ip", managementAddress, in: fields)
            writer.field("vrrp_ip", vipAddress, in: fields)
            writer.field("ha_ip", vipAddress, in: fields)
            writer.field("vrrp_port_id", portID, in: fields)
            writer.field("ha_port_id", portID, in: fields)
            writer.field("cert_expiration", nil as String?, in: fields)
            writer.field("cert_busy", false, in: fields)
            writer.field("role", Self.role, in: fields)
            writer.field("status", status, in: fields)
            writer.field("vrrp_interface", nil as String?, in: fields)
            writer.field("vrrp_id", 1, in: fields)
            writer.field("vrrp_priority", nil as Int?, in: fields)
            writer.field("cached_zone", zone, in: fields)
            writer.field("image_id", nil as String?, in: fields)
            writer.field("compute_flavor", nil as String?, in: fields)
            writer.field("created_at", createdAt.iso8601, in: fields)
            writer.field("updated_at", updatedAt.iso8601, in: fields)
        }
    }

    /// The values by which lists are filtered and sorted; fields that are never set are not among them.
    public var searchableValues: [String: ListQuery.Filter.Value] {
        var values: [String: ListQuery.Filter.Value] = [
            "id": .text(id.string), "loadbalancer_id": .text(loadBalancerID.string),
            "compute_id": .text(computeID.string), "lb_network_ip": .text(managementAddress),
            "cert_busy": .bool(false), "role": .text(Self.role), "status": .text(status), "vrrp_id": .integer(1),
            "created_at": .time(createdAt.wholeSecond), "updated_at": .time(updatedAt.wholeSecond),
        ]
        for name in ["vrrp_ip", "ha_ip"] { values[name] = vipAddress.map { .text($0) } }
        for name in ["vrrp_port_id", "ha_port_id"] { values[name] = portID.map { .text($0.string) } }
        values["cached_zone"] = zone.map { .text($0) }
        return values
    }
}

/// The counters of an amphora: one entry for each listener.
public struct AmphoraStatisticsView: Sendable {
    public var amphoraID: ResourceID
    public var loadBalancerID: ResourceID
    public var listeners: [(id: ResourceID, statistics: ListenerStatistics)]

    public init(
        amphoraID: ResourceID, loadBalancerID: ResourceID,
        listeners: [(id: ResourceID, statistics: ListenerStatistics)]
    ) {
        self.amphoraID = amphoraID
        self.loadBalancerID = loadBalancerID
        self.listeners = listeners
    }

    /// The body: `{"amphora_stats":[…]}`.
    public var body: [UInt8] {
        JSONWriter.object { writer in
            writer.arrayMember("amphora_stats", listeners) { writer, listener in
                writer.object { writer in
                    writer.member("id", amphoraID.string)
                    writer.member("listener_id", listener.id.string)
                    writer.member("loadbalancer_id", loadBalancerID.string)
                    writer.member("bytes_in", listener.statistics.bytesIn)
                    writer.member("bytes_out", listener.statistics.bytesOut)
                    writer.member("active_connections", listener.statistics.activeConnections)
                    writer.member("total_connections", listener.statistics.totalConnections)
                    writer.member("request_errors", listener.statistics.requestErrors)
                }
            }
        }
    }
}
