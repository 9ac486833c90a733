// The terms of the API as arguments: help and faults list what is allowed.

public import ArgumentParser
public import OctaviaClient

extension EndpointInterface: ExpressibleByArgument {}
extension ListenerProtocol: ExpressibleByArgument {}
extension PoolProtocol: ExpressibleByArgument {}
extension LoadBalancingAlgorithm: ExpressibleByArgument {}
extension HealthMonitorType: ExpressibleByArgument {}
extension HealthMonitorMethod: ExpressibleByArgument {}
extension ClientAuthentication: ExpressibleByArgument {}
extension L7PolicyAction: ExpressibleByArgument {}
extension L7RuleType: ExpressibleByArgument {}
extension L7RuleCompareType: ExpressibleByArgument {}
extension ProvisioningStatus: ExpressibleByArgument {}
extension OperatingStatus: ExpressibleByArgument {}

extension ResourceID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
