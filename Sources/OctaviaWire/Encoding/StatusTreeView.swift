// The statuses of a load balancer and of everything that traffic passes.

public import JSON
public import LoadBalancing

/// The answer of `GET /loadbalancers/{id}/status`. Pools that no listener sends traffic to are not shown; pools that
/// several do are repeated.
public struct StatusTreeView: JSONWritable, Sendable {
    public var tree: LoadBalancerTree

    public init(_ tree: LoadBalancerTree) {
        self.tree = tree
    }

    /// The body: `{"statuses":{"loadbalancer":{…}}}`.
    public var body: [UInt8] {
        JSONWriter.object { writer in writer.member("statuses", self) }
    }

    public func write(to writer: inout JSONWriter) {
        let members = Dictionary(grouping: tree.members, by: \.poolID)
        writer.object { writer in
            writer.objectMember("loadbalancer") { writer in
                let loadBalancer = tree.loadBalancer
                Self.writeStatus(loadBalancer.core, name: loadBalancer.name, to: &writer)
                writer.arrayMember("listeners", tree.listeners) { writer, listener in
                    writer.object { writer in
                        Self.writeStatus(listener.core, name: listener.name, to: &writer)
                        writer.arrayMember("pools", tree.pools(ofListener: listener)) { writer, pool in
                            Self.write(
                                pool, members: members[pool.id, default: []],
                                healthMonitor: tree.healthMonitor(ofPool: pool.id), to: &writer)
                        }
                    }
                }
            }
        }
    }

    private static func write(
        _ pool: Pool, members: [Member], healthMonitor: HealthMonitor?, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writeStatus(pool.core, name: pool.name, to: &writer)
            // With an underscore, here only.
            if let healthMonitor {
                writer.objectMember("health_monitor") { writer in
                    writeStatus(healthMonitor.core, name: healthMonitor.name, to: &writer)
                    writer.member("type", healthMonitor.type.rawValue)
                }
            } else {
                writer.nullMember("health_monitor")
            }
            writer.arrayMember("members", members) { writer, member in
                writer.object { writer in
                    writeStatus(member.core, name: member.name, to: &writer)
                    writer.member("address", member.address)
                    writer.member("protocol_port", member.protocolPort)
                }
            }
        }
    }

    private static func writeStatus(_ core: ResourceCore, name: String, to writer: inout JSONWriter) {
        writer.member("id", core.id.string)
        writer.member("name", name)
        writer.member("operating_status", core.operatingStatus.rawValue)
        writer.member("provisioning_status", core.provisioningStatus.rawValue)
    }
}
