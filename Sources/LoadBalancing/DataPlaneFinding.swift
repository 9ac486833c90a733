// What the data plane found to differ from what should be.

/// Something that was not as it should be, and was put right.
public struct DataPlaneFinding: Sendable, Hashable {
    /// Whose it is; absent for what belonged to no load balancer.
    public var loadBalancerID: ResourceID?
    /// A sentence for the owner: no paths, no internals.
    public var message: String

    public init(_ loadBalancerID: ResourceID?, _ message: String) {
        self.loadBalancerID = loadBalancerID
        self.message = message
    }
}
