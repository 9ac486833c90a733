// Where the address of a new load balancer comes from.

internal import KubernetesClient
internal import OctaviaClient

internal import struct LoadBalancing.IPAddress
internal import struct LoadBalancing.IPNetwork

/// The networks and subnets of the project, looked up now and then.
actor NetworkCatalog {
    private let cloud: Cloud
    private var content: (networks: [Network], subnets: [Subnet], until: ContinuousClock.Instant)?

    init(_ cloud: Cloud) {
        self.cloud = cloud
    }

    private func read() async throws -> (networks: [Network], subnets: [Subnet]) {
        if let content, content.until > .now { return (content.networks, content.subnets) }
        let networks = try await cloud.network.networks.list().all()
        let subnets = try await cloud.network.subnets.list().all()
        content = (networks, subnets, .now + .seconds(30))
        return (networks, subnets)
    }

    /// The subnets of networks that are not external.
    func internalSubnets() async throws -> [Subnet] {
        let (networks, subnets) = try await read()
        let external = Set(networks.filter(\.isExternal).map(\.id))
        return subnets.filter { !external.contains($0.networkID) }
    }

    func subnets(of network: ResourceID) async throws -> [Subnet] {
        try await read().subnets.filter { $0.networkID == network }
    }

    func subnet(_ id: ResourceID) async throws -> Subnet? { try await read().subnets.first { $0.id == id } }

    /// The network that floating IPs come from, if there is one.
    func externalNetwork() async throws -> ResourceID? {
        let (networks, subnets) = try await read()
        return networks.first { network in
            network.isExternal && (!network.subnetIDs.isEmpty || subnets.contains { $0.networkID == network.id })
        }?.id
    }
}

/// Fills in where the addresses of a new load balancer come from.
struct VirtualAddresses {
    let catalog: NetworkCatalog
    /// The addresses of nodes: of several subnets the one with nodes is taken.
    var nodeAddresses: [IPAddress] = []
    private(set) var problems: [Problem] = []

    init(catalog: NetworkCatalog, nodes: [Node]) {
        self.catalog = catalog
        nodeAddresses = nodes.flatMap { $0.status.addresses.compactMap { IPAddress($0.address) } }
    }

    /// - Parameters:
    ///   - families: The first is that of the address, a second one that of an additional address.
    ///   - address: A wish, of one of the families.
    mutating func fill(
        _ loadBalancer: inout LoadBalancerCreate, families: [IPAddress.Family], settings: AddressSettings,
        portID: ResourceID?, address: IPAddress?
    ) async throws {
        let first = families.first ?? .ipv4
        if let portID {
            loadBalancer.vipPortID = portID
        } else if let id = settings.subnetID {
            loadBalancer.vipSubnetID = id
            loadBalancer.vipNetworkID = settings.networkID
        } else if let id = settings.networkID {
            // Only the catalog can tell the family of what the service would choose.
            let subnets = try await catalog.subnets(of: id)
            loadBalancer.vipSubnetID = subnets.first { $0.family == first }?.id
            loadBalancer.vipNetworkID = id
        } else {
            loadBalancer.vipSubnetID = try await subnet(first, address)
        }
        if let address, address.family == first { loadBalancer.vipAddress = address.description }
        guard let second = families.dropFirst().first else { return }
        var network = loadBalancer.vipNetworkID
        if network == nil, let id = loadBalancer.vipSubnetID { network = try await catalog.subnet(id)?.networkID }
        guard let network, let subnet = try await catalog.subnets(of: network).first(where: { $0.family == second })
        else {
            problems.append(
                .warning(
                    EventReason.secondFamilySkipped,
                    "there is no \(second.kubernetesName) subnet in the load balancer's network; it gets an "
                        + "\(first.kubernetesName) address only"))
            return
        }
        let wish = address.flatMap { $0.family == second ? $0.description : nil }
        loadBalancer.additionalVIPs = [AdditionalVIP(subnetID: subnet.id, address: wish)]
    }

    private func subnet(_ family: IPAddress.Family, _ address: IPAddress?) async throws -> ResourceID {
        var candidates = try await catalog.internalSubnets().filter { $0.family == family }
        if let address {
            candidates = candidates.filter { IPNetwork($0.cidr)?.contains(address) == true }
        }
        if candidates.count > 1 {
            let withNodes = candidates.filter { subnet in
                guard let network = IPNetwork(subnet.cidr) else { return false }
                return nodeAddresses.contains { network.contains($0) }
            }
            if !withNodes.isEmpty { candidates = withNodes }
        }
        if candidates.count == 1 { return candidates[0].id }
        let place = address.map { "subnet with \($0)" } ?? "\(family.kubernetesName) subnet"
        guard !candidates.isEmpty else {
            throw Problem.refusal(
                "there is no \(place) for the load balancer; name one with the setting or annotation subnet-id")
        }
        let names = candidates.prefix(5).map { $0.name.isEmpty ? $0.id.string : $0.name }.joined(separator: ", ")
        throw Problem.refusal(
            "there are \(candidates.count) subnets that the load balancer could have its address in (\(names)); "
                + "choose one with the setting or annotation subnet-id")
    }
}

extension Subnet {
    var family: IPAddress.Family? { IPNetwork(cidr)?.address.family }
}
