// Networks.

public import LoadBalancing

/// A layer-2 network (Network API v2.0 reference, "Networks").
public struct Network: Sendable, Hashable {
    public var header: NetworkObjectHeader
    public var adminStateUp: Bool
    /// Every project may use it.
    public var isShared: Bool
    /// `router:external`: floating IPs come from its subnets.
    public var isExternal: Bool
    public var isDefault: Bool
    /// In bytes.
    public var mtu: Int
    public var portSecurityEnabled: Bool
    public var dnsDomain: String
    public var qosPolicyID: ResourceID?
    public var providerNetworkType: String?
    public var providerPhysicalNetwork: String?
    public var providerSegmentationID: Int?
    public var availabilityZoneHints: [String]
    /// In the order of their creation.
    public var subnetIDs: [ResourceID]

    public var id: ResourceID { header.id }

    public init(
        header: NetworkObjectHeader, adminStateUp: Bool = true, isShared: Bool = false, isExternal: Bool = false,
        isDefault: Bool = false, mtu: Int = 1500, portSecurityEnabled: Bool = true, dnsDomain: String = "",
        qosPolicyID: ResourceID? = nil, providerNetworkType: String? = nil, providerPhysicalNetwork: String? = nil,
        providerSegmentationID: Int? = nil, availabilityZoneHints: [String] = [], subnetIDs: [ResourceID] = []
    ) {
        self.header = header
        self.adminStateUp = adminStateUp
        self.isShared = isShared
        self.isExternal = isExternal
        self.isDefault = isDefault
        self.mtu = mtu
        self.portSecurityEnabled = portSecurityEnabled
        self.dnsDomain = dnsDomain
        self.qosPolicyID = qosPolicyID
        self.providerNetworkType = providerNetworkType
        self.providerPhysicalNetwork = providerPhysicalNetwork
        self.providerSegmentationID = providerSegmentationID
        self.availabilityZoneHints = availabilityZoneHints
        self.subnetIDs = subnetIDs
    }
}

/// What a request says about a network; `nil` is "not mentioned".
public struct NetworkAttributes: Sendable, Hashable {
    public var projectID: String?
    public var name: String?
    public var description: String?
    public var adminStateUp: Bool?
    public var isShared: Bool?
    public var isExternal: Bool?
    public var isDefault: Bool?
    /// In bytes, 68–65535.
    public var mtu: Int?
    public var portSecurityEnabled: Bool?
    public var dnsDomain: String?
    public var qosPolicyID: Setting<ResourceID> = .unset
    public var providerNetworkType: Setting<String> = .unset
    public var providerPhysicalNetwork: Setting<String> = .unset
    public var providerSegmentationID: Setting<Int> = .unset
    public var availabilityZoneHints: [String]?
    public var tags: [String] = []
    /// The revision that the caller last saw (`If-Match`); another one is refused.
    public var expectedRevision: Int64?

    public init() {}
}
