// A load balancer as the API shows it.

public import JSON
public import LoadBalancing

/// A load balancer and the ids of its listeners and pools.
public struct LoadBalancerView: ResourceView {
    public static let key = "loadbalancer"
    public static let collectionKey = "loadbalancers"

    public var loadBalancer: LoadBalancer
    public var listenerIDs: [ResourceID]
    public var poolIDs: [ResourceID]

    public init(_ loadBalancer: LoadBalancer, listenerIDs: [ResourceID], poolIDs: [ResourceID]) {
        self.loadBalancer = loadBalancer
        self.listenerIDs = listenerIDs
        self.poolIDs = poolIDs
    }

    public init(_ tree: LoadBalancerTree) {
        self.init(tree.loadBalancer, listenerIDs: tree.listeners.map(\.id), poolIDs: tree.pools.map(\.id))
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.fields(of: loadBalancer, in: fields)
            writer.references("listeners", listenerIDs, in: fields)
            writer.references("pools", poolIDs, in: fields)
        }
    }
}

extension JSONWriter {
    /// The fields of a load balancer but for its listeners and pools.
    mutating func fields(of loadBalancer: LoadBalancer, in fields: FieldSelection) {
        let vip = loadBalancer.vip
        field("id", loadBalancer.id, in: fields)
        field("name", loadBalancer.name, in: fields)
        field("description", loadBalancer.description, in: fields)
        core(loadBalancer.core, in: fields)
        field("vip_address", vip.address, in: fields)
        field("vip_port_id", vip.portID, in: fields)
        field("vip_subnet_id", vip.subnetID, in: fields)
        field("vip_network_id", vip.networkID, in: fields)
        field("vip_qos_policy_id", vip.qosPolicyID, in: fields)
        field("vip_vnic_type", vip.vnicType, in: fields)
        if fields.contains("vip_sg_ids") {
            arrayMember("vip_sg_ids", vip.securityGroupIDs) { writer, id in writer.value(id.string) }
        }
        if fields.contains("additional_vips") {
            arrayMember("additional_vips", loadBalancer.additionalVIPs) { writer, vip in
                writer.object { writer in
                    writer.member("subnet_id", vip.subnetID.string)
                    writer.member("ip_address", vip.address)
                    writer.member("port_id", vip.portID?.string)
                }
            }
        }
        field("provider", loadBalancer.provider, in: fields)
        field("flavor_id", loadBalancer.flavorID, in: fields)
        field("availability_zone", loadBalancer.availabilityZone, in: fields)
    }
}
