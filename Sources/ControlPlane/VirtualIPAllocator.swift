// Where the address of a new load balancer comes from (API reference, "Create a load balancer").

internal import LoadBalancing
internal import Networking
internal import OctaviaWire

/// Resolves what a request says of the VIP into a port with an address.
struct VirtualIPAllocator {
    /// What a load balancer got.
    struct Allocation {
        var vip: VirtualIP
        var additional: [AdditionalVIP]
    }

    /// What a request means, before anything was made.
    enum Wanted {
        /// A port that the client made, and the address of it that serves.
        case claimed(Port, FixedAddress)
        /// A port of the load balancer's own with these addresses, the first of which is the VIP.
        case own(networkID: ResourceID, [FixedAddressRequest])

        var networkID: ResourceID {
            switch self {
            case .claimed(let port, _): port.networkID
            case .own(let networkID, _): networkID
            }
        }
    }

    let network: any NetworkProvider
    let access: NetworkAccess

    /// Finds out what a request means; changes nothing.
    func resolve(_ request: LoadBalancerCreate) async throws -> Wanted {
        try Self.requireKind(of: request)
        if let policy = request.vipQoSPolicyID, !(try await network.qosPolicyExists(policy, as: access)) {
            throw OctaviaFault.missingNetworkObject("qos_policy", policy)
        }
        for group in request.vipSecurityGroupIDs ?? []
        where !(try await network.securityGroupExists(group, as: access)) {
            throw OctaviaFault.missingNetworkObject("Security Group", group)
        }
        if let portID = request.vipPortID { return try await claimed(portID, request) }
        return try await own(request)
    }

    /// A request must say where the address comes from.
    static func requireKind(of request: LoadBalancerCreate) throws(OctaviaFault) {
        guard request.vipPortID != nil || request.vipNetworkID != nil || request.vipSubnetID != nil else {
            throw .validation("VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.")
        }
    }

    /// Makes or claims the port of a new load balancer, in the transaction that writes the load balancer.
    ///
    /// - Throws: ``OctaviaFault``; the transaction must not go on then.
    static func allocate(
        _ wanted: Wanted, _ request: LoadBalancerCreate, loadBalancerID: ResourceID, projectID: String,
        in ports: any PortTransaction
    ) throws -> Allocation {
        switch wanted {
        case .claimed(let port, let chosen):
            do {
                _ = try ports.updatePort(port.id, .claim(for: loadBalancerID))
            } catch let fault as NetworkFault {
                throw Self.translated(fault)
            }
            return Allocation(
                vip: VirtualIP(
                    address: chosen.address.description, subnetID: chosen.subnetID, networkID: port.networkID,
                    portID: port.id, qosPolicyID: request.vipQoSPolicyID ?? port.qosPolicyID,
                    securityGroupIDs: request.vipSecurityGroupIDs ?? [], ownsPort: false),
                additional: request.additionalVIPs.map { vip in
                    let held = port.fixedAddresses.first { $0.subnetID == vip.subnetID }
                    return AdditionalVIP(
                        subnetID: vip.subnetID, address: vip.address ?? held?.address.description, portID: port.id)
                })
        case .own(let networkID, let fixed):
            return try makePort(networkID, fixed, request, loadBalancerID, projectID, ports)
        }
    }

    // MARK: A port that the client made

    private func claimed(_ portID: ResourceID, _ request: LoadBalancerCreate) async throws -> Wanted {
        guard let port = try await network.port(portID, as: access) else {
            throw OctaviaFault.missingNetworkObject("Port", portID)
        }
        guard port.deviceID.isEmpty else {
            throw OctaviaFault.validation("Port \(portID) is already used by device \(port.deviceID)")
        }
        let chosen: FixedAddress
        if let subnetID = request.vipSubnetID {
            guard try await network.subnet(subnetID, as: access) != nil else {
                throw OctaviaFault.missingNetworkObject("Subnet", subnetID)
            }
            guard let address = port.fixedAddresses.first(where: { $0.subnetID == subnetID }) else {
                throw OctaviaFault.validation(
                    "No VIP address found on the specified VIP port within the specified subnet.")
            }
            chosen = address
        } else if let wanted = request.vipAddress {
            guard let address = port.fixedAddresses.first(where: { $0.address == IPAddress(wanted) }) else {
                throw OctaviaFault.validation("Specified VIP address not found on the specified VIP port.")
            }
            chosen = address
        } else {
            guard port.fixedAddresses.count == 1, let only = port.fixedAddresses.first else {
                throw OctaviaFault.validation(
                    "VIP port's subnet could not be determined. Please specify either a VIP subnet or address.")
            }
            chosen = only
        }
        var used: Set = [chosen.subnetID]
        for vip in request.additionalVIPs {
            guard used.insert(vip.subnetID).inserted else { throw Self.repeatedSubnet }
            let isHeld = port.fixedAddresses.contains { fixed in
                fixed.subnetID == vip.subnetID && (vip.address.map { IPAddress($0) == fixed.address } ?? true)
            }
            guard isHeld else {
                throw OctaviaFault.validation(
                    "additional_vips: the VIP port has no such address on subnet \(vip.subnetID); its owner decides on its addresses."
                )
            }
        }
        return .claimed(port, chosen)
    }

