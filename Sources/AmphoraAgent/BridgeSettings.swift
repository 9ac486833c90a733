// What the operator says about the bridge that load balancers are attached to.

public import LoadBalancing

/// The bridge of a node, and the addresses that load balancers on it may have.
public struct BridgeSettings: Hashable, Sendable {
    /// A block of addresses on the bridge.
    public struct Subnet: Hashable, Sendable {
        public var network: IPNetwork
        /// The first and the last address that load balancers may have.
        public var first: IPAddress
        public var last: IPAddress
        /// The address that the node itself has on the bridge; absent when the agent must not give it one.
        public var hostAddress: IPAddress?
        /// Where load balancers send what is for elsewhere; absent for subnets of addresses beside another's.
        public var gateway: IPAddress?

        public init(
            network: IPNetwork, first: IPAddress, last: IPAddress, hostAddress: IPAddress?, gateway: IPAddress?
        ) {
            self.network = network
            self.first = first
            self.last = last
            self.hostAddress = hostAddress
            self.gateway = gateway
        }

        /// Whether a load balancer may have the address.
        func serves(_ address: IPAddress) -> Bool {
            address.family == network.address.family && first <= address && address <= last && address != hostAddress
                && address != gateway
        }
    }

    /// The bridge; made when missing.
    public var name: InterfaceName
    public var subnets: [Subnet]
    /// An interface of the node that is made a port of the bridge, so that other machines reach the addresses.
    public var physicalInterface: InterfaceName?
    /// Whether the node forwards what load balancers send to members elsewhere, with its own address as the source.
    public var masquerades: Bool

    public init(
        name: InterfaceName, subnets: [Subnet], physicalInterface: InterfaceName? = nil, masquerades: Bool = true
    ) {
        self.name = name
        self.subnets = subnets
        self.physicalInterface = physicalInterface
        self.masquerades = masquerades
    }

    /// The address with the length of its subnet's prefix; `nil` when load balancers may not have it.
    func interfaceAddress(_ address: IPAddress) -> InterfaceAddress? {
        guard let subnet = subnets.first(where: { $0.serves(address) }) else { return nil }
        return InterfaceAddress(address: address, prefixLength: subnet.network.prefixLength)
    }

    /// The namespace of a load balancer: the bridge's name and the id. Agents with different bridges do not meet.
    func namespace(of id: ResourceID) -> String { "\(name)-\(id)" }

    /// The load balancer of a namespace; `nil` for one that is not of this bridge.
    func loadBalancer(ofNamespace text: String) -> ResourceID? {
        guard text.hasPrefix("\(name)-"), let id = ResourceID(text.dropFirst(name.description.utf8.count + 1)),
            text == namespace(of: id)
        else { return nil }
        return id
    }

    /// The host's end of a load balancer's pair.
    func outsideInterface(of id: ResourceID) -> InterfaceName { .outside(stableHash(namespace(of: id))) }

    /// The Ethernet address of a load balancer. It stays when everything else is made anew, so that neighbours need not
    /// notice.
    func hardwareAddress(of id: ResourceID) -> HardwareAddress {
        HardwareAddress(seed: stableHash(namespace(of: id)))
    }
}

/// An address with the length of its network's prefix, as an interface has it.
struct InterfaceAddress: Hashable, Sendable, CustomStringConvertible {
    var address: IPAddress
    var prefixLength: Int

    /// `192.0.2.1/24`.
    var description: String { "\(address)/\(prefixLength)" }
}
