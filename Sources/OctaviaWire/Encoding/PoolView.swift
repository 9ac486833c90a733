// A pool as the API shows it.

public import JSON
public import LoadBalancing

/// A pool, the ids of the listeners that use it, of its members, and of its monitor.
public struct PoolView: ResourceView {
    public static let key = "pool"
    public static let collectionKey = "pools"

    public var pool: Pool
    /// The listeners that have it as default pool, or reach it by an enabled policy that has a rule.
    public var listenerIDs: [ResourceID]
    public var memberIDs: [ResourceID]
    public var healthMonitorID: ResourceID?

    public init(_ pool: Pool, listenerIDs: [ResourceID], memberIDs: [ResourceID], healthMonitorID: ResourceID?) {
        self.pool = pool
        self.listenerIDs = listenerIDs
        self.memberIDs = memberIDs
        self.healthMonitorID = healthMonitorID
    }

    public init(_ pool: Pool, in tree: LoadBalancerTree) {
        self.init(
            pool, listenerIDs: tree.listeners(usingPool: pool.id).map(\.id),
            memberIDs: tree.members(ofPool: pool.id).map(\.id),
            healthMonitorID: tree.healthMonitor(ofPool: pool.id)?.id)
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.fields(of: pool, in: fields)
            writer.references("loadbalancers", CollectionOfOne(pool.loadBalancerID), in: fields)
            writer.references("listeners", listenerIDs, in: fields)
            writer.references("members", memberIDs, in: fields)
            // Absent, not null, when there is none.
            if let healthMonitorID { writer.field("healthmonitor_id", healthMonitorID, in: fields) }
        }
    }
}

extension JSONWriter {
    /// The fields of a pool but for those that refer to other resources.
    mutating func fields(of pool: Pool, in fields: FieldSelection) {
        field("id", pool.id, in: fields)
        field("name", pool.name, in: fields)
        field("description", pool.description, in: fields)
        core(pool.core, in: fields)
        field("protocol", pool.poolProtocol.rawValue, in: fields)
        field("lb_algorithm", pool.algorithm.rawValue, in: fields)
        if fields.contains("session_persistence") {
            if let persistence = pool.sessionPersistence {
                objectMember("session_persistence") { writer in
                    writer.member("type", persistence.type.rawValue)
                    writer.member("cookie_name", persistence.cookieName)
                    writer.member("persistence_timeout", persistence.timeout)
                    writer.member("persistence_granularity", persistence.granularity)
                }
            } else {
                nullMember("session_persistence")
            }
        }
        field("tls_enabled", pool.tls.isEnabled, in: fields)
        field("tls_container_ref", pool.tls.containerRef, in: fields)
        field("ca_tls_container_ref", pool.tls.caContainerRef, in: fields)
        field("crl_container_ref", pool.tls.crlContainerRef, in: fields)
        field("tls_ciphers", pool.tls.ciphers, in: fields)
        field("tls_versions", pool.tls.versions, in: fields)
        field("alpn_protocols", pool.tls.alpnProtocols, in: fields)
    }
}
