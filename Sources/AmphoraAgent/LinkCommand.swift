// The commands for ip(8) that the agent uses, as values: nothing that a tenant sends becomes a word of them.

import LoadBalancing

/// One line of `ip -batch`.
enum LinkCommand: Hashable, Sendable {
    case addBridge(InterfaceName, HardwareAddress)
    case setAlias(InterfaceName, LinkAlias)
    case deleteLink(InterfaceName)
    case setUp(InterfaceName)
    case setMaster(InterfaceName, bridge: InterfaceName)
    case clearMaster(InterfaceName)
    case addNamespace(of: ResourceID, BridgeSettings)
    case deleteNamespace(of: ResourceID, BridgeSettings)
    /// A pair of interfaces: one a port of the bridge, the other in the load balancer's namespace.
    case addPair(of: ResourceID, BridgeSettings)
    case addAddress(InterfaceAddress, InterfaceName)
    case deleteAddress(InterfaceAddress, InterfaceName)
    case setDefaultRoute(via: IPAddress, InterfaceName)

    /// The line.
    var text: String {
        switch self {
        case .addBridge(let name, let address):
            "link add \(name) address \(address) type bridge stp_state 0 forward_delay 0"
        case .setAlias(let name, let alias): "link set \(name) alias \(alias.rawValue)"
        case .deleteLink(let name): "link del \(name)"
        case .setUp(let name): "link set \(name) up"
        case .setMaster(let name, let bridge): "link set \(name) master \(bridge) up"
        case .clearMaster(let name): "link set \(name) nomaster"
        case .addNamespace(let id, let bridge): "netns add \(bridge.namespace(of: id))"
        case .deleteNamespace(let id, let bridge): "netns del \(bridge.namespace(of: id))"
        case .addPair(let id, let bridge):
            "link add \(bridge.outsideInterface(of: id)) up master \(bridge.name) type veth peer name "
                + "\(InterfaceName.inside) address \(bridge.hardwareAddress(of: id)) netns \(bridge.namespace(of: id))"
        case .addAddress(let address, let name):
            // An IPv6 address that looks for duplicates first cannot be bound for a second (RFC 4862, section 5.4).
            "addr replace \(address) dev \(name)\(address.address.family == .ipv6 ? " nodad" : "")"
        case .deleteAddress(let address, let name): "addr del \(address) dev \(name)"
        case .setDefaultRoute(let gateway, let name): "route replace default via \(gateway) dev \(name)"
        }
    }

    /// What `ip -batch -` reads.
    static func script(_ commands: [LinkCommand]) -> String {
        commands.map { $0.text + "\n" }.joined()
    }
}

/// Marks that the agent leaves on interfaces.
enum LinkAlias: String, Hashable, Sendable {
    /// The agent made it and may remove it.
    case madeByAgent = "made-by-ottava"
}
