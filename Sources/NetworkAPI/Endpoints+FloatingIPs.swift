// Floating IPs in the API.

internal import LoadBalancing
internal import Networking

extension Endpoints {
    static let floatingIPs = Endpoint<FloatingIP, FloatingIPAttributes>(
        resource: .floatingIP,
        known: commonAttributes.subtracting(["name"]).union([
            "dns_domain", "dns_name", "fixed_ip_address", "floating_ip_address", "floating_network_id",
            "port_details", "port_forwardings", "port_id", "qos_network_policy_id", "qos_policy_id", "router_id",
            "status", "subnet_id",
        ]),
        id: \.id,
        list: { try $0.floatingIPs($1) },
        get: { try $0.floatingIP($1) },
        create: { try $0.createFloatingIP($1) },
        update: { try $0.updateFloatingIP($1, $2) },
        delete: { try $0.deleteFloatingIP($1) },
        read: { reader in
            var attributes = FloatingIPAttributes()
            attributes.description = try reader.text("description")
            attributes.portID = try reader.optionalIdentifier("port_id")
            attributes.fixedAddress = try reader.optionalAddress("fixed_ip_address")
            attributes.qosPolicyID = try reader.optionalIdentifier("qos_policy_id")
            if reader.isCreation {
                attributes.projectID = try reader.projectID()
                attributes.networkID = try reader.identifier("floating_network_id")
                attributes.subnetID = try reader.identifier("subnet_id")
                attributes.address = try reader.optionalAddress("floating_ip_address").value
                attributes.dnsName = try reader.text("dns_name")
                attributes.dnsDomain = try reader.text("dns_domain")
                attributes.tags = try reader.texts("tags") ?? []
            }
            attributes.expectedRevision = reader.expectedRevision
            return attributes
        },
        write: { floatingIP, fields, writer in
            fields.write(floatingIP.header, hasName: false, &writer)
            fields.write("floating_network_id", floatingIP.networkID.string, &writer)
            fields.write("floating_ip_address", floatingIP.address.description, &writer)
            fields.write("port_id", floatingIP.portID?.string, &writer)
            fields.write("fixed_ip_address", floatingIP.fixedAddress?.description, &writer)
            fields.writeNull("router_id", &writer)
            fields.write("status", floatingIP.status, &writer)
            fields.write("qos_policy_id", floatingIP.qosPolicyID?.string, &writer)
            fields.write("dns_name", floatingIP.dnsName, &writer)
            fields.write("dns_domain", floatingIP.dnsDomain, &writer)
            fields.writeNull("port_details", &writer)
            fields.write("port_forwardings", strings: [], &writer)
        })
}
