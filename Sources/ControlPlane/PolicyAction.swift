// Every call of the API under the name that its policy has.

/// What a call wants to do; the raw value is the end of the policy's name, after `os_load-balancer_api:`.
public enum PolicyAction: String, Sendable, Hashable, CaseIterable {
    case loadBalancerList = "loadbalancer:get_all"
    case loadBalancerListGlobally = "loadbalancer:get_all-global"
    case loadBalancerCreate = "loadbalancer:post"
    case loadBalancerCreateWithSecurityGroups = "loadbalancer:post:vip_sg_ids"
    case loadBalancerShow = "loadbalancer:get_one"
    case loadBalancerUpdate = "loadbalancer:put"
    case loadBalancerUpdateSecurityGroups = "loadbalancer:put:vip_sg_ids"
    case loadBalancerDelete = "loadbalancer:delete"
    case loadBalancerStatistics = "loadbalancer:get_stats"
    case loadBalancerStatus = "loadbalancer:get_status"
    case loadBalancerFailover = "loadbalancer:put_failover"

    case listenerList = "listener:get_all"
    case listenerListGlobally = "listener:get_all-global"
    case listenerCreate = "listener:post"
    case listenerShow = "listener:get_one"
    case listenerUpdate = "listener:put"
    case listenerDelete = "listener:delete"
    case listenerStatistics = "listener:get_stats"

    case poolList = "pool:get_all"
    case poolListGlobally = "pool:get_all-global"
    case poolCreate = "pool:post"
    case poolShow = "pool:get_one"
    case poolUpdate = "pool:put"
    case poolDelete = "pool:delete"

    case memberList = "member:get_all"
    case memberCreate = "member:post"
    case memberShow = "member:get_one"
    case memberUpdate = "member:put"
    case memberDelete = "member:delete"

    case healthMonitorList = "healthmonitor:get_all"
    case healthMonitorListGlobally = "healthmonitor:get_all-global"
    case healthMonitorCreate = "healthmonitor:post"
    case healthMonitorShow = "healthmonitor:get_one"
    case healthMonitorUpdate = "healthmonitor:put"
    case healthMonitorDelete = "healthmonitor:delete"

    case l7PolicyList = "l7policy:get_all"
    case l7PolicyListGlobally = "l7policy:get_all-global"
    case l7PolicyCreate = "l7policy:post"
    case l7PolicyShow = "l7policy:get_one"
    case l7PolicyUpdate = "l7policy:put"
    case l7PolicyDelete = "l7policy:delete"

    case l7RuleList = "l7rule:get_all"
    case l7RuleCreate = "l7rule:post"
    case l7RuleShow = "l7rule:get_one"
    case l7RuleUpdate = "l7rule:put"
    case l7RuleDelete = "l7rule:delete"

    case quotaList = "quota:get_all"
    case quotaListGlobally = "quota:get_all-global"
    case quotaShow = "quota:get_one"
    case quotaDefaults = "quota:get_defaults"
    case quotaUpdate = "quota:put"
    case quotaDelete = "quota:delete"

    case providerList = "provider:get_all"

    case providerFlavorList = "provider-flavor:get_all"

    case providerAvailabilityZoneList = "provider-availability-zone:get_all"

    case flavorList = "flavor:get_all"
    case flavorCreate = "flavor:post"
    case flavorShow = "flavor:get_one"
    case flavorUpdate = "flavor:put"
    case flavorDelete = "flavor:delete"

    case flavorProfileList = "flavor-profile:get_all"
    case flavorProfileCreate = "flavor-profile:post"
    case flavorProfileShow = "flavor-profile:get_one"
    case flavorProfileUpdate = "flavor-profile:put"
    case flavorProfileDelete = "flavor-profile:delete"

    case availabilityZoneList = "availability-zone:get_all"
    case availabilityZoneCreate = "availability-zone:post"
    case availabilityZoneShow = "availability-zone:get_one"
    case availabilityZoneUpdate = "availability-zone:put"
    case availabilityZoneDelete = "availability-zone:delete"

    case availabilityZoneProfileList = "availability-zone-profile:get_all"
    case availabilityZoneProfileCreate = "availability-zone-profile:post"
    case availabilityZoneProfileShow = "availability-zone-profile:get_one"
    case availabilityZoneProfileUpdate = "availability-zone-profile:put"
    case availabilityZoneProfileDelete = "availability-zone-profile:delete"

    case amphoraList = "amphora:get_all"
    case amphoraShow = "amphora:get_one"
    case amphoraStatistics = "amphora:get_stats"
    case amphoraConfigure = "amphora:put_config"
    case amphoraFailover = "amphora:put_failover"
    case amphoraDelete = "amphora:delete"

    /// The name of the policy.
    var ruleName: String { Self.prefix + rawValue }

    /// How the names of all policies of calls begin.
    static let prefix = "os_load-balancer_api:"

    /// The rule that holds unless a policy file has another one.
    var standardRule: String {
        let parts = rawValue.split(separator: ":", maxSplits: 1)
        let (type, verb) = (parts[0], parts[1])
        let isReading = verb.hasPrefix("get_")
        switch type {
        case "amphora", "provider-flavor", "provider-availability-zone", "flavor-profile", "availability-zone-profile":
            return "rule:load-balancer:admin"
        case "flavor", "availability-zone":
            return isReading ? "rule:load-balancer:read" : "rule:load-balancer:admin"
        case "quota":
            if verb == "get_all-global" { return "rule:load-balancer:read-quota-global" }
            return isReading ? "rule:load-balancer:read-quota" : "rule:load-balancer:write-quota"
        default: break
        }
        switch self {
        case .memberList: return "rule:load-balancer:read or rule:service"
        case .loadBalancerFailover: return "rule:load-balancer:admin"
        default: break
        }
        if verb == "get_all-global" { return "rule:load-balancer:read-global" }
        return isReading ? "rule:load-balancer:read" : "rule:load-balancer:write"
    }
}
