// The contract between the control plane and what moves packets.

public import LoadBalancing

/// Makes load balancers real on a data plane.
///
/// The control plane calls ``apply(_:)`` and ``remove(_:)`` for one load balancer at a time, from one caller; calls for
/// different load balancers run side by side. Both may be repeated with the same argument and then change nothing.
public protocol ProviderDriver: Sendable {
    /// The name that clients give as `provider`, such as `amphora`.
    var name: String { get }

    /// What the provider offers, in a sentence for people.
    var description: String { get }

    /// Makes the plan real and returns when traffic follows it.
    ///
    /// A listener whose address cannot be bound does not make the call fail: the rest is applied, and the outcome says
    /// which listeners do not serve and why.
    ///
    /// - Throws: ``DataPlaneError`` when nothing could be changed; the previous plan then still runs.
    func apply(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome

    /// Takes everything of a load balancer away: processes, files, addresses, rules. Unknown ones are fine.
    func remove(_ loadBalancerID: ResourceID) async throws(DataPlaneError)

    /// Observations, sent when something changed and for busy listeners about every second.
    ///
    /// Every element holds the whole state of one load balancer, so that a reader may skip elements. May be read once.
    var reports: AsyncStream<DataPlaneReport> { get }

    /// What was not as it should be and was put right. May be read once.
    var findings: AsyncStream<DataPlaneFinding> { get }

    /// The newest observation of one load balancer, made now; `nil` when the data plane does not know it.
    func report(of loadBalancerID: ResourceID) async -> DataPlaneReport?

    /// The load balancers that the data plane knows: what must be removed if the control plane does not know them.
    func knownLoadBalancers() async -> [ResourceID]

    /// What the provider can do of what the API offers.
    var features: ProviderFeatures { get }

    /// Those of some regular expressions that the data plane does not understand, each with the reason; none when
    /// that cannot be found out beforehand.
    func refusedExpressions(among expressions: Set<String>) async -> [String: String]

    /// The keys of flavors that the provider understands.
    var flavorCapabilities: [ProviderCapability] { get }

    /// The keys of availability zones that the provider understands; `nil` when it has no availability zones.
    var availabilityZoneCapabilities: [ProviderCapability]? { get }
}

extension ProviderDriver {
    /// Drivers whose data plane nobody else can reach find nothing.
    public var findings: AsyncStream<DataPlaneFinding> { AsyncStream { $0.finish() } }
    public var features: ProviderFeatures { .amphora }
    public func refusedExpressions(among expressions: Set<String>) async -> [String: String] { [:] }
    public var flavorCapabilities: [ProviderCapability] { ProviderCapability.amphoraFlavor }
    public var availabilityZoneCapabilities: [ProviderCapability]? { ProviderCapability.amphoraAvailabilityZone }
}

/// What came of applying a plan.
public struct ApplyOutcome: Sendable, Hashable {
    /// Listener → why it does not serve, in words for its owner.
    public var failedListeners: [ResourceID: String]

    /// L7 policy → why it is not applied, in words for its owner. Its listener serves as if it were not there.
    public var failedL7Policies: [ResourceID: String]

    public init(failedListeners: [ResourceID: String] = [:], failedL7Policies: [ResourceID: String] = [:]) {
        self.failedListeners = failedListeners
        self.failedL7Policies = failedL7Policies
    }
}

/// Why the data plane could not do what it was asked.
public struct DataPlaneError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure, which decide who can help.
    public enum Kind: Sendable, Hashable {
        /// The plan asks for something that this provider cannot do; trying again does not help.
        case unsupported
        /// Something on the node failed; trying again may help.
        case node
    }

    public var kind: Kind
    /// A sentence for the owner of the load balancer: no paths, no internals.
    public var reason: String
    /// What an operator wants to know beyond that; goes to the log only.
    public var detail: String

    public init(_ kind: Kind, _ reason: String, detail: String = "") {
        self.kind = kind
        self.reason = reason
        self.detail = detail
    }

    public var description: String { detail.isEmpty ? reason : "\(reason) (\(detail))" }
}
