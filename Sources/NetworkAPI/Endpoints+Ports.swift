// Ports in the API.

internal import JSON
internal import LoadBalancing
internal import Networking

extension Endpoints {
    private static let vnicTypes = [
        "accelerator-direct", "accelerator-direct-physical", "baremetal", "direct", "direct-physical", "macvtap",
        "normal", "remote-managed", "smart-nic", "vdpa", "virtio-forwarder",
    ]

    static let ports = Endpoint<Port, PortAttributes>(
        resource: .port,
        known: commonAttributes.union([
            "admin_state_up", "allowed_address_pairs", "binding:host_id", "binding:profile", "binding:vif_details",
            "binding:vif_type", "binding:vnic_type", "data_plane_status", "device_id", "device_owner",
            "dns_assignment", "dns_name", "extra_dhcp_opts", "fixed_ips", "mac_address", "network_id",
            "port_security_enabled", "propagate_uplink_status", "qos_network_policy_id", "qos_policy_id",
            "resource_request", "security_groups", "status",
        ]),
        id: \.id,
        list: { try $0.ports($1) },
        get: { try $0.port($1) },
        create: { try $0.createPort($1) },
        update: { try $0.updatePort($1, $2) },
        delete: { try $0.deletePort($1) },
        read: { reader in
            var attributes = PortAttributes()
            attributes.name = try reader.text("name")
            attributes.description = try reader.text("description")
            attributes.adminStateUp = try reader.bool("admin_state_up")
            attributes.macAddress = try reader.hardwareAddress("mac_address")
            attributes.fixedAddresses = try reader.objects("fixed_ips") { reader in
                FixedAddressRequest(
                    subnetID: try reader.identifier("subnet_id"),
                    address: try reader.optionalAddress("ip_address").value)
            }
            attributes.deviceID = try reader.text("device_id")
            attributes.deviceOwner = try reader.text("device_owner")
            attributes.securityGroupIDs = try reader.list("security_groups") {
                try $0.identifier($1, "security_groups")
            }
            attributes.portSecurityEnabled = try reader.bool("port_security_enabled")
            attributes.qosPolicyID = try reader.optionalIdentifier("qos_policy_id")
            attributes.allowedAddressPairs = try reader.objects("allowed_address_pairs", addressPair)
            attributes.extraDHCPOptions = try reader.objects("extra_dhcp_opts", dhcpOption)
            attributes.dnsName = try reader.text("dns_name")
            attributes.bindingHostID = try reader.text("binding:host_id")
            attributes.bindingVNICType = try reader.word("binding:vnic_type", of: vnicTypes).value
            // Clients of compute services send it; nothing here reads it.
            if let profile = reader.value("binding:profile"), !profile.isNull, profile.object == nil {
                throw NetworkFault.invalid(field: "binding:profile", "it is not an object")
            }
            if reader.isCreation {
                attributes.projectID = try reader.projectID()
                attributes.networkID = try reader.identifier("network_id")
                attributes.tags = try reader.texts("tags") ?? []
            }
            attributes.expectedRevision = reader.expectedRevision
            return attributes
        },
        write: { port, fields, writer in
            fields.write(port.header, &writer)
            fields.write("network_id", port.networkID.string, &writer)
            fields.write("admin_state_up", port.adminStateUp, &writer)
            fields.write("status", port.status, &writer)
            fields.write("mac_address", port.macAddress, &writer)
            fields.write("fixed_ips", port.fixedAddresses, &writer) { writer, fixed in
                writer.member("subnet_id", fixed.subnetID.string)
                writer.member("ip_address", fixed.address.description)
            }
            fields.write("device_id", port.deviceID, &writer)
            fields.write("device_owner", port.deviceOwner, &writer)
            fields.write("security_groups", strings: port.securityGroupIDs.map(\.string), &writer)
            fields.write("port_security_enabled", port.portSecurityEnabled, &writer)
            fields.write("qos_policy_id", port.qosPolicyID?.string, &writer)
            fields.write("allowed_address_pairs", port.allowedAddressPairs, &writer) { writer, pair in
                writer.member(
                    "ip_address", pair.hasPrefix ? pair.network.description : pair.network.address.description)
                writer.member("mac_address", pair.macAddress ?? port.macAddress)
            }
            fields.write("extra_dhcp_opts", port.extraDHCPOptions, &writer) { writer, option in
                writer.member("opt_name", option.name)
                writer.member("opt_value", option.value)
                writer.member("ip_version", option.ipVersion)
            }
            fields.write("dns_name", port.dnsName, &writer)
            fields.write("dns_assignment", strings: [], &writer)
            fields.write("binding:vnic_type", port.bindingVNICType, &writer)
            fields.write("binding:host_id", port.bindingHostID, &writer)
            if fields.contains("binding:profile") { writer.objectMember("binding:profile") { _ in } }
            if fields.contains("binding:vif_details") { writer.objectMember("binding:vif_details") { _ in } }
            fields.write("binding:vif_type", "unbound", &writer)
        })

    private static func addressPair(_ reader: inout AttributeReader) throws -> AddressPair {
        let name = "allowed_address_pairs"
        guard let value = reader.value("ip_address"), let text = value.string else {
            throw NetworkFault.invalid(field: name, "each pair needs ip_address, an address or a CIDR")
        }
        let mac = try reader.hardwareAddress("mac_address")
        guard text.contains("/") else {
            let address = try reader.address(value, name)
            let network = IPNetwork(address: address, prefixLength: address.family.bitWidth)
            return AddressPair(network: network, hasPrefix: false, macAddress: mac)
        }
        return AddressPair(network: try reader.network(value, name), hasPrefix: true, macAddress: mac)
    }

    private static func dhcpOption(_ reader: inout AttributeReader) throws -> DHCPOption {
        guard let name = try reader.text("opt_name", maximum: 64), !name.isEmpty,
            let value = try reader.text("opt_value")
        else { throw NetworkFault.invalid(field: "extra_dhcp_opts", "each option needs opt_name and opt_value") }
        let version = try reader.integer("ip_version", 4...6) ?? 4
        guard version != 5 else {
            throw NetworkFault.invalid(field: "extra_dhcp_opts", "ip_version 5 is neither 4 nor 6")
        }
        return DHCPOption(name: name, value: value, ipVersion: version)
    }
}
