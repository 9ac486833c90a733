// Use cases of floating IPs.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    /// The floating IPs that the caller sees.
    public func floatingIPs(_ query: ListQuery) throws -> NetworkPage<FloatingIP> {
        let columns = """
            \(Self.headerColumns), floating_network_id, floating_ip_address, holder_port_id, port_id, fixed_ip_address,
            qos_policy_id, dns_name, dns_domain
            """
        var page = try select(.floatingIP, columns, query) { row in
            FloatingIP(
                header: Self.header(row), networkID: row.resourceID(7),
                address: IPAddress(row.text(8)) ?? IPAddress(family: .ipv4, value: 0), holderPortID: row.resourceID(9),
                portID: row.optionalResourceID(10), fixedAddress: row.optionalText(11).flatMap { IPAddress($0) },
                qosPolicyID: row.optionalResourceID(12), dnsName: row.text(13), dnsDomain: row.text(14))
        }
        let tags = try tags(of: page.items.map(\.id))
        for index in page.items.indices { page.items[index].header.tags = tags[page.items[index].id] ?? [] }
        return page
    }

    /// The floating IP.
    ///
    /// - Throws: `FloatingIPNotFound`.
    public func floatingIP(_ id: ResourceID) throws -> FloatingIP {
        guard let floatingIP = try floatingIPs(ListQuery(id: id)).items.first else {
            throw NetworkFault.notFound(.floatingIP, id)
        }
        return floatingIP
    }

    /// Takes an address of an external network and ties it to a port, if the request names one.
    public func createFloatingIP(_ attributes: FloatingIPAttributes) throws -> FloatingIP {
        guard let networkID = attributes.networkID else { throw NetworkFault.missing("floating_network_id") }
        let network = try network(networkID)
        guard network.isExternal else {
            throw NetworkFault(
                .invalid, type: "BadRequest",
                "Bad floatingip request: Network \(networkID) is not a valid external network.")
        }
        let project = try owner(ofNew: .floatingIP, attributes.projectID)
        try requirePolicy(attributes.qosPolicyID)
        let target = try target(attributes, projectID: project, current: nil)
        let id = ResourceID.random()
        let (holder, address) = try takeAddress(attributes, network, floatingIP: id)
        try connection.insert(
            into: NetworkResource.floatingIP.table,
            newHeader(id: id, projectID: project, name: nil, description: attributes.description) + [
                ("floating_network_id", networkID), ("floating_ip_address", address.description),
                ("holder_port_id", holder), ("port_id", target?.port),
                ("fixed_ip_address", target?.address.description), ("qos_policy_id", attributes.qosPolicyID.value),
                ("dns_name", attributes.dnsName ?? ""), ("dns_domain", attributes.dnsDomain ?? ""),
                ("status", target == nil ? "DOWN" : "ACTIVE"),
            ])
        try writeTags(attributes.tags, of: id)
        return try floatingIP(id)
    }

    /// Ties a floating IP to a port or unties it.
    public func updateFloatingIP(_ id: ResourceID, _ attributes: FloatingIPAttributes) throws -> FloatingIP {
        try requireOwned(.floatingIP, id)
        let current = try floatingIP(id)
        try requirePolicy(attributes.qosPolicyID)
        let target = try target(attributes, projectID: current.header.projectID, current: current)
        try change(
            .floatingIP, id, expecting: attributes.expectedRevision,
            [
                ("description", attributes.description ?? current.header.description), ("port_id", target?.port),
                ("fixed_ip_address", target?.address.description),
                ("qos_policy_id", attributes.qosPolicyID.applied(to: current.qosPolicyID)),
                ("status", target == nil ? "DOWN" : "ACTIVE"),
            ])
        return try floatingIP(id)
    }

    /// Gives the address back.
    public func deleteFloatingIP(_ id: ResourceID) throws {
        try requireOwned(.floatingIP, id)
        let holder = try floatingIP(id).holderPortID
        try remove(.floatingIP, id)
        let service = asService
        try service.discardPort(try service.port(holder))
    }

    /// Unties the floating IPs of a port: of some of its addresses, or of all.
    func untieFloatingIPs(ofPort port: ResourceID, addresses: [IPAddress]?) throws {
        let tied = try connection.query(
            "SELECT id, fixed_ip_address FROM network_floating_ip WHERE port_id = ?", [port]
        ) { (id: $0.resourceID(0), address: IPAddress($0.text(1))) }
        for one in tied {
            if let addresses, let address = one.address, !addresses.contains(address) { continue }
            try change(
                .floatingIP, one.id,
                [("port_id", ResourceID?.none), ("fixed_ip_address", String?.none), ("status", "DOWN")])
        }
    }

    // MARK: Parts

    private typealias Target = (port: ResourceID, address: IPAddress)

    /// The port and the address that the floating IP stands for after the request.
    private func target(
        _ attributes: FloatingIPAttributes, projectID: String, current: FloatingIP?
    ) throws -> Target? {
        let portID = attributes.portID.applied(to: current?.portID)
        guard let portID else {
            if let address = attributes.fixedAddress.value {
                throw NetworkFault(
                    .invalid, type: "BadRequest",
                    "Bad floatingip request: fixed_ip_address \(address) cannot be specified without a port_id.")
            }
            return nil
        }
        if attributes.portID == .unset, attributes.fixedAddress == .unset, let address = current?.fixedAddress {
            return (portID, address)
        }
        let port = try port(portID)
        guard access.isAdmin || port.header.projectID == projectID else {
            throw NetworkFault.notFound(.port, portID)
        }
        let address = try fixedAddress(attributes.fixedAddress.value, of: port)
        let rival = try connection.first(
            "SELECT id, floating_ip_address FROM network_floating_ip WHERE port_id = ? AND fixed_ip_address = ?",
            [portID, address.description]
        ) { (id: $0.resourceID(0), address: $0.text(1)) }
        if let rival, rival.id != current?.id {
            throw NetworkFault.conflict(
                "FloatingIPPortAlreadyAssociated",
                "Cannot associate floating IP with port \(portID) using fixed IP \(address), as that fixed IP already has"
                    + " the floating IP \(rival.address) (\(rival.id)).")
        }
        return (portID, address)
    }

    private func fixedAddress(_ requested: IPAddress?, of port: Port) throws -> IPAddress {
        func refusal(_ reason: String) -> NetworkFault {
            NetworkFault(.invalid, type: "BadRequest", "Bad floatingip request: \(reason).")
        }
        let candidates = port.fixedAddresses.map(\.address).filter { $0.family == .ipv4 }
        if let requested {
            guard candidates.contains(requested) else {
                throw refusal("Port \(port.id) does not have fixed ip \(requested)")
            }
            return requested
        }
        guard let only = candidates.first else {
            throw refusal("Cannot add floating IP to port \(port.id) that has no fixed IPv4 addresses")
        }
        guard candidates.count == 1 else {
            throw refusal(
                "Port \(port.id) has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when assigning a"
                    + " floating IP")
        }
        return only
    }

    /// Makes the port that holds the floating address.
    private func takeAddress(
        _ attributes: FloatingIPAttributes, _ network: Network, floatingIP: ResourceID
    ) throws -> (holder: ResourceID, address: IPAddress) {
        if let address = attributes.address, address.family != .ipv4 {
            throw NetworkFault.invalid(field: "floating_ip_address", "'\(address)' is not an IPv4 address")
        }
        let service = asService
        var port = PortAttributes()
        port.deviceOwner = Port.floatingIPOwner
        port.deviceID = floatingIP.string
        port.securityGroupIDs = []
        let subnets = try network.subnetIDs.map { try service.subnet($0) }.filter { $0.cidr.address.family == .ipv4 }
        if attributes.address != nil || attributes.subnetID != nil {
            port.fixedAddresses = [FixedAddressRequest(subnetID: attributes.subnetID, address: attributes.address)]
        } else {
            var free: Subnet?
            for subnet in subnets where free == nil {
                if try allocator(subnet.id, subnet.cidr).hasFree() { free = subnet }
            }
            guard let free else {
                throw NetworkFault(
                    .addressesExhausted(nil), type: "ExternalIpAddressExhausted",
                    "Unable to find any IP address on external network \(network.id).")
            }
            port.fixedAddresses = [FixedAddressRequest(subnetID: free.id)]
        }
        let holder = try service.insertPort(port, network, projectID: "")
        guard let address = holder.fixedAddresses.first?.address, address.family == .ipv4 else {
            throw NetworkFault.invalid(field: "subnet_id", "a floating IP needs an IPv4 subnet of the network")
        }
        return (holder.id, address)
    }
}
