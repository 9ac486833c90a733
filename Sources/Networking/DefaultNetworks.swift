// The networks that exist from the first start.

public import LoadBalancing

/// What the default networks are made of; it depends on how the node makes addresses real.
public struct DefaultNetworks: Sendable, Hashable {
    /// One of their subnets.
    public struct Subnet: Sendable, Hashable {
        public var name: String
        public var network: IPNetwork
        public var gateway: IPAddress?
        /// Where addresses are taken from when a request names none.
        public var pool: AddressRange

        public init(name: String, network: IPNetwork, gateway: IPAddress? = nil, pool: AddressRange) {
            self.name = name
            self.network = network
            self.gateway = gateway
            self.pool = pool
        }
    }

    /// The subnets of the network `private`, where virtual addresses come from.
    public var privateSubnets: [Subnet]
    /// The subnets of the external network `public`, where floating IPs come from.
    public var publicSubnets: [Subnet]

    public init(privateSubnets: [Subnet], publicSubnets: [Subnet]) {
        self.privateSubnets = privateSubnets
        self.publicSubnets = publicSubnets
    }

    /// 127.77.0.0/16 and 127.78.0.0/16. All of 127.0.0.0/8 is local on Linux, so these addresses answer without
    /// privileges.
    public static var loopback: DefaultNetworks {
        func subnet(_ name: String, _ second: UInt128) -> Subnet {
            let base: UInt128 = 127 << 24 | second << 16
            func address(_ low: UInt128) -> IPAddress { IPAddress(family: .ipv4, value: base | low) }
            return Subnet(
                name: name, network: IPNetwork(address: address(0), prefixLength: 16),
                pool: AddressRange(first: address(10), last: address(0xFFFE)))
        }
        return DefaultNetworks(
            privateSubnets: [subnet("private-subnet", 77)], publicSubnets: [subnet("public-subnet", 78)])
    }
}

extension EmbeddedNetwork {
    /// Makes the default networks `private` (shared) and `public` (external) and their subnets, as far as they are
    /// missing. A subnet of the same name with another range, from before the settings changed, is replaced.
    ///
    /// - Throws: ``NetworkFault`` of kind `inUse` when ports have addresses in a subnet that would have to go.
    public func bootstrap(projectID: String, defaults: DefaultNetworks = .loopback) async throws {
        try await write(as: NetworkAccess(projectID: projectID, isAdmin: true)) { transaction in
            try transaction.bootstrap(network: "private", isExternal: false, defaults.privateSubnets)
            try transaction.bootstrap(network: "public", isExternal: true, defaults.publicSubnets)
            try transaction.ensureDefaultSecurityGroup(ofProject: projectID)
        }
    }
}

extension NetworkTransaction {
    fileprivate func bootstrap(network name: String, isExternal: Bool, _ wanted: [DefaultNetworks.Subnet]) throws {
        let network = try defaultNetwork(name, isExternal: isExternal)
        var query = ListQuery()
        query.filters = [.init("network_id", [network.id.string])]
        let existing = try subnets(query).items
        let missing = wanted.filter { subnet in !existing.contains { $0.cidr == subnet.network } }
        guard !missing.isEmpty else { return }
        for subnet in existing where missing.contains(where: { $0.name == subnet.header.name }) {
            try deleteSubnet(subnet.id)
        }
        for subnet in missing {
            var attributes = SubnetAttributes()
            attributes.networkID = network.id
            attributes.name = subnet.name
            attributes.cidr = subnet.network
            attributes.gateway = subnet.gateway.map { .value($0) } ?? .null
            attributes.enableDHCP = false
            attributes.allocationPools = [subnet.pool]
            _ = try createSubnet(attributes)
        }
    }

    private func defaultNetwork(_ name: String, isExternal: Bool) throws -> Network {
        var query = ListQuery()
        query.filters = [.init("name", [name]), .init("project_id", [access.projectID ?? ""])]
        query.limit = 1
        if let existing = try networks(query).items.first { return existing }
        var attributes = NetworkAttributes()
        attributes.name = name
        attributes.isShared = !isExternal
        attributes.isExternal = isExternal
        return try createNetwork(attributes)
    }
}
