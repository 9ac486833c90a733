// The root of a tree: an address, and what is known of its standing.

/// What every resource of a tree has.
public struct ResourceCore: Hashable, Sendable {
    public var id: ResourceID
    /// The project that owns the resource; a child has its load balancer's.
    public var projectID: String
    public var adminStateUp: Bool
    public var provisioningStatus: ProvisioningStatus
    public var operatingStatus: OperatingStatus
    /// Sorted, without repetition.
    public var tags: [String]
    public var createdAt: Timestamp
    /// Absent until the first change of the row, status changes included.
    public var updatedAt: Timestamp?
    /// The version of the tree in which the resource was last changed by its owner.
    public var generation: Int64
    /// Why the provisioning status is ERROR, in words for the owner.
    public var statusReason: String?
    /// True once the owner asked for the end of the resource, whatever the status says.
    public var isBeingDeleted: Bool

    public init(
        id: ResourceID, projectID: String, adminStateUp: Bool = true,
        provisioningStatus: ProvisioningStatus = .pendingCreate, operatingStatus: OperatingStatus = .offline,
        tags: [String] = [], createdAt: Timestamp, updatedAt: Timestamp? = nil, generation: Int64 = 0,
        statusReason: String? = nil, isBeingDeleted: Bool = false
    ) {
        self.id = id
        self.projectID = projectID
        self.adminStateUp = adminStateUp
        self.provisioningStatus = provisioningStatus
        self.operatingStatus = operatingStatus
        self.tags = tags
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.generation = generation
        self.statusReason = statusReason
        self.isBeingDeleted = isBeingDeleted
    }
}

/// A resource with the fields that all have.
public protocol TreeResource: Hashable, Sendable {
    /// The term of the API for its kind, as faults show it: `Load Balancer`, `Listener`, …
    static var kind: ResourceKind { get }

    var core: ResourceCore { get set }
}

extension TreeResource {
    public var id: ResourceID { core.id }
    public var projectID: String { core.projectID }
}

/// The kinds of resources, with their names in faults.
public enum ResourceKind: String, Sendable, Hashable, CaseIterable {
    case loadBalancer = "Load Balancer"
    case listener = "Listener"
    case pool = "Pool"
    case member = "Member"
    case healthMonitor = "Health Monitor"
    case l7Policy = "L7 Policy"
    case l7Rule = "L7 Rule"
}

/// A load balancer without its children.
public struct LoadBalancer: TreeResource {
    public static let kind = ResourceKind.loadBalancer

    public var core: ResourceCore
    public var name: String
    public var description: String
    public var vip: VirtualIP
    /// Further addresses on the VIP's port, in the order given.
    public var additionalVIPs: [AdditionalVIP]
    /// The name under which the client asked for the provider.
    public var provider: String
    public var flavorID: ResourceID?
    public var availabilityZone: String?

    public init(
        core: ResourceCore, name: String, description: String, vip: VirtualIP, additionalVIPs: [AdditionalVIP] = [],
        provider: String, flavorID: ResourceID? = nil, availabilityZone: String? = nil
    ) {
        self.core = core
        self.name = name
        self.description = description
        self.vip = vip
        self.additionalVIPs = additionalVIPs
        self.provider = provider
        self.flavorID = flavorID
        self.availabilityZone = availabilityZone
    }
}

/// The address of a load balancer and where it comes from.
public struct VirtualIP: Hashable, Sendable {
    public var address: String?
    public var subnetID: ResourceID?
    public var networkID: ResourceID?
    public var portID: ResourceID?
    public var qosPolicyID: ResourceID?
    public var securityGroupIDs: [ResourceID]
    /// `normal` or `direct`.
    public var vnicType: String
    /// True when the port was made for the load balancer and goes with it.
    public var ownsPort: Bool

    public init(
        address: String? = nil, subnetID: ResourceID? = nil, networkID: ResourceID? = nil, portID: ResourceID? = nil,
        qosPolicyID: ResourceID? = nil, securityGroupIDs: [ResourceID] = [], vnicType: String = "normal",
        ownsPort: Bool = true
    ) {
        self.address = address
        self.subnetID = subnetID
        self.networkID = networkID
        self.portID = portID
        self.qosPolicyID = qosPolicyID
        self.securityGroupIDs = securityGroupIDs
        self.vnicType = vnicType
        self.ownsPort = ownsPort
    }
}

/// One more address of a load balancer (API version 2.26).
public struct AdditionalVIP: Hashable, Sendable {
    public var subnetID: ResourceID
    public var address: String?
    public var portID: ResourceID?

    public init(subnetID: ResourceID, address: String? = nil, portID: ResourceID? = nil) {
        self.subnetID = subnetID
        self.address = address
        self.portID = portID
    }
}
