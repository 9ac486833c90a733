// Networks in the API.

internal import LoadBalancing
internal import Networking

/// The resources of the API.
enum Endpoints {
    /// Attributes of every object.
    static let commonAttributes: Set<String> = [
        "id", "tenant_id", "project_id", "name", "description", "tags", "revision_number", "created_at", "updated_at",
    ]
}

extension Endpoints {
    static let networks = Endpoint<Network, NetworkAttributes>(
        resource: .network,
        known: commonAttributes.union([
            "admin_state_up", "availability_zone_hints", "availability_zones", "dns_domain", "ipv4_address_scope",
            "ipv6_address_scope", "is_default", "l2_adjacency", "mtu", "port_security_enabled",
            "provider:network_type", "provider:physical_network", "provider:segmentation_id", "qos_policy_id",
            "router:external", "segments", "shared", "status", "subnets", "vlan_transparent",
        ]),
        id: \.id,
        list: { try $0.networks($1) },
        get: { try $0.network($1) },
        create: { try $0.createNetwork($1) },
        update: { try $0.updateNetwork($1, $2) },
        delete: { try $0.deleteNetwork($1) },
        read: { reader in
            var attributes = NetworkAttributes()
            attributes.name = try reader.text("name")
            attributes.description = try reader.text("description")
            attributes.adminStateUp = try reader.bool("admin_state_up")
            attributes.isShared = try reader.bool("shared")
            attributes.isExternal = try reader.bool("router:external")
            attributes.isDefault = try reader.bool("is_default")
            attributes.mtu = try reader.integer("mtu", 68...65535)
            attributes.portSecurityEnabled = try reader.bool("port_security_enabled")
            attributes.dnsDomain = try reader.text("dns_domain")
            attributes.qosPolicyID = try reader.optionalIdentifier("qos_policy_id")
            attributes.providerNetworkType = try reader.word(
                "provider:network_type", of: ["flat", "geneve", "gre", "local", "vlan", "vxlan"])
            attributes.providerPhysicalNetwork = try reader.optionalText("provider:physical_network")
            if let segment = try reader.integer("provider:segmentation_id", 0...16_777_215) {
                attributes.providerSegmentationID = .value(segment)
            }
            if reader.isCreation {
                attributes.projectID = try reader.projectID()
                attributes.availabilityZoneHints = try reader.texts("availability_zone_hints")
                attributes.tags = try reader.texts("tags") ?? []
            }
            attributes.expectedRevision = reader.expectedRevision
            return attributes
        },
        write: { network, fields, writer in
            fields.write(network.header, &writer)
            fields.write("admin_state_up", network.adminStateUp, &writer)
            fields.write("status", "ACTIVE", &writer)
            fields.write("subnets", strings: network.subnetIDs.map(\.string), &writer)
            fields.write("shared", network.isShared, &writer)
            fields.write("router:external", network.isExternal, &writer)
            fields.write("is_default", network.isDefault, &writer)
            fields.write("mtu", network.mtu, &writer)
            fields.write("port_security_enabled", network.portSecurityEnabled, &writer)
            fields.write("dns_domain", network.dnsDomain, &writer)
            fields.write("qos_policy_id", network.qosPolicyID?.string, &writer)
            fields.write("provider:network_type", network.providerNetworkType, &writer)
            fields.write("provider:physical_network", network.providerPhysicalNetwork, &writer)
            fields.write("provider:segmentation_id", network.providerSegmentationID, &writer)
            fields.write("availability_zone_hints", strings: network.availabilityZoneHints, &writer)
            fields.write("availability_zones", strings: [], &writer)
            fields.writeNull("ipv4_address_scope", &writer)
            fields.writeNull("ipv6_address_scope", &writer)
        })
}
