// Ports.

public import LoadBalancing

/// A connection to a network with its addresses (Network API v2.0 reference, "Ports").
public struct Port: Sendable, Hashable {
    public var header: NetworkObjectHeader
    public var networkID: ResourceID
    public var adminStateUp: Bool
    /// Lower case with colons: `fa:16:3e:00:00:01`.
    public var macAddress: String
    /// In the order of the request.
    public var fixedAddresses: [FixedAddress]
    public var deviceID: String
    public var deviceOwner: String
    public var securityGroupIDs: [ResourceID]
    public var portSecurityEnabled: Bool
    public var qosPolicyID: ResourceID?
    public var allowedAddressPairs: [AddressPair]
    public var extraDHCPOptions: [DHCPOption]
    public var dnsName: String
    public var bindingHostID: String
    public var bindingVNICType: String
    /// `ACTIVE` when it is switched on and something owns it, else `DOWN`.
    public var status: String

    public var id: ResourceID { header.id }

    public init(
        header: NetworkObjectHeader, networkID: ResourceID, adminStateUp: Bool = true, macAddress: String,
        fixedAddresses: [FixedAddress], deviceID: String = "", deviceOwner: String = "",
        securityGroupIDs: [ResourceID] = [], portSecurityEnabled: Bool = true, qosPolicyID: ResourceID? = nil,
        allowedAddressPairs: [AddressPair] = [], extraDHCPOptions: [DHCPOption] = [], dnsName: String = "",
        bindingHostID: String = "", bindingVNICType: String = "normal", status: String = "DOWN"
    ) {
        self.header = header
        self.networkID = networkID
        self.adminStateUp = adminStateUp
        self.macAddress = macAddress
        self.fixedAddresses = fixedAddresses
        self.deviceID = deviceID
        self.deviceOwner = deviceOwner
        self.securityGroupIDs = securityGroupIDs
        self.portSecurityEnabled = portSecurityEnabled
        self.qosPolicyID = qosPolicyID
        self.allowedAddressPairs = allowedAddressPairs
        self.extraDHCPOptions = extraDHCPOptions
        self.dnsName = dnsName
        self.bindingHostID = bindingHostID
        self.bindingVNICType = bindingVNICType
        self.status = status
    }

    /// What owns the ports behind floating IPs.
    public static let floatingIPOwner = "network:floatingip"
    /// What owns the ports of load balancers.
    public static let loadBalancerOwner = "Octavia"
}

/// An address that a port holds.
public struct FixedAddress: Sendable, Hashable {
    public var subnetID: ResourceID
    public var address: IPAddress

    public init(subnetID: ResourceID, address: IPAddress) {
        self.subnetID = subnetID
        self.address = address
    }
}

/// An address that a port wants: from a subnet, a certain one, or both. One of the two must be given.
public struct FixedAddressRequest: Sendable, Hashable {
    public var subnetID: ResourceID?
    public var address: IPAddress?

    public init(subnetID: ResourceID? = nil, address: IPAddress? = nil) {
        self.subnetID = subnetID
        self.address = address
    }
}

/// A further source address that may pass a port.
public struct AddressPair: Sendable, Hashable {
    public var network: IPNetwork
    /// Whether the request wrote it with a prefix length.
    public var hasPrefix: Bool
    public var macAddress: String?

    public init(network: IPNetwork, hasPrefix: Bool, macAddress: String?) {
        self.network = network
        self.hasPrefix = hasPrefix
        self.macAddress = macAddress
    }
}

/// An option that DHCP hands to the port.
public struct DHCPOption: Sendable, Hashable {
    public var name: String
    public var value: String
    /// 4 or 6.
    public var ipVersion: Int

    public init(name: String, value: String, ipVersion: Int) {
        self.name = name
        self.value = value
        self.ipVersion = ipVersion
    }
}

/// What a request says about a port; `nil` is "not mentioned".
public struct PortAttributes: Sendable, Hashable {
    public var projectID: String?
    public var networkID: ResourceID?
    public var name: String?
    public var description: String?
    public var adminStateUp: Bool?
    public var macAddress: String?
    /// Not mentioned at creation: one address of each family that the network has. At most 64.
    public var fixedAddresses: [FixedAddressRequest]?
    public var deviceID: String?
    public var deviceOwner: String?
    /// Not mentioned at creation: the project's default group.
    public var securityGroupIDs: [ResourceID]?
    public var portSecurityEnabled: Bool?
    public var qosPolicyID: Setting<ResourceID> = .unset
    public var allowedAddressPairs: [AddressPair]?
    public var extraDHCPOptions: [DHCPOption]?
    public var dnsName: String?
    public var bindingHostID: String?
    public var bindingVNICType: String?
    public var tags: [String] = []
    /// The revision that the caller last saw (`If-Match`); another one is refused.
    public var expectedRevision: Int64?

    public init() {}
}
