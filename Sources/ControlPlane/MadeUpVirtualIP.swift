// Addresses for load balancers without a network behind them.

internal import LoadBalancing
internal import Networking
internal import OctaviaWire

/// Takes networks, subnets and ports of a request as given and makes up what it leaves open.
enum MadeUpVirtualIP {
    /// The same as ``VirtualIPAllocator/resolve(_:)`` where nothing can be looked up.
    static func resolve(_ request: LoadBalancerCreate) throws(OctaviaFault) -> VirtualIPAllocator.Wanted {
        try VirtualIPAllocator.requireKind(of: request)
        let subnetID = request.vipSubnetID ?? .random()
        var used: Set = [subnetID]
        for vip in request.additionalVIPs where !used.insert(vip.subnetID).inserted {
            throw .validation("Duplicate VIP subnet(s) specified. Only one IP can be bound per subnet.")
        }
        let fixed = [FixedAddressRequest(subnetID: subnetID, address: request.vipAddress.flatMap { IPAddress($0) })]
        return .own(networkID: request.vipNetworkID ?? .random(), fixed)
    }

    /// The subnets of a request that have IPv6 addresses; one that is not known counts as IPv4.
    static func ipv6Subnets(
        of request: LoadBalancerCreate, _ network: any NetworkProvider, as access: NetworkAccess
    ) async throws -> Set<ResourceID> {
        var result: Set<ResourceID> = []
        for id in [request.vipSubnetID].compactMap({ $0 }) + request.additionalVIPs.map(\.subnetID)
        where try await network.subnet(id, as: access)?.cidr.address.family == .ipv6 {
            result.insert(id)
        }
        return result
    }

    static func allocation(
        _ wanted: VirtualIPAllocator.Wanted, _ request: LoadBalancerCreate, ipv6Subnets: Set<ResourceID>
    ) -> VirtualIPAllocator.Allocation {
        var subnetID: ResourceID?
        if case .own(_, let fixed) = wanted { subnetID = fixed.first?.subnetID }
        let portID = request.vipPortID ?? .random()
        return VirtualIPAllocator.Allocation(
            vip: VirtualIP(
                address: request.vipAddress ?? address(isIPv6: request.vipSubnetID.map(ipv6Subnets.contains) ?? false),
                subnetID: subnetID, networkID: wanted.networkID,
                portID: portID, qosPolicyID: request.vipQoSPolicyID,
                securityGroupIDs: request.vipSecurityGroupIDs ?? [], ownsPort: false),
            additional: request.additionalVIPs.map {
                AdditionalVIP(
                    subnetID: $0.subnetID, address: $0.address ?? address(isIPv6: ipv6Subnets.contains($0.subnetID)),
                    portID: portID)
            })
    }

    /// An address of the ranges for benchmarks (RFC 2544, RFC 5180), which no network has.
    private static func address(isIPv6: Bool) -> String {
        if isIPv6 {
            return IPAddress(
                family: .ipv6, value: (UInt128(0x2001_0002) << 96) + UInt128(UInt64.random(in: 1 ... .max))
            ).description
        }
        return IPAddress(
            family: .ipv4, value: UInt128(198 << 24 | 18 << 16) + UInt128(UInt32.random(in: 1..<0x1FFFF))
        ).description
    }
}
