// Use cases of subnets.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    /// The subnets that the caller sees.
    public func subnets(_ query: ListQuery) throws -> NetworkPage<Subnet> {
        let columns = """
            \(Self.headerColumns), network_id, cidr, gateway_ip, enable_dhcp, dns_nameservers, host_routes,
            service_types, ipv6_ra_mode, ipv6_address_mode, dns_publish_fixed_ip
            """
        var page = try select(.subnet, columns, query) { row in
            Subnet(
                header: Self.header(row), networkID: row.resourceID(7),
                cidr: IPNetwork(row.text(8))
                    ?? IPNetwork(address: IPAddress(family: .ipv4, value: 0), prefixLength: 32),
                gateway: row.optionalText(9).flatMap { IPAddress($0) }, allocationPools: [], enableDHCP: row.bool(10),
                dnsNameservers: TextList.decode(row.text(11)).compactMap { IPAddress($0) },
                hostRoutes: TextList.decode(row.text(12)).compactMap(HostRoute.init(stored:)),
                serviceTypes: TextList.decode(row.text(13)), ipv6RouterAdvertisementMode: row.optionalText(14),
                ipv6AddressMode: row.optionalText(15), dnsPublishFixedIP: row.bool(16))
        }
        let ids = page.items.map(\.id)
        let tags = try tags(of: ids)
        let pools = try children(
            "first_key, last_key", from: "network_allocation_pool", parent: "subnet_id", order: "first_key", of: ids
        ) { (first: AddressKey(stored: $0.text(1)), last: AddressKey(stored: $0.text(2))) }
        for index in page.items.indices {
            let family = page.items[index].cidr.address.family
            page.items[index].header.tags = tags[page.items[index].id] ?? []
            page.items[index].allocationPools = (pools[page.items[index].id] ?? []).map {
                AddressRange(first: $0.first.address(family), last: $0.last.address(family))
            }
        }
        return page
    }

    /// The subnet.
    ///
    /// - Throws: `SubnetNotFound`.
    public func subnet(_ id: ResourceID) throws -> Subnet {
        guard let subnet = try subnets(ListQuery(id: id)).items.first else { throw NetworkFault.notFound(.subnet, id) }
        return subnet
    }

    /// How many addresses the subnet's pools still have; at most `Int.max`.
    public func freeAddressCount(ofSubnet id: ResourceID) throws -> Int {
        let family = try subnet(id).cidr.address.family
        return try AddressAllocator(connection: connection, subnetID: id, family: family).freeCount()
    }

    /// Makes a subnet on a network of the caller.
    public func createSubnet(_ attributes: SubnetAttributes) throws -> Subnet {
        guard let networkID = attributes.networkID else { throw NetworkFault.missing("network_id") }
        guard let cidr = attributes.cidr else { throw NetworkFault.missing("cidr") }
        let network = try network(networkID)
        guard access.owns(network.header.projectID) else {
            throw NetworkFault.forbidden("Creating a subnet on network \(networkID) of another project")
        }
        let project = try owner(ofNew: .subnet, attributes.projectID)
        let rules = try SubnetRules(cidr)
        let gateway: IPAddress? =
            switch attributes.gateway {
            case .unset: rules.defaultGateway
            case .null: nil
            case .value(let address): address
            }
        if let gateway { try rules.check(gateway: gateway) }
        let pools = attributes.allocationPools ?? rules.defaultPools(gateway: gateway)
        try rules.check(pools: pools, gateway: gateway)
        try checkLists(attributes)
        try checkModes(attributes, cidr)
        try requireNotReserved(cidr)
        try requireNoOverlap(cidr, networkID)
        let id = ResourceID.random()
        try connection.insert(
            into: NetworkResource.subnet.table,
            newHeader(id: id, projectID: project, name: attributes.name, description: attributes.description) + [
                ("network_id", networkID), ("cidr", cidr.description),
                ("ip_version", cidr.address.family.rawValue), ("first_key", AddressKey(cidr.address).text),
                ("last_key", AddressKey(cidr.lastAddress).text), ("gateway_ip", gateway?.description),
                ("enable_dhcp", attributes.enableDHCP ?? true),
                ("dns_nameservers", TextList.encode((attributes.dnsNameservers ?? []).map(\.description))),
                ("host_routes", TextList.encode((attributes.hostRoutes ?? []).map(\.stored))),
                ("service_types", TextList.encode(attributes.serviceTypes ?? [])),
                ("ipv6_ra_mode", attributes.ipv6RouterAdvertisementMode.value),
                ("ipv6_address_mode", attributes.ipv6AddressMode.value),
                ("dns_publish_fixed_ip", attributes.dnsPublishFixedIP ?? false),
            ])
        try allocator(id, cidr).reset(pools: pools)
        try writeTags(attributes.tags, of: id)
        try change(.network, networkID, [])
        return try subnet(id)
    }

    /// Changes a subnet; its network and range stay.
    public func updateSubnet(_ id: ResourceID, _ attributes: SubnetAttributes) throws -> Subnet {
        try requireOwned(.subnet, id)
        let current = try subnet(id)
        let rules = try SubnetRules(current.cidr)
        let gateway = attributes.gateway.applied(to: current.gateway)
        if let gateway, gateway != current.gateway { try rules.check(gateway: gateway) }
        let pools = attributes.allocationPools ?? current.allocationPools
        try rules.check(pools: pools, gateway: gateway)
        try checkLists(attributes)
        try change(
            .subnet, id, expecting: attributes.expectedRevision,
            [
                ("name", attributes.name ?? current.header.name),
                ("description", attributes.description ?? current.header.description),
                ("gateway_ip", gateway?.description), ("enable_dhcp", attributes.enableDHCP ?? current.enableDHCP),
                (
                    "dns_nameservers",
                    TextList.encode((attributes.dnsNameservers ?? current.dnsNameservers).map(\.description))
                ),
                ("host_routes", TextList.encode((attributes.hostRoutes ?? current.hostRoutes).map(\.stored))),
                ("service_types", TextList.encode(attributes.serviceTypes ?? current.serviceTypes)),
                ("dns_publish_fixed_ip", attributes.dnsPublishFixedIP ?? current.dnsPublishFixedIP),
            ])
        if attributes.allocationPools != nil { try allocator(id, current.cidr).reset(pools: pools) }
        return try subnet(id)
    }

    /// Removes a subnet from which no port has an address.
    ///
    /// - Throws: `SubnetInUse`.
    public func deleteSubnet(_ id: ResourceID) throws {
        try requireOwned(.subnet, id)
        let networkID = try subnet(id).networkID
        guard try !connection.exists("SELECT 1 FROM network_address WHERE subnet_id = ? LIMIT 1", [id]) else {
            throw NetworkFault(
                .inUse(.subnet), type: "SubnetInUse",
                "Unable to complete operation on subnet \(id): One or more ports have an IP allocation from this"
                    + " subnet.")
        }
        try remove(.subnet, id)
        try change(.network, networkID, [])
    }

    func allocator(_ id: ResourceID, _ cidr: IPNetwork) -> AddressAllocator {
        AddressAllocator(connection: connection, subnetID: id, family: cidr.address.family)
    }

    // MARK: Rules

    private func requireNotReserved(_ cidr: IPNetwork) throws {
        guard !access.isAdmin, let range = reserved.first(where: { $0.overlaps(cidr) }) else { return }
        throw NetworkFault.invalid(
            field: "cidr", "'\(cidr)' overlaps with \(range), whose addresses the networks of this node give away")
    }

    private func requireNoOverlap(_ cidr: IPNetwork, _ networkID: ResourceID) throws {
        let overlaps = try connection.exists(
            """
            SELECT 1 FROM network_subnet
            WHERE network_id = ? AND ip_version = ? AND first_key <= ? AND last_key >= ? LIMIT 1
            """,
            [
                networkID, cidr.address.family.rawValue, AddressKey(cidr.lastAddress).text,
                AddressKey(cidr.address).text,
            ])
        guard !overlaps else {
            throw NetworkFault.invalid(
                "Requested subnet with cidr: \(cidr) for network: \(networkID) overlaps with another subnet")
        }
    }

    private func checkLists(_ attributes: SubnetAttributes) throws {
        if let servers = attributes.dnsNameservers, servers.count > 5 {
            throw NetworkFault(
                .invalid, type: "DNSNameServersExhausted", "The number of DNS nameservers exceeds the limit 5.")
        }
        if let routes = attributes.hostRoutes, routes.count > 20 {
            throw NetworkFault(
                .invalid, type: "HostRoutesExhausted", "The number of host routes exceeds the limit 20.")
        }
    }

    private func checkModes(_ attributes: SubnetAttributes, _ cidr: IPNetwork) throws {
        let modes = [
            ("ipv6_ra_mode", attributes.ipv6RouterAdvertisementMode.value),
            ("ipv6_address_mode", attributes.ipv6AddressMode.value),
        ]
        for (name, mode) in modes where mode != nil && cidr.address.family == .ipv4 {
            throw NetworkFault.invalid("\(name) is not valid when ip_version is 4")
        }
    }
}

extension HostRoute {
    fileprivate init?(stored text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let destination = IPNetwork(parts[0]), let nextHop = IPAddress(parts[1]) else {
            return nil
        }
        self.init(destination: destination, nextHop: nextHop)
    }

    fileprivate var stored: String { "\(destination) \(nextHop)" }
}

extension NetworkFault {
    static func missing(_ field: String) -> NetworkFault {
        NetworkFault(
            .invalid, type: "HTTPBadRequest",
            "Failed to parse request. Required attribute '\(field)' not specified.")
    }
}
