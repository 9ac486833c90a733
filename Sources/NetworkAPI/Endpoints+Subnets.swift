// Subnets in the API.

internal import JSON
internal import LoadBalancing
internal import Networking

extension Endpoints {
    private static let ipv6Modes = ["dhcpv6-stateful", "dhcpv6-stateless", "slaac"]

    static let subnets = Endpoint<Subnet, SubnetAttributes>(
        resource: .subnet,
        known: commonAttributes.union([
            "allocation_pools", "cidr", "dns_nameservers", "dns_publish_fixed_ip", "enable_dhcp", "gateway_ip",
            "host_routes", "ip_version", "ipv6_address_mode", "ipv6_ra_mode", "network_id", "segment_id",
            "service_types", "subnetpool_id", "router:external",
        ]),
        id: \.id,
        list: { try $0.subnets($1) },
        get: { try $0.subnet($1) },
        create: { try $0.createSubnet($1) },
        update: { try $0.updateSubnet($1, $2) },
        delete: { try $0.deleteSubnet($1) },
        read: { reader in
            var attributes = SubnetAttributes()
            attributes.name = try reader.text("name")
            attributes.description = try reader.text("description")
            attributes.gateway = try reader.optionalAddress("gateway_ip")
            attributes.enableDHCP = try reader.bool("enable_dhcp")
            attributes.allocationPools = try reader.objects("allocation_pools", pool)
            attributes.dnsNameservers = try reader.list("dns_nameservers") { try $0.address($1, "dns_nameservers") }
            attributes.hostRoutes = try reader.objects("host_routes", route)
            attributes.serviceTypes = try reader.texts("service_types")
            attributes.dnsPublishFixedIP = try reader.bool("dns_publish_fixed_ip")
            if reader.isCreation {
                attributes.projectID = try reader.projectID()
                attributes.networkID = try reader.identifier("network_id")
                attributes.ipv6RouterAdvertisementMode = try reader.word("ipv6_ra_mode", of: ipv6Modes)
                attributes.ipv6AddressMode = try reader.word("ipv6_address_mode", of: ipv6Modes)
                attributes.tags = try reader.texts("tags") ?? []
                attributes.cidr = try range(&reader)
            }
            attributes.expectedRevision = reader.expectedRevision
            return attributes
        },
        write: { subnet, fields, writer in
            fields.write(subnet.header, &writer)
            fields.write("network_id", subnet.networkID.string, &writer)
            fields.write("ip_version", subnet.cidr.address.family.rawValue, &writer)
            fields.write("cidr", subnet.cidr.description, &writer)
            fields.write("gateway_ip", subnet.gateway?.description, &writer)
            fields.write("enable_dhcp", subnet.enableDHCP, &writer)
            fields.write("allocation_pools", subnet.allocationPools, &writer) { writer, pool in
                writer.member("start", pool.first.description)
                writer.member("end", pool.last.description)
            }
            fields.write("dns_nameservers", strings: subnet.dnsNameservers.map(\.description), &writer)
            fields.write("host_routes", subnet.hostRoutes, &writer) { writer, route in
                writer.member("destination", route.destination.description)
                writer.member("nexthop", route.nextHop.description)
            }
            fields.write("service_types", strings: subnet.serviceTypes, &writer)
            fields.write("ipv6_ra_mode", subnet.ipv6RouterAdvertisementMode, &writer)
            fields.write("ipv6_address_mode", subnet.ipv6AddressMode, &writer)
            fields.write("dns_publish_fixed_ip", subnet.dnsPublishFixedIP, &writer)
            fields.writeNull("subnetpool_id", &writer)
            fields.writeNull("segment_id", &writer)
        })

    /// The range, which must fit the IP version; pools of subnets are not offered.
    private static func range(_ reader: inout AttributeReader) throws -> IPNetwork? {
        let version = try reader.integer("ip_version", 4...6)
        for name in ["subnetpool_id", "use_default_subnetpool", "prefixlen", "segment_id"] {
            if let value = reader.value(name), !value.isNull, value != false, value != "" {
                throw NetworkFault.invalid(field: name, "subnet pools and segments are not supported; give cidr")
            }
        }
        guard let value = reader.value("cidr"), !value.isNull else { return nil }
        let cidr = try reader.network(value, "cidr")
        if let version, version != cidr.address.family.rawValue {
            throw NetworkFault.invalid("cidr '\(cidr)' does not match the ip_version '\(version)'")
        }
        return cidr
    }

    private static func pool(_ reader: inout AttributeReader) throws -> AddressRange {
        guard let first = try reader.optionalAddress("start").value, let last = try reader.optionalAddress("end").value
        else { throw NetworkFault.invalid(field: "allocation_pools", "each pool needs start and end") }
        return AddressRange(first: first, last: last)
    }

    private static func route(_ reader: inout AttributeReader) throws -> HostRoute {
        guard let destination = reader.value("destination"),
            let nextHop = try reader.optionalAddress("nexthop").value
        else { throw NetworkFault.invalid(field: "host_routes", "each route needs destination and nexthop") }
        return HostRoute(destination: try reader.network(destination, "host_routes"), nextHop: nextHop)
    }
}
