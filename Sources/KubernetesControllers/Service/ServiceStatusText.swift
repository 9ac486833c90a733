// What the status of a Service says of its addresses.

internal import KubernetesClient

/// Writes addresses as the status of a Service.
struct ServiceStatusText {
    let wishes: ServiceWishes
    let settings: LoadBalancerSettings

    func ingress(_ addresses: [String]) -> [LoadBalancerIngress] {
        if let hostname = wishes.hostname { return [LoadBalancerIngress(hostname: hostname)] }
        if wishes.proxyProtocol != nil, settings.showsHostname {
            // Pods would otherwise go past the load balancer and speak without the protocol.
            return addresses.map { LoadBalancerIngress(hostname: "\($0).\(settings.hostnameSuffix)") }
        }
        let mode = wishes.proxyProtocol == nil ? "VIP" : "Proxy"
        return addresses.map { LoadBalancerIngress(ip: $0, ipMode: mode) }
    }

    /// Whether two states say the same. Clusters before 1.29 drop the mode, and add what became of ports.
    static func isSame(_ left: Service, _ right: Service) -> Bool {
        func plain(_ service: Service) -> [LoadBalancerIngress] {
            service.status.loadBalancer.ingress.map { LoadBalancerIngress(ip: $0.ip, hostname: $0.hostname) }
        }
        let modes = left.status.loadBalancer.ingress.map(\.ipMode)
        let areModesKept = modes.allSatisfy { $0.isEmpty } || modes == right.status.loadBalancer.ingress.map(\.ipMode)
        return left.metadata.annotations == right.metadata.annotations && plain(left) == plain(right) && areModesKept
    }
}
