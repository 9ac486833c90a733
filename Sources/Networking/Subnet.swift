// Subnets.

public import LoadBalancing

/// A block of addresses on a network (Network API v2.0 reference, "Subnets").
public struct Subnet: Sendable, Hashable {
    public var header: NetworkObjectHeader
    public var networkID: ResourceID
    public var cidr: IPNetwork
    public var gateway: IPAddress?
    /// Where addresses are taken from when a request names none; sorted, without overlap.
    public var allocationPools: [AddressRange]
    public var enableDHCP: Bool
    public var dnsNameservers: [IPAddress]
    public var hostRoutes: [HostRoute]
    public var serviceTypes: [String]
    public var ipv6RouterAdvertisementMode: String?
    public var ipv6AddressMode: String?
    public var dnsPublishFixedIP: Bool

    public var id: ResourceID { header.id }

    public init(
        header: NetworkObjectHeader, networkID: ResourceID, cidr: IPNetwork, gateway: IPAddress? = nil,
        allocationPools: [AddressRange] = [], enableDHCP: Bool = true, dnsNameservers: [IPAddress] = [],
        hostRoutes: [HostRoute] = [], serviceTypes: [String] = [], ipv6RouterAdvertisementMode: String? = nil,
        ipv6AddressMode: String? = nil, dnsPublishFixedIP: Bool = false
    ) {
        self.header = header
        self.networkID = networkID
        self.cidr = cidr
        self.gateway = gateway
        self.allocationPools = allocationPools
        self.enableDHCP = enableDHCP
        self.dnsNameservers = dnsNameservers
        self.hostRoutes = hostRoutes
        self.serviceTypes = serviceTypes
        self.ipv6RouterAdvertisementMode = ipv6RouterAdvertisementMode
        self.ipv6AddressMode = ipv6AddressMode
        self.dnsPublishFixedIP = dnsPublishFixedIP
    }
}

/// A run of addresses, both ends included.
public struct AddressRange: Sendable, Hashable {
    public var first: IPAddress
    public var last: IPAddress

    public init(first: IPAddress, last: IPAddress) {
        self.first = first
        self.last = last
    }

    /// How many addresses it has, less one, so that all of IPv6 fits.
    var span: UInt128 { last.value - first.value }

    func contains(_ address: IPAddress) -> Bool { first <= address && address <= last }
}

/// A static route that DHCP hands out.
public struct HostRoute: Sendable, Hashable {
    public var destination: IPNetwork
    public var nextHop: IPAddress

    public init(destination: IPNetwork, nextHop: IPAddress) {
        self.destination = destination
        self.nextHop = nextHop
    }
}

/// What a request says about a subnet; `nil` is "not mentioned".
public struct SubnetAttributes: Sendable, Hashable {
    public var projectID: String?
    public var networkID: ResourceID?
    public var name: String?
    public var description: String?
    public var cidr: IPNetwork?
    /// Unset: the first address; null: none.
    public var gateway: Setting<IPAddress> = .unset
    public var allocationPools: [AddressRange]?
    public var enableDHCP: Bool?
    /// At most 5.
    public var dnsNameservers: [IPAddress]?
    /// At most 20.
    public var hostRoutes: [HostRoute]?
    public var serviceTypes: [String]?
    public var ipv6RouterAdvertisementMode: Setting<String> = .unset
    public var ipv6AddressMode: Setting<String> = .unset
    public var dnsPublishFixedIP: Bool?
    public var tags: [String] = []
    /// The revision that the caller last saw (`If-Match`); another one is refused.
    public var expectedRevision: Int64?

    public init() {}
}