    private static let repeatedSubnet = OctaviaFault.validation(
        "Duplicate VIP subnet(s) specified. Only one IP can be bound per subnet.")

    // MARK: A port of the load balancer's own

    private func own(_ request: LoadBalancerCreate) async throws -> Wanted {
        let subnet = try await primarySubnet(request)
        var fixed = [FixedAddressRequest(subnetID: subnet.id, address: try address(request.vipAddress))]
        var used: Set = [subnet.id]
        for vip in request.additionalVIPs {
            guard used.insert(vip.subnetID).inserted else { throw Self.repeatedSubnet }
            guard let other = try await network.subnet(vip.subnetID, as: access) else {
                throw OctaviaFault.validation("Subnet \(vip.subnetID) not found")
            }
            guard other.networkID == subnet.networkID else {
                throw OctaviaFault.validation("All VIP subnets must belong to the same network.")
            }
            fixed.append(FixedAddressRequest(subnetID: vip.subnetID, address: try address(vip.address)))
        }
        return .own(networkID: subnet.networkID, fixed)
    }

    private static func makePort(
        _ networkID: ResourceID, _ fixed: [FixedAddressRequest], _ request: LoadBalancerCreate,
        _ loadBalancerID: ResourceID, _ projectID: String, _ ports: any PortTransaction
    ) throws -> Allocation {
        let port: Port
        do {
            port = try ports.createPort(
                PortRequest(
                    virtualAddressOf: loadBalancerID, projectID: projectID, networkID: networkID,
                    fixedAddresses: fixed, securityGroupIDs: request.vipSecurityGroupIDs,
                    qosPolicyID: request.vipQoSPolicyID))
        } catch let fault as NetworkFault {
            throw Self.translated(fault)
        }
        let addresses = Dictionary(
            port.fixedAddresses.map { ($0.subnetID, $0.address.description) }, uniquingKeysWith: { first, _ in first })
        let subnetID = fixed.first?.subnetID
        return Allocation(
            vip: VirtualIP(
                // The client's spelling is kept: comparisons of clients go by text.
                address: request.vipAddress ?? subnetID.flatMap { addresses[$0] }, subnetID: subnetID,
                networkID: networkID, portID: port.id, qosPolicyID: request.vipQoSPolicyID,
                securityGroupIDs: request.vipSecurityGroupIDs ?? [], ownsPort: true),
            additional: request.additionalVIPs.map { vip in
                AdditionalVIP(
                    subnetID: vip.subnetID, address: vip.address ?? addresses[vip.subnetID], portID: port.id)
            })
    }

    private func address(_ text: String?) throws(OctaviaFault) -> IPAddress? {
        guard let text else { return nil }
        guard let address = IPAddress(text) else {
            throw .invalidInput(field: "vip_address", value: text, reason: "Value should be IPv4 or IPv6 format")
        }
        return address
    }

    private func primarySubnet(_ request: LoadBalancerCreate) async throws -> Subnet {
        guard let networkID = request.vipNetworkID else {
            guard let id = request.vipSubnetID, let subnet = try await network.subnet(id, as: access) else {
                throw OctaviaFault.missingNetworkObject("Subnet", request.vipSubnetID?.string ?? "")
            }
            return subnet
        }
        guard try await network.network(networkID, as: access) != nil else {
            throw OctaviaFault.missingNetworkObject("Network", networkID)
        }
        let subnets = try await network.subnets(ofNetwork: networkID, as: access)
        if let id = request.vipSubnetID {
            guard let subnet = subnets.first(where: { $0.id == id }) else {
                throw OctaviaFault.missingNetworkObject("Subnet", id)
            }
            return subnet
        }
        if let address = try address(request.vipAddress) {
            guard let subnet = subnets.first(where: { $0.cidr.contains(address) }) else {
                throw OctaviaFault.validation(
                    "Supplied network does not contain a subnet for VIP address specified.")
            }
            return subnet
        }
        guard !subnets.isEmpty else {
            throw OctaviaFault.validation("Supplied network does not contain a subnet.")
        }
        let ipv4First =
            subnets.filter { $0.cidr.address.family == .ipv4 } + subnets.filter { $0.cidr.address.family == .ipv6 }
        for subnet in ipv4First where try await network.freeAddressCount(ofSubnet: subnet.id) >= 2 {
            return subnet
        }
        throw OctaviaFault.validation(
            "Subnets on the supplied network do not contain enough available IPs.")
    }

    private static func translated(_ fault: NetworkFault) -> any Error {
        switch fault.kind {
        case .addressInUse(let address):
            OctaviaFault(409, "The VIP IP address is already in use: \(address)")
        case .notFound:
            OctaviaFault(400, fault.message)
        case .addressesExhausted, .addressNotInSubnet, .invalid, .conflict, .forbidden, .inUse, .revisionMismatch:
            OctaviaFault.validation(fault.message)
        case .unavailable: fault
        }
    }
}
