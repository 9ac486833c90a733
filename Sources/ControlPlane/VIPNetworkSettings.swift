// On which networks load balancers may have their addresses.

public import LoadBalancing
internal import OctaviaWire

/// Networks that a deployment allows or denies for VIPs.
public struct VIPNetworkSettings: Sendable, Hashable {
    /// The only networks allowed; empty allows all. The networks of an availability zone stand in for these.
    public var allowed: Set<ResourceID>
    /// Networks that are not allowed in any case.
    public var denied: Set<ResourceID>

    public init(allowed: Set<ResourceID> = [], denied: Set<ResourceID> = []) {
        self.allowed = allowed
        self.denied = denied
    }

    /// Ends the call with 400 when a VIP may not be on that network.
    ///
    /// - Parameter zoneNetworks: The only networks that the chosen availability zone allows, if it has an opinion.
    func check(_ networkID: ResourceID, zoneNetworks: Set<ResourceID>?) throws(OctaviaFault) {
        let isAllowed = zoneNetworks?.contains(networkID) ?? (allowed.isEmpty || allowed.contains(networkID))
        guard isAllowed, !denied.contains(networkID) else {
            throw .validation("Supplied VIP network_id is not allowed by the configuration of this deployment.")
        }
    }
}
