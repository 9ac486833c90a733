// Use cases of ports.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    /// The ports that the caller sees.
    public func ports(_ query: ListQuery) throws -> NetworkPage<Port> {
        let columns = """
            \(Self.headerColumns), network_id, admin_state_up, mac_address, device_id, device_owner,
            port_security_enabled, qos_policy_id, allowed_address_pairs, extra_dhcp_opts, dns_name, binding_host_id,
            binding_vnic_type, status
            """
        var page = try select(.port, columns, query) { row in
            Port(
                header: Self.header(row), networkID: row.resourceID(7), adminStateUp: row.bool(8),
                macAddress: row.text(9), fixedAddresses: [], deviceID: row.text(10), deviceOwner: row.text(11),
                securityGroupIDs: [], portSecurityEnabled: row.bool(12), qosPolicyID: row.optionalResourceID(13),
                allowedAddressPairs: TextList.decode(row.text(14)).compactMap(AddressPair.init(stored:)),
                extraDHCPOptions: TextList.decode(row.text(15)).compactMap(DHCPOption.init(stored:)),
                dnsName: row.text(16), bindingHostID: row.text(17), bindingVNICType: row.text(18),
                status: row.text(19))
        }
        let ids = page.items.map(\.id)
        let tags = try tags(of: ids)
        let addresses = try children(
            "subnet_id, address", from: "network_address", parent: "port_id", order: "position", of: ids
        ) { row in
            FixedAddress(
                subnetID: row.resourceID(1), address: IPAddress(row.text(2)) ?? IPAddress(family: .ipv4, value: 0))
        }
        let groups = try children(
            "security_group_id", from: "network_port_security_group", parent: "port_id", order: "security_group_id",
            of: ids
        ) { $0.resourceID(1) }
        for index in page.items.indices {
            let id = page.items[index].id
            page.items[index].header.tags = tags[id] ?? []
            page.items[index].fixedAddresses = addresses[id] ?? []
            page.items[index].securityGroupIDs = groups[id] ?? []
        }
        return page
    }

    /// The port.
    ///
    /// - Throws: `PortNotFound`.
    public func port(_ id: ResourceID) throws -> Port {
        guard let port = try ports(ListQuery(id: id)).items.first else { throw NetworkFault.notFound(.port, id) }
        return port
    }

    /// Makes a port on a network that is the caller's or shared.
    public func createPort(_ attributes: PortAttributes) throws -> Port {
        guard let networkID = attributes.networkID else { throw NetworkFault.missing("network_id") }
        let network = try network(networkID)
        guard access.owns(network.header.projectID) || network.isShared else {
            throw NetworkFault(
                .forbidden, type: "HTTPForbidden",
                "Tenant \(access.projectID ?? "") not allowed to create port on this network.")
        }
        let project = try owner(ofNew: .port, attributes.projectID)
        try requireOwnerRight(attributes)
        return try insertPort(attributes, network, projectID: project)
    }

    /// Makes a port once rights have been checked; service ports have no project.
    func insertPort(_ attributes: PortAttributes, _ network: Network, projectID: String) throws -> Port {
        try requirePolicy(attributes.qosPolicyID)
        let id = ResourceID.random()
        let owner = attributes.deviceOwner ?? ""
        let isUp = attributes.adminStateUp ?? true
        let isSecured = attributes.portSecurityEnabled ?? network.portSecurityEnabled
        let groups: [ResourceID]
        if let requested = attributes.securityGroupIDs {
            groups = requested
        } else if isSecured, !projectID.isEmpty, !owner.hasPrefix("network:") {
            groups = [try ensureDefaultSecurityGroup(ofProject: projectID)]
        } else {
            groups = []
        }
        try checkSecurity(isSecured: isSecured, hasGroups: !groups.isEmpty)
        try connection.insert(
            into: NetworkResource.port.table,
            newHeader(id: id, projectID: projectID, name: attributes.name, description: attributes.description) + [
                ("network_id", network.id), ("admin_state_up", isUp),
                ("mac_address", try hardwareAddress(attributes.macAddress, network.id)),
                ("device_id", attributes.deviceID ?? ""), ("device_owner", owner),
                ("port_security_enabled", isSecured), ("qos_policy_id", attributes.qosPolicyID.value),
                (
                    "allowed_address_pairs",
                    TextList.encode((attributes.allowedAddressPairs ?? []).map(\.stored))
                ),
                ("extra_dhcp_opts", TextList.encode((attributes.extraDHCPOptions ?? []).map(\.stored))),
                ("dns_name", attributes.dnsName ?? ""), ("binding_host_id", attributes.bindingHostID ?? ""),
                ("binding_vnic_type", attributes.bindingVNICType ?? "normal"),
                ("status", Port.status(isUp: isUp, owner: owner)),
            ])
        try allocate(attributes.fixedAddresses, network, port: id)
        try write(groups: groups, projectID: projectID, port: id)
        try writeTags(attributes.tags, of: id)
        return try inserted(id)
    }

    /// Changes a port.
    public func updatePort(_ id: ResourceID, _ attributes: PortAttributes) throws -> Port {
        try requireOwned(.port, id)
        let current = try port(id)
        try requireOwnerRight(attributes)
        try requirePolicy(attributes.qosPolicyID)
        let owner = attributes.deviceOwner ?? current.deviceOwner
        let isUp = attributes.adminStateUp ?? current.adminStateUp
        let isSecured = attributes.portSecurityEnabled ?? current.portSecurityEnabled
        let groups = attributes.securityGroupIDs ?? current.securityGroupIDs
        try checkSecurity(isSecured: isSecured, hasGroups: !groups.isEmpty)
        var mac = current.macAddress
        if let requested = attributes.macAddress, requested != mac {
            mac = try hardwareAddress(requested, current.networkID)
        }
        try change(
            .port, id, expecting: attributes.expectedRevision,
            [
                ("name", attributes.name ?? current.header.name),
                ("description", attributes.description ?? current.header.description), ("admin_state_up", isUp),
                ("mac_address", mac), ("device_id", attributes.deviceID ?? current.deviceID),
                ("device_owner", owner), ("port_security_enabled", isSecured),
                ("qos_policy_id", attributes.qosPolicyID.applied(to: current.qosPolicyID)),
                (
                    "allowed_address_pairs",
                    TextList.encode((attributes.allowedAddressPairs ?? current.allowedAddressPairs).map(\.stored))
                ),
                (
                    "extra_dhcp_opts",
                    TextList.encode((attributes.extraDHCPOptions ?? current.extraDHCPOptions).map(\.stored))
                ), ("dns_name", attributes.dnsName ?? current.dnsName),
                ("binding_host_id", attributes.bindingHostID ?? current.bindingHostID),
                ("binding_vnic_type", attributes.bindingVNICType ?? current.bindingVNICType),
                ("status", Port.status(isUp: isUp, owner: owner)),
            ])
        if let wanted = attributes.fixedAddresses { try reallocate(wanted, of: current) }
        if attributes.securityGroupIDs != nil {
            try connection.execute("DELETE FROM network_port_security_group WHERE port_id = ?", [id])
            try write(groups: groups, projectID: current.header.projectID, port: id)
        }
        return try port(id)
    }

    /// Removes a port, frees its addresses and unties its floating IPs.
    ///
    /// - Throws: `ServicePortInUse` for the ports behind floating IPs.
    public func deletePort(_ id: ResourceID) throws {
        try requireOwned(.port, id)
        let current = try port(id)
        guard current.deviceOwner != Port.floatingIPOwner || current.deviceID.isEmpty else {
            throw NetworkFault.conflict(
                "ServicePortInUse",
                "Port \(id) cannot be deleted directly via the port API: has device owner"
                    + " \(Port.floatingIPOwner).")
        }
        try untieFloatingIPs(ofPort: id, addresses: nil)
        try discardPort(current)
    }

    /// Frees a port's addresses and removes its row.
    func discardPort(_ port: Port) throws {
        for held in port.fixedAddresses { try release(held) }
        try remove(.port, port.id)
    }

    // MARK: Parts

    /// The port that was just made: its maker need not be able to see it.
    private func inserted(_ id: ResourceID) throws -> Port {
        try asService.port(id)
    }

    private func requireOwnerRight(_ attributes: PortAttributes) throws {
        guard let owner = attributes.deviceOwner, owner.hasPrefix("network:"), !access.isAdmin else { return }
        throw NetworkFault.forbidden("Setting 'device_owner' of a port to '\(owner)'")
    }

    private func checkSecurity(isSecured: Bool, hasGroups: Bool) throws {
        guard isSecured || !hasGroups else {
            throw NetworkFault.conflict(
                "PortSecurityPortHasSecurityGroup",
                "Port has security group associated. Cannot disable port security or IP address until security group is"
                    + " removed.")
        }
    }

    private func hardwareAddress(_ requested: String?, _ networkID: ResourceID) throws -> String {
        func isTaken(_ address: String) throws -> Bool {
            try connection.exists(
                "SELECT 1 FROM network_port WHERE network_id = ? AND mac_address = ?", [networkID, address])
        }
        if let requested {
            guard try !isTaken(requested) else {
                throw NetworkFault.conflict(
                    "MacAddressInUse",
                    "Unable to complete operation for network \(networkID). The MAC address \(requested) is in use.")
            }
            return requested
        }
        for _ in 0..<64 {
            let candidate = HardwareAddress.random()
            if try !isTaken(candidate) { return candidate }
        }
        throw NetworkFault.conflict(
            "MacAddressGenerationFailure", "No free MAC address was found on network \(networkID).")
    }

    private func write(groups: [ResourceID], projectID: String, port: ResourceID) throws {
        guard groups.count <= 100 else {
            throw NetworkFault.invalid(field: "security_groups", "at most 100 are allowed")
        }
        for group in Set(groups).sorted() {
            guard try exists(.securityGroup, group) else { throw NetworkFault.notFound(.securityGroup, group) }
            try connection.insert(
                into: "network_port_security_group", [("port_id", port), ("security_group_id", group)])
        }
    }
}

extension Port {
    fileprivate static func status(isUp: Bool, owner: String) -> String {
        isUp && !owner.isEmpty ? "ACTIVE" : "DOWN"
    }
}

extension AddressPair {
    fileprivate init?(stored text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let network = IPNetwork(parts[0]) else { return nil }
        self.init(
            network: network, hasPrefix: parts[0].contains("/"),
            macAddress: parts[1].isEmpty ? nil : String(parts[1]))
    }

    fileprivate var stored: String {
        "\(hasPrefix ? network.description : network.address.description) \(macAddress ?? "")"
    }
}

extension DHCPOption {
    fileprivate init?(stored text: String) {
        let parts = TextList.decode(text)
        guard parts.count == 3, let version = Int(parts[2]) else { return nil }
        self.init(name: parts[0], value: parts[1], ipVersion: version)
    }

    fileprivate var stored: String { TextList.encode([name, value, String(ipVersion)]) }
}
