// Which addresses a port gets.

import LoadBalancing
import Persistence

extension NetworkTransaction {
    /// How many addresses one port may have.
    private static var maximumAddresses: Int { 64 }

    /// Gives a new port its addresses.
    func allocate(_ requests: [FixedAddressRequest]?, _ network: Network, port: ResourceID) throws {
        let subnets = try subnets(onNetwork: network.id)
        guard let requests else {
            for family in [IPAddress.Family.ipv4, .ipv6] {
                let candidates = subnets.filter { $0.cidr.address.family == family }
                if !candidates.isEmpty { try takeAny(of: candidates, port: port, position: family.rawValue) }
            }
            return
        }
        try satisfy(requests, subnets, network.id, port: port, from: 0)
    }

    /// Changes the addresses of a port: what the requests still name stays, the rest is freed.
    func reallocate(_ requests: [FixedAddressRequest], of port: Port) throws {
        let subnets = try subnets(onNetwork: port.networkID)
        var remaining = port.fixedAddresses
        var kept: [FixedAddress] = []
        var open: [FixedAddressRequest] = []
        // Requests for certain addresses choose first.
        for request in requests.filter({ $0.address != nil }) + requests.filter({ $0.address == nil }) {
            let match = remaining.firstIndex { held in
                (request.address == nil || request.address == held.address)
                    && (request.subnetID == nil || request.subnetID == held.subnetID)
            }
            if let match { kept.append(remaining.remove(at: match)) } else { open.append(request) }
        }
        for held in remaining { try release(held) }
        try untieFloatingIPs(ofPort: port.id, addresses: remaining.map(\.address))
        for (index, held) in kept.enumerated() {
            try connection.execute(
                "UPDATE network_address SET position = ? WHERE subnet_id = ? AND address_key = ?",
                [index, held.subnetID, AddressKey(held.address).text])
        }
        guard requests.count <= Self.maximumAddresses else { throw Self.tooMany }
        try satisfy(open, subnets, port.networkID, port: port.id, from: kept.count)
    }

    /// Frees one address.
    func release(_ held: FixedAddress) throws {
        try connection.execute(
            "DELETE FROM network_address WHERE subnet_id = ? AND address_key = ?",
            [held.subnetID, AddressKey(held.address).text])
        try AddressAllocator(connection: connection, subnetID: held.subnetID, family: held.address.family)
            .release(held.address)
    }

    // MARK: Choosing

    private static var tooMany: NetworkFault {
        .invalid(field: "fixed_ips", "a port has at most \(maximumAddresses) addresses")
    }

    /// All subnets of a network: what the caller sees does not matter once it may use the network.
    private func subnets(onNetwork id: ResourceID) throws -> [Subnet] {
        var query = ListQuery()
        query.filters = [.init("network_id", [id.string])]
        return try asService.subnets(query).items
    }

    private func satisfy(
        _ requests: [FixedAddressRequest], _ subnets: [Subnet], _ networkID: ResourceID, port: ResourceID,
        from first: Int
    ) throws {
        guard requests.count <= Self.maximumAddresses else { throw Self.tooMany }
        // Certain addresses before any ones, so that a request does not take from itself what it names later.
        let numbered = Array(requests.enumerated())
        let ordered = numbered.filter { $0.element.address != nil } + numbered.filter { $0.element.address == nil }
        for (offset, request) in ordered {
            try satisfy(request, subnets, networkID, port: port, position: first + offset)
        }
    }

    private func satisfy(
        _ request: FixedAddressRequest, _ subnets: [Subnet], _ networkID: ResourceID, port: ResourceID, position: Int
    ) throws {
        var candidates = subnets
        if let id = request.subnetID {
            candidates = subnets.filter { $0.id == id }
            guard !candidates.isEmpty else {
                throw NetworkFault.invalid(
                    "Failed to create port on network \(networkID), because fixed_ips included invalid subnet \(id)")
            }
        }
        guard let address = request.address else {
            guard request.subnetID != nil else {
                throw NetworkFault.invalid(field: "fixed_ips", "each needs subnet_id or ip_address")
            }
            return try takeAny(of: candidates, port: port, position: position)
        }
        guard let subnet = candidates.first(where: { $0.cidr.contains(address) }) else {
            throw NetworkFault(
                .addressNotInSubnet(address),
                type: request.subnetID == nil ? "InvalidIpForNetwork" : "InvalidIpForSubnet",
                request.subnetID.map { "IP address \(address) is not a valid IP for the specified subnet \($0)." }
                    ?? "IP address \(address) is not a valid IP for any of the subnets on the specified network.")
        }
        guard try SubnetRules(subnet.cidr).hosts.contains(address) else {
            throw NetworkFault(
                .addressNotInSubnet(address), type: "InvalidIpForSubnet",
                "IP address \(address) is the network or broadcast address of subnet \(subnet.cidr).")
        }
        let isTaken = try connection.exists(
            "SELECT 1 FROM network_address WHERE subnet_id = ? AND address_key = ?",
            [subnet.id, AddressKey(address).text])
        guard !isTaken else { throw NetworkFault.addressInUse(address, network: networkID) }
        try allocator(subnet.id, subnet.cidr).take(address)
        try hold(address, subnet, port: port, position: position)
    }

    /// Takes the lowest free address of the first subnet that has one.
    private func takeAny(of subnets: [Subnet], port: ResourceID, position: Int) throws {
        for subnet in subnets {
            if let address = try allocator(subnet.id, subnet.cidr).takeLowest() {
                return try hold(address, subnet, port: port, position: position)
            }
        }
        let what = subnets.count == 1 ? "subnet" : "network"
        let id = subnets.count == 1 ? subnets.first?.id : subnets.first?.networkID
        throw NetworkFault(
            .addressesExhausted(subnets.count == 1 ? subnets.first?.id : nil), type: "IpAddressGenerationFailure",
            "No more IP addresses available on \(what) \(id?.string ?? "").")
    }

    private func hold(_ address: IPAddress, _ subnet: Subnet, port: ResourceID, position: Int) throws {
        try connection.insert(
            into: "network_address",
            [
                ("subnet_id", subnet.id), ("address_key", AddressKey(address).text),
                ("network_id", subnet.networkID), ("address", address.description), ("port_id", port),
                ("position", position),
            ])
    }
}
