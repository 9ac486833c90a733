// How load balancers' addresses become real, as settings say it.

internal import AmphoraAgent
internal import LoadBalancing
internal import Networking

/// The way in which this node makes addresses real.
enum NetworkMode: Sendable, Hashable {
    /// Addresses of 127.0.0.0/8, which are local on Linux anyway.
    case loopback
    /// A network namespace for each load balancer, on a bridge.
    case bridge(BridgeSettings)

    /// Ranges whose addresses are real on this node; those of loopback harm nobody.
    var reservedRanges: [IPNetwork] {
        if case .bridge(let bridge) = self { bridge.subnets.map(\.network) } else { [] }
    }

    /// The networks that clients find.
    var defaultNetworks: DefaultNetworks {
        guard case .bridge(let bridge) = self else { return .loopback }
        func subnet(_ name: String, _ subnet: BridgeSettings.Subnet) -> DefaultNetworks.Subnet {
            DefaultNetworks.Subnet(
                name: name, network: subnet.network, gateway: subnet.gateway,
                pool: AddressRange(first: subnet.first, last: subnet.last))
        }
        let names = ["private-subnet", "public-subnet", "private-subnet-v6"]
        let named = zip(names, bridge.subnets).map { subnet($0, $1) }
        return DefaultNetworks(
            privateSubnets: named.filter { $0.name != names[1] }, publicSubnets: named.filter { $0.name == names[1] })
    }
}

/// Reads the settings of the network.
struct NetworkSettingsReader {
    /// The value of a key, from wherever it is set.
    let text: (String) -> String?

    /// The mode of the option `--network`, else of the setting.
    ///
    /// - Throws: ``ServerSettings/Problem`` for a value that cannot be used.
    func mode(_ option: String?) throws -> NetworkMode {
        let word = option ?? text("network") ?? "loopback"
        switch word {
        case "loopback": return .loopback
        case "bridge": return .bridge(try bridge())
        default: throw ServerSettings.Problem(key: "network", value: word, allowed: "loopback or bridge")
        }
    }

    private func bridge() throws -> BridgeSettings {
        let name = try interface("bridge") ?? interface("bridge", "ottava0")
        guard let name else { throw ServerSettings.Problem(key: "bridge", value: "", allowed: "a name") }
        var subnets = [
            try subnet("bridgeSubnet", "10.77.0.0/16", .ipv4, gateway: "bridgeGateway", pool: "bridgePool"),
            try subnet("bridgeFloatingSubnet", "10.78.0.0/16", .ipv4, gateway: nil, pool: "bridgeFloatingPool"),
        ]
        let key = "bridgeSubnet6"
        if text(key) != "none" {
            subnets.append(try subnet(key, "fd77::/64", .ipv6, gateway: "bridgeGateway6", pool: "bridgePool6"))
        }
        for (index, subnet) in subnets.enumerated() {
            for other in subnets[..<index] where other.network.overlaps(subnet.network) {
                throw ServerSettings.Problem(
                    key: "bridgeFloatingSubnet", value: "\(subnet.network)",
                    allowed: "a network that does not overlap with \(other.network)")
            }
        }
        return BridgeSettings(
            name: name, subnets: subnets, physicalInterface: try interface("bridgeInterface"),
            masquerades: try flag("bridgeMasquerade", default: true))
    }

    private func interface(_ key: String, _ fallback: String? = nil) throws -> InterfaceName? {
        guard let value = text(key) ?? fallback else { return nil }
        guard let name = InterfaceName(value) else {
            throw ServerSettings.Problem(
                key: key, value: value, allowed: "1 to 15 letters, digits, '-', '_' and '.', the first a letter")
        }
        return name
    }

    private func flag(_ key: String, default fallback: Bool) throws -> Bool {
        guard let word = text(key) else { return fallback }
        guard let value = Bool(word) else {
            throw ServerSettings.Problem(key: key, value: word, allowed: "true or false")
        }
        return value
    }

    /// A subnet of the bridge. Without a gateway of its own the node is the gateway, with the subnet's first address; a
    /// subnet without the key of a gateway lies beside another and needs none.
    private func subnet(
        _ key: String, _ fallback: String, _ family: IPAddress.Family, gateway gatewayKey: String?, pool poolKey: String
    ) throws -> BridgeSettings.Subnet {
        let value = text(key) ?? fallback
        let bits = family.bitWidth
        guard let network = IPNetwork(value), network.address.family == family, value.contains("/"),
            (8...(bits - 3)).contains(network.prefixLength)
        else {
            throw ServerSettings.Problem(
                key: key, value: value,
                allowed: "an IPv\(family.rawValue) network ADDRESS/LENGTH with length 8 to \(bits - 3)")
        }
        func address(_ offset: UInt128) -> IPAddress {
            IPAddress(family: family, value: network.address.value + offset)
        }
        var hostAddress: IPAddress? = address(1)
        var gateway = gatewayKey == nil ? nil : hostAddress
        if let gatewayKey, let value = text(gatewayKey) {
            guard let given = IPAddress(value), network.contains(given) else {
                throw ServerSettings.Problem(key: gatewayKey, value: value, allowed: "an address in \(network)")
            }
            (gateway, hostAddress) = (given, nil)
        }
        let size: UInt128 = 1 << UInt128(bits - network.prefixLength)
        let lastHost = size - (family == .ipv4 ? 2 : 1)
        var (first, last) = (address(size > 32 ? 10 : 2), address(lastHost))
        if let value = text(poolKey) {
            let ends = value.split(separator: "-", omittingEmptySubsequences: false).map { IPAddress($0) }
            guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high, network.contains(low),
                network.contains(high), low >= address(1), high <= address(lastHost),
                gateway.map({ $0 < low || $0 > high }) ?? true
            else {
                throw ServerSettings.Problem(
                    key: poolKey, value: value,
                    allowed: "FIRST-LAST, addresses of hosts in \(network) without the gateway")
            }
            (first, last) = (low, high)
        } else if let given = gateway, first <= given, given <= last {
            // The gateway is somebody else's: beside it is room on one side at least.
            if given == first {
                first = address(given.value - network.address.value + 1)
            } else if given == last {
                last = address(given.value - network.address.value - 1)
            } else {
                throw ServerSettings.Problem(
                    key: poolKey, value: "",
                    allowed: "a range FIRST-LAST, because gateway \(given) is within \(network)")
            }
        }
        return BridgeSettings.Subnet(
            network: network, first: first, last: last, hostAddress: hostAddress, gateway: gateway)
    }
}
