// Floating IPs.

public import LoadBalancing

/// An address of an external network that can be tied to a port (Network API v2.0 reference, "Floating IPs").
public struct FloatingIP: Sendable, Hashable {
    public var header: NetworkObjectHeader
    public var networkID: ResourceID
    public var address: IPAddress
    /// The port that holds the address on the external network.
    public var holderPortID: ResourceID
    /// The port that it is tied to.
    public var portID: ResourceID?
    /// The address of that port that it stands for.
    public var fixedAddress: IPAddress?
    public var qosPolicyID: ResourceID?
    public var dnsName: String
    public var dnsDomain: String

    public var id: ResourceID { header.id }
    /// `ACTIVE` when tied to a port, else `DOWN`.
    public var status: String { portID == nil ? "DOWN" : "ACTIVE" }
}

/// What a request says about a floating IP; `nil` is "not mentioned".
public struct FloatingIPAttributes: Sendable, Hashable {
    public var projectID: String?
    public var description: String?
    public var networkID: ResourceID?
    public var subnetID: ResourceID?
    /// The wanted address.
    public var address: IPAddress?
    /// Null unties it.
    public var portID: Setting<ResourceID> = .unset
    /// Needed when the port has several IPv4 addresses.
    public var fixedAddress: Setting<IPAddress> = .unset
    public var qosPolicyID: Setting<ResourceID> = .unset
    public var dnsName: String?
    public var dnsDomain: String?
    public var tags: [String] = []
    /// The revision that the caller last saw (`If-Match`); another one is refused.
    public var expectedRevision: Int64?

    public init() {}
}
