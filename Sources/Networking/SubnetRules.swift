// What makes the parts of a subnet fit together.

import LoadBalancing

/// The arithmetic of a subnet's addresses, without a database.
struct SubnetRules {
    let cidr: IPNetwork

    private var family: IPAddress.Family { cidr.address.family }
    private var first: UInt128 { cidr.address.value }
    private var last: UInt128 { cidr.lastAddress.value }

    /// - Throws: ``NetworkFault`` for networks that cannot be subnets.
    init(_ cidr: IPNetwork) throws {
        self.cidr = cidr
        guard cidr.prefixLength > 0 else {
            throw NetworkFault.invalid(field: "cidr", "0 is not allowed as CIDR prefix length")
        }
        let isMulticast =
            cidr.address.family == .ipv4 ? cidr.address.value >> 28 == 0xE : cidr.address.value >> 120 == 0xFF
        guard !isMulticast else {
            throw NetworkFault.invalid(field: "cidr", "the multicast network '\(cidr)' cannot be a subnet")
        }
    }

    /// The addresses that hosts may have: without the network's own and the IPv4 broadcast address.
    var hosts: AddressRange {
        let hostBits = family.bitWidth - cidr.prefixLength
        guard hostBits >= 2 else { return range(first, last) }
        return range(first + 1, family == .ipv4 ? last - 1 : last)
    }

    /// The gateway of a request that names none: the first address; none for a network of one address.
    var defaultGateway: IPAddress? {
        cidr.prefixLength == family.bitWidth ? nil : hosts.first
    }

    /// The pools of a request that names none: all hosts without the gateway.
    func defaultPools(gateway: IPAddress?) -> [AddressRange] {
        let all = hosts
        guard let gateway, all.contains(gateway) else { return [all] }
        var pools: [AddressRange] = []
        if gateway > all.first { pools.append(range(all.first.value, gateway.value - 1)) }
        if gateway < all.last { pools.append(range(gateway.value + 1, all.last.value)) }
        return pools
    }

    func check(gateway: IPAddress) throws {
        guard gateway.family == family else {
            throw NetworkFault.invalid("gateway_ip '\(gateway)' is not of the IP version of cidr '\(cidr)'")
        }
        guard !cidr.contains(gateway) || hosts.contains(gateway) else {
            throw NetworkFault.invalid("Gateway '\(gateway)' is not valid on subnet '\(cidr)'")
        }
    }

    func check(pools: [AddressRange], gateway: IPAddress?) throws {
        guard pools.count <= 100 else {
            throw NetworkFault.invalid(field: "allocation_pools", "at most 100 are allowed")
        }
        let allowed = hosts
        for pool in pools {
            guard pool.first.family == family, pool.last.family == family, pool.first <= pool.last else {
                throw NetworkFault(
                    .invalid, type: "InvalidAllocationPool",
                    "The allocation pool \(pool.first)-\(pool.last) is not valid.")
            }
            guard allowed.contains(pool.first), allowed.contains(pool.last) else {
                throw NetworkFault(
                    .invalid, type: "OutOfBoundsAllocationPool",
                    "The allocation pool \(pool.first)-\(pool.last) spans beyond the subnet cidr \(cidr).")
            }
            if let gateway, pool.contains(gateway) {
                throw NetworkFault.conflict(
                    "GatewayConflictWithAllocationPools",
                    "Gateway ip \(gateway) conflicts with allocation pool \(pool.first)-\(pool.last).")
            }
        }
        let sorted = pools.sorted { $0.first < $1.first }
        for (left, right) in zip(sorted, sorted.dropFirst()) where right.first <= left.last {
            throw NetworkFault.conflict(
                "OverlappingAllocationPools",
                "Found overlapping allocation pools: \(left.first)-\(left.last), \(right.first)-\(right.last) for subnet"
                    + " \(cidr).")
        }
    }

    private func range(_ first: UInt128, _ last: UInt128) -> AddressRange {
        AddressRange(
            first: IPAddress(family: family, value: first), last: IPAddress(family: family, value: last))
    }
}
