// Use cases of networks.

public import LoadBalancing
internal import Persistence

extension NetworkTransaction {
    /// The networks that the caller sees.
    public func networks(_ query: ListQuery) throws -> NetworkPage<Network> {
        let columns = """
            \(Self.headerColumns), admin_state_up, shared, external, is_default, mtu, port_security_enabled, dns_domain,
            qos_policy_id, provider_network_type, provider_physical_network, provider_segmentation_id,
            availability_zone_hints
            """
        var page = try select(.network, columns, query) { row in
            Network(
                header: Self.header(row), adminStateUp: row.bool(7), isShared: row.bool(8), isExternal: row.bool(9),
                isDefault: row.bool(10), mtu: row.int(11), portSecurityEnabled: row.bool(12), dnsDomain: row.text(13),
                qosPolicyID: row.optionalResourceID(14), providerNetworkType: row.optionalText(15),
                providerPhysicalNetwork: row.optionalText(16), providerSegmentationID: row.optionalInt(17),
                availabilityZoneHints: TextList.decode(row.text(18)), subnetIDs: [])
        }
        let ids = page.items.map(\.id)
        let tags = try tags(of: ids)
        let subnets = try children(
            "id", from: "network_subnet", parent: "network_id", order: "created_at, id", of: ids
        ) { $0.resourceID(1) }
        for index in page.items.indices {
            page.items[index].header.tags = tags[page.items[index].id] ?? []
            page.items[index].subnetIDs = subnets[page.items[index].id] ?? []
        }
        return page
    }

    /// The network.
    ///
    /// - Throws: `NetworkNotFound`.
    public func network(_ id: ResourceID) throws -> Network {
        guard let network = try networks(ListQuery(id: id)).items.first else {
            throw NetworkFault.notFound(.network, id)
        }
        return network
    }

    /// Makes a network.
    public func createNetwork(_ attributes: NetworkAttributes) throws -> Network {
        let project = try owner(ofNew: .network, attributes.projectID)
        try requireRights(attributes)
        try requirePolicy(attributes.qosPolicyID)
        let id = ResourceID.random()
        try connection.insert(
            into: NetworkResource.network.table,
            newHeader(id: id, projectID: project, name: attributes.name, description: attributes.description) + [
                ("admin_state_up", attributes.adminStateUp ?? true), ("shared", attributes.isShared ?? false),
                ("external", attributes.isExternal ?? false), ("is_default", attributes.isDefault ?? false),
                ("mtu", attributes.mtu ?? 1500), ("port_security_enabled", attributes.portSecurityEnabled ?? true),
                ("dns_domain", attributes.dnsDomain ?? ""), ("qos_policy_id", attributes.qosPolicyID.value),
                ("provider_network_type", attributes.providerNetworkType.value),
                ("provider_physical_network", attributes.providerPhysicalNetwork.value),
                ("provider_segmentation_id", attributes.providerSegmentationID.value),
                ("availability_zone_hints", TextList.encode(attributes.availabilityZoneHints ?? [])),
                ("status", "ACTIVE"),
            ])
        try writeTags(attributes.tags, of: id)
        return try network(id)
    }

    /// Changes a network.
    public func updateNetwork(_ id: ResourceID, _ attributes: NetworkAttributes) throws -> Network {
        try requireOwned(.network, id)
        let current = try network(id)
        try requireRights(attributes)
        try requirePolicy(attributes.qosPolicyID)
        if attributes.isExternal == false, current.isExternal {
            let holders = try count(
                "SELECT COUNT(*) FROM network_floating_ip WHERE floating_network_id = ?", [id])
            guard holders == 0 else {
                throw NetworkFault(
                    .inUse(.network), type: "ExternalNetworkInUse",
                    "External network \(id) cannot be updated to be made non-external, since it has \(holders)"
                        + " floating IPs.")
            }
        }
        if attributes.isShared == false, current.isShared {
            let foreign = try count(
                """
                SELECT COUNT(*) FROM network_port WHERE network_id = ? AND project_id <> ? AND project_id <> ''
                """, [id, current.header.projectID])
            guard foreign == 0 else {
                throw NetworkFault(
                    .inUse(.network), type: "InvalidSharedSetting",
                    "Unable to reconfigure sharing settings for network \(id). Multiple tenants are using it.")
            }
        }
        try change(
            .network, id, expecting: attributes.expectedRevision,
            [
                ("name", attributes.name ?? current.header.name),
                ("description", attributes.description ?? current.header.description),
                ("admin_state_up", attributes.adminStateUp ?? current.adminStateUp),
                ("shared", attributes.isShared ?? current.isShared),
                ("external", attributes.isExternal ?? current.isExternal),
                ("is_default", attributes.isDefault ?? current.isDefault), ("mtu", attributes.mtu ?? current.mtu),
                ("port_security_enabled", attributes.portSecurityEnabled ?? current.portSecurityEnabled),
                ("dns_domain", attributes.dnsDomain ?? current.dnsDomain),
                ("qos_policy_id", attributes.qosPolicyID.applied(to: current.qosPolicyID)),
                ("provider_network_type", attributes.providerNetworkType.applied(to: current.providerNetworkType)),
                (
                    "provider_physical_network",
                    attributes.providerPhysicalNetwork.applied(to: current.providerPhysicalNetwork)
                ),
                (
                    "provider_segmentation_id",
                    attributes.providerSegmentationID.applied(to: current.providerSegmentationID)
                ),
            ])
        return try network(id)
    }

    /// Removes a network that has neither ports nor subnets.
    ///
    /// - Throws: `NetworkInUse`.
    public func deleteNetwork(_ id: ResourceID) throws {
        try requireOwned(.network, id)
        for (resource, what) in [(NetworkResource.port, "ports"), (.subnet, "subnets")] {
            let users = try connection.query(
                "SELECT id FROM \(resource.table) WHERE network_id = ? ORDER BY created_at LIMIT 5", [id]
            ) { $0.text(0) }
            guard users.isEmpty else {
                throw NetworkFault(
                    .inUse(.network), type: "NetworkInUse",
                    "Unable to complete operation on network \(id). There are one or more \(what) still in use on the"
                        + " network, id for these \(what) is: \(users.joined(separator: ",")).")
            }
        }
        try remove(.network, id)
    }

    private func requireRights(_ attributes: NetworkAttributes) throws {
        guard !access.isAdmin else { return }
        // Saying "not shared" is fine for everybody: clients send all attributes.
        let reserved: [(String, Bool)] = [
            ("shared", attributes.isShared == true), ("router:external", attributes.isExternal == true),
            ("is_default", attributes.isDefault == true),
            ("provider:network_type", attributes.providerNetworkType.value != nil),
            ("provider:physical_network", attributes.providerPhysicalNetwork.value != nil),
            ("provider:segmentation_id", attributes.providerSegmentationID.value != nil),
        ]
        if let (name, _) = reserved.first(where: \.1) {
            throw NetworkFault.forbidden("Setting '\(name)' of a network")
        }
    }
}
