// The provider: what it manages, and how it reaches a cloud.

internal import Foundation
public import OctaviaClient
public import TerraformPlugin

/// Load balancers of Ottava, and of every other cloud that speaks the Octavia API.
public struct OttavaProvider: PluginProvider {
    /// Where configurations find the provider.
    public static let address = "registry.terraform.io/ottava/ottava"

    public init() {}

    public var schema: Schema { ProviderSettings.schema }
    public var resources: [any Resource<Cloud>] {
        [
            LoadBalancerResource(), LoadBalancerV2Resource(), ListenerV2Resource(), PoolV2Resource(),
            MemberV2Resource(), MembersV2Resource(), MonitorV2Resource(), L7PolicyV2Resource(), L7RuleV2Resource(),
            QuotaV2Resource(), FlavorV2Resource(), FlavorProfileV2Resource(),
        ]
    }
    public var dataSources: [any DataSource<Cloud>] {
        [
            WholeLoadBalancerDataSource(), LoadBalancerDataSources.loadBalancer, LoadBalancerDataSources.listener,
            LoadBalancerDataSources.pool, LoadBalancerDataSources.memberOfPool, LoadBalancerDataSources.monitor,
            FlavorDataSources.flavor, FlavorDataSources.loadBalancerFlavor, FlavorDataSources.profile,
        ]
    }

    public func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        ProviderSettings.validate(config, &diagnostics)
    }

    public func configure(_ config: Value, _ diagnostics: inout Diagnostics) async throws -> Cloud {
        let environment = ProcessInfo.processInfo.environment
        let cloud = try Cloud(
            ProviderSettings.cloud(config, environment: environment), logger: PluginLogHandler.logger("ottava"))
        let delayed = config["delayed_auth"].bool ?? (environment["OS_DELAYED_AUTH"].map { $0 != "false" } ?? true)
        if !delayed { _ = try await cloud.token() }
        return cloud
    }

    public func diagnostic(for error: any Error) -> Diagnostic {
        guard let error = error as? CloudError else { return Diagnostic(.error, "\(error)") }
        let summary =
            switch error.code {
            case .invalidConfiguration: "The provider's settings are wrong or incomplete"
            case .cannotConnect: "The service cannot be reached"
            case .unauthorized: "The login was refused"
            case .forbidden: "This is not allowed"
            case .quotaExceeded: "A quota is used up"
            case .noEndpoint: "The service is not in the catalog"
            case .resourceFailed: "The service could not carry it out"
            case .waitTimedOut, .timedOut: "It took too long"
            default: "The service refused the request"
            }
        let request = error.request.map { "\n\n\($0)" } ?? ""
        return Diagnostic(.error, summary, error.description + request)
    }
}
