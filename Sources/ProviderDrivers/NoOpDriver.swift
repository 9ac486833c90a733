// A data plane that does nothing: for dry runs and for suites that judge the API alone.

public import LoadBalancing

/// Accepts every plan and moves no packet. Nothing is observed, so measured statuses stay as they were at creation.
public struct NoOpDriver: ProviderDriver {
    public let name: String
    public let description: String
    public let features: ProviderFeatures

    /// - Parameters:
    ///   - name: The name that clients give as `provider`. Under the names of the amphora provider the driver refuses
    ///     what that one cannot do; under any other it accepts everything.
    ///   - description: What lists of providers say about it.
    public init(name: String, description: String) {
        self.name = name
        self.description = description
        var features = Self.amphoraNames.contains(name) ? ProviderFeatures.amphora : .everything
        features.isObserved = false
        self.features = features
    }

    /// The names under which the reference implementation knows its amphora provider.
    public static let amphoraNames: Set<String> = ["amphora", "amphorav2", "octavia"]

    public func apply(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> ApplyOutcome { ApplyOutcome() }

    public func remove(_ loadBalancerID: ResourceID) async throws(DataPlaneError) {}

    public var reports: AsyncStream<DataPlaneReport> { AsyncStream { $0.finish() } }

    public func report(of loadBalancerID: ResourceID) async -> DataPlaneReport? { nil }

    public func knownLoadBalancers() async -> [ResourceID] { [] }
}
