// The terms of the API as arguments: help and faults list what is allowed.

public import ArgumentParser
public import OctaviaClient

/// A term that the API spells in capitals, and a person at a shell in any case, as `openstack` lets them.
public protocol TermArgument: ExpressibleByArgument, RawRepresentable where RawValue == String {}

extension TermArgument {
    public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

extension EndpointInterface: ExpressibleByArgument {}
extension ListenerProtocol: TermArgument {}
extension PoolProtocol: TermArgument {}
extension LoadBalancingAlgorithm: TermArgument {}
extension HealthMonitorType: TermArgument {}
extension HealthMonitorMethod: TermArgument {}
extension ClientAuthentication: TermArgument {}
extension L7PolicyAction: TermArgument {}
extension L7RuleType: TermArgument {}
extension L7RuleCompareType: TermArgument {}
extension ProvisioningStatus: TermArgument {}
extension OperatingStatus: TermArgument {}

extension ResourceID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
