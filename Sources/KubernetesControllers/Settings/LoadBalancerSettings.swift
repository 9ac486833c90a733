// What holds for all load balancers of a cluster unless an object says otherwise.

public import OctaviaClient

/// Settings of the controllers; most have the meaning of the key of the same name in section `[LoadBalancer]` of
/// cloud-provider-openstack's configuration.
public struct LoadBalancerSettings: Sendable, Hashable {
    /// What members are.
    public enum MemberKind: String, Sendable, Hashable, CaseIterable {
        /// The nodes, at the ports that they give to Services.
        case nodePorts = "node-ports"
        /// The pods themselves, which the load balancer must be able to reach.
        case pods
    }

    /// `cluster-name`: part of all names. Load balancers of two clusters in one project must not have the same.
    public var clusterName = "kubernetes"
    /// `lb-provider`; absent is the service's default.
    public var provider: String?
    /// `lb-method`
    public var algorithm = LoadBalancingAlgorithm.roundRobin
    public var addresses = AddressSettings()
    /// `[LoadBalancerClass "X"]`: what Services with annotation `class` get, by X.
    public var classes: [String: AddressSettings] = [:]
    /// `internal-lb`: no floating IPs.
    public var isInternal = false
    /// `node-selector`: labels that nodes need to be members, `KEY=VALUE` or `KEY`, with commas.
    public var nodeSelector = ""
    /// `create-monitor`
    public var createsHealthMonitors = false
    public var monitor = MonitorSettings()
    /// `flavor-id`
    public var flavorID: ResourceID?
    /// `availability-zone`
    public var availabilityZone: String?
    /// `default-tls-container-ref`
    public var tlsContainerRef: String?
    /// `enable-ingress-hostname`: with PROXY protocol, the status has a host name, so that pods do not take a short cut.
    public var showsHostname = false
    /// `ingress-hostname-suffix`
    public var hostnameSuffix = "nip.io"
    /// `max-shared-lb`: how many Services may share one load balancer.
    public var maximumSharing = 2
    public var memberKind = MemberKind.nodePorts
    /// The values of `spec.loadBalancerClass` that are served.
    public var loadBalancerClasses: Set<String> = ["ottava"]
    /// Whether Services without `spec.loadBalancerClass` are served, too.
    public var servesServicesWithoutClass = true
    /// Tells this cluster's load balancers from those of a cluster that was given the same name: only what carries it is
    /// ever cleaned up.
    public var clusterID: String?

    public init() {}

    /// The tag that marks what controllers of this cluster made.
    var clusterTag: String? { clusterID.map { "kubernetes-cluster=\($0)" } }
}

/// Where addresses come from.
public struct AddressSettings: Sendable, Hashable {
    /// `subnet-id`: the subnet of the load balancer's own address.
    public var subnetID: ResourceID?
    /// `network-id`: its network, if there is no subnet.
    public var networkID: ResourceID?
    /// `member-subnet-id`: the subnet from which members are reached.
    public var memberSubnetID: ResourceID?
    /// `floating-network-id`
    public var floatingNetworkID: ResourceID?
    /// `floating-subnet-id`
    public var floatingSubnetID: ResourceID?
    /// `floating-subnet`: a name with `*` and `?`, or `~` and a regular expression; `!` in front negates.
    public var floatingSubnet: String?
    /// `floating-subnet-tags`: with commas one of them, after `&` all of them, after `!` the opposite.
    public var floatingSubnetTags: String?

    public init() {}

    /// These settings; where there are none, others.
    func over(_ other: AddressSettings) -> AddressSettings {
        var result = self
        if subnetID == nil, networkID == nil {
            result.subnetID = other.subnetID
            result.networkID = other.networkID
        }
        result.memberSubnetID = memberSubnetID ?? other.memberSubnetID
        result.floatingNetworkID = floatingNetworkID ?? other.floatingNetworkID
        if floatingSubnetID == nil, floatingSubnet == nil, floatingSubnetTags == nil {
            result.floatingSubnetID = other.floatingSubnetID
            result.floatingSubnet = other.floatingSubnet
            result.floatingSubnetTags = other.floatingSubnetTags
        }
        return result
    }
}

/// How members are watched.
public struct MonitorSettings: Sendable, Hashable {
    /// `monitor-delay`: seconds between two checks.
    public var delay = 5
    /// `monitor-timeout`: seconds that one may take.
    public var timeout = 3
    /// `monitor-max-retries`: successes that bring a member back, 1–10.
    public var maxRetries = 1
    /// `monitor-max-retries-down`: failures that take it out, 1–10.
    public var maxRetriesDown = 3

    public init() {}
}
