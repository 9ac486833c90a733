// What load balancing needs of any network service.

public import LoadBalancing
public import Persistence

/// A network service: the embedded one, or a remote Neutron.
///
/// All requirements throw ``NetworkFault`` for what is wrong with the request. Look-ups return `nil` for what does not
/// exist and for what the caller may not see.
public protocol NetworkProvider: Sendable {
    /// The network, if it is the caller's own, shared or external.
    func network(_ id: ResourceID, as access: NetworkAccess) async throws -> Network?

    /// The subnet, if its network is visible.
    func subnet(_ id: ResourceID, as access: NetworkAccess) async throws -> Subnet?

    /// The port, if it or its network is the caller's own.
    func port(_ id: ResourceID, as access: NetworkAccess) async throws -> Port?

    /// The subnets of a network in the order of their creation; empty when the network is not visible.
    func subnets(ofNetwork id: ResourceID, as access: NetworkAccess) async throws -> [Subnet]

    /// How many addresses the allocation pools still have; at most `Int.max`.
    ///
    /// - Throws: ``NetworkFault`` of kind `notFound` when there is no such subnet.
    func freeAddressCount(ofSubnet id: ResourceID) async throws -> Int

    /// The ports of this service within a transaction of the load balancers' own database, with the rights of the service:
    /// a load balancer and its port are made and removed together or not at all.
    func ports(within connection: any DatabaseConnection) -> any PortTransaction

    /// All ports of one owner, such as `Octavia`, in the order of their creation.
    func ports(ownedBy deviceOwner: String) async throws -> [Port]

    /// Whether the policy exists and the caller may use it.
    func qosPolicyExists(_ id: ResourceID, as access: NetworkAccess) async throws -> Bool

    /// Whether the security group exists and the caller may use it.
    func securityGroupExists(_ id: ResourceID, as access: NetworkAccess) async throws -> Bool

    /// The floating addresses that are tied to a port, as text.
    func floatingAddresses(ofPort id: ResourceID) async throws -> [String]
}

/// Changes of ports that are committed with the transaction that they are part of; must not leave its block.
public protocol PortTransaction {
    /// Makes a port.
    ///
    /// - Throws: ``NetworkFault``: `addressInUse` (a wanted address is taken), `addressesExhausted` (no free one left),
    ///   `addressNotInSubnet`, or `notFound` for the network, a subnet or a security group. The transaction must not go on
    ///   then.
    func createPort(_ request: PortRequest) throws -> Port

    /// Changes a port, such as to claim a user's port.
    func updatePort(_ id: ResourceID, _ update: PortUpdate) throws -> Port

    /// Gives back the port of a load balancer: removes one of its own, releases a user's. A port that is gone already is
    /// fine.
    func giveBack(_ id: ResourceID, isOwn: Bool) throws
}

/// A port that a load balancer wants.
public struct PortRequest: Sendable, Hashable {
    public var projectID: String
    public var networkID: ResourceID
    /// At least one; each names its subnet, its address or both.
    public var fixedAddresses: [FixedAddressRequest]
    public var name: String
    public var deviceID: String
    public var deviceOwner: String
    /// `nil` is the project's default group.
    public var securityGroupIDs: [ResourceID]?
    public var qosPolicyID: ResourceID?
    public var adminStateUp: Bool

    public init(
        projectID: String, networkID: ResourceID, fixedAddresses: [FixedAddressRequest], name: String,
        deviceID: String = "", deviceOwner: String = Port.loadBalancerOwner, securityGroupIDs: [ResourceID]? = nil,
        qosPolicyID: ResourceID? = nil, adminStateUp: Bool = true
    ) {
        self.projectID = projectID
        self.networkID = networkID
        self.fixedAddresses = fixedAddresses
        self.name = name
        self.deviceID = deviceID
        self.deviceOwner = deviceOwner
        self.securityGroupIDs = securityGroupIDs
        self.qosPolicyID = qosPolicyID
        self.adminStateUp = adminStateUp
    }

    /// The VIP port of a load balancer: `octavia-lb-<id>`, device `lb-<id>`, owned by `Octavia`.
    public init(
        virtualAddressOf loadBalancerID: ResourceID, projectID: String, networkID: ResourceID,
        fixedAddresses: [FixedAddressRequest], securityGroupIDs: [ResourceID]? = nil, qosPolicyID: ResourceID? = nil,
        adminStateUp: Bool = true
    ) {
        self.init(
            projectID: projectID, networkID: networkID, fixedAddresses: fixedAddresses,
            name: "octavia-lb-\(loadBalancerID)", deviceID: "lb-\(loadBalancerID)",
            securityGroupIDs: securityGroupIDs, qosPolicyID: qosPolicyID, adminStateUp: adminStateUp)
    }
}

/// A change of a port; `nil` leaves an attribute alone.
public struct PortUpdate: Sendable, Hashable {
    public var name: String?
    public var deviceID: String?
    public var deviceOwner: String?
    public var adminStateUp: Bool?
    public var securityGroupIDs: [ResourceID]?
    public var qosPolicyID: Setting<ResourceID>
    /// Refuse a port that another device than `deviceID` has already (`PortInUse`).
    public var requiresUnclaimed: Bool

    public init(
        name: String? = nil, deviceID: String? = nil, deviceOwner: String? = nil, adminStateUp: Bool? = nil,
        securityGroupIDs: [ResourceID]? = nil, qosPolicyID: Setting<ResourceID> = .unset,
        requiresUnclaimed: Bool = false
    ) {
        self.name = name
        self.deviceID = deviceID
        self.deviceOwner = deviceOwner
        self.adminStateUp = adminStateUp
        self.securityGroupIDs = securityGroupIDs
        self.qosPolicyID = qosPolicyID
        self.requiresUnclaimed = requiresUnclaimed
    }

    /// Marks a user's port as the VIP port of a load balancer; of two that try at once, one gets it.
    public static func claim(for loadBalancerID: ResourceID) -> PortUpdate {
        PortUpdate(
            deviceID: "lb-\(loadBalancerID)", deviceOwner: Port.loadBalancerOwner, requiresUnclaimed: true)
    }

    /// Gives a user's port back.
    public static let release = PortUpdate(deviceID: "", deviceOwner: "")
}
