// What a controller remembers of a Service that it has served.

internal import KubernetesClient
internal import OctaviaClient

/// A Service as it was last brought into agreement with its load balancer.
struct ServiceRecord: Sendable {
    /// The object; a later one of the same name has another.
    var uid: String
    var wishes: ServiceWishes
    var served: ServedLoadBalancer
    var status: [LoadBalancerIngress]
    /// The first address, as the annotation has it.
    var address: String
}
