// The embedded network service as load balancing sees it.

public import LoadBalancing
public import Persistence

extension EmbeddedNetwork: NetworkProvider {
    public func network(_ id: ResourceID, as access: NetworkAccess) async throws -> Network? {
        try await read(as: access) { try $0.networks(ListQuery(id: id)).items.first }
    }

    public func subnet(_ id: ResourceID, as access: NetworkAccess) async throws -> Subnet? {
        try await read(as: access) { try $0.subnets(ListQuery(id: id)).items.first }
    }

    public func port(_ id: ResourceID, as access: NetworkAccess) async throws -> Port? {
        try await read(as: access) { try $0.ports(ListQuery(id: id)).items.first }
    }

    public func subnets(ofNetwork id: ResourceID, as access: NetworkAccess) async throws -> [Subnet] {
        try await read(as: access) { transaction in
            var query = ListQuery()
            query.filters = [.init("network_id", [id.string])]
            return try transaction.subnets(query).items
        }
    }

    public func freeAddressCount(ofSubnet id: ResourceID) async throws -> Int {
        try await read(as: .service) { try $0.freeAddressCount(ofSubnet: id) }
    }

    public func ports(within connection: any DatabaseConnection) -> any PortTransaction {
        EmbeddedPorts(transaction: transaction(connection, as: .service))
    }

    public func ports(ownedBy deviceOwner: String) async throws -> [Port] {
        try await read(as: .service) { transaction in
            var query = ListQuery()
            query.filters = [.init("device_owner", [deviceOwner])]
            return try transaction.ports(query).items
        }
    }

    public func qosPolicyExists(_ id: ResourceID, as access: NetworkAccess) async throws -> Bool {
        try await read(as: access) { try $0.exists(.qosPolicy, id) }
    }

    public func securityGroupExists(_ id: ResourceID, as access: NetworkAccess) async throws -> Bool {
        try await read(as: access) { try $0.exists(.securityGroup, id) }
    }

    public func floatingAddresses(ofPort id: ResourceID) async throws -> [String] {
        try await read(as: .service) { transaction in
            var query = ListQuery()
            query.filters = [.init("port_id", [id.string])]
            return try transaction.floatingIPs(query).items.map(\.address.description)
        }
    }
}

/// Ports as load balancing makes, claims and gives them back.
private struct EmbeddedPorts: PortTransaction {
    let transaction: NetworkTransaction

    func createPort(_ request: PortRequest) throws -> Port {
        var attributes = PortAttributes()
        attributes.projectID = request.projectID
        attributes.networkID = request.networkID
        attributes.name = request.name
        attributes.adminStateUp = request.adminStateUp
        attributes.fixedAddresses = request.fixedAddresses
        attributes.deviceID = request.deviceID
        attributes.deviceOwner = request.deviceOwner
        attributes.securityGroupIDs = request.securityGroupIDs
        if let policy = request.qosPolicyID { attributes.qosPolicyID = .value(policy) }
        return try EmbeddedNetwork.translatingFaults { try transaction.createPort(attributes) }
    }

    func updatePort(_ id: ResourceID, _ update: PortUpdate) throws -> Port {
        let user = try transaction.port(id).deviceID
        guard !update.requiresUnclaimed || user.isEmpty || user == update.deviceID else {
            throw NetworkFault(.inUse(.port), type: "PortInUse", "Port \(id) is already used by device \(user).")
        }
        var attributes = PortAttributes()
        attributes.name = update.name
        attributes.deviceID = update.deviceID
        attributes.deviceOwner = update.deviceOwner
        attributes.adminStateUp = update.adminStateUp
        attributes.securityGroupIDs = update.securityGroupIDs
        attributes.qosPolicyID = update.qosPolicyID
        return try EmbeddedNetwork.translatingFaults { try transaction.updatePort(id, attributes) }
    }

    func giveBack(_ id: ResourceID, isOwn: Bool) throws {
        guard try transaction.ports(ListQuery(id: id)).items.first != nil else { return }
        if isOwn { return try EmbeddedNetwork.translatingFaults { try transaction.deletePort(id) } }
        _ = try updatePort(id, .release)
    }
}
