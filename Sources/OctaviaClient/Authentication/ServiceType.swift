// The services of a cloud that load balancing needs.

/// A service by its type in the catalog.
enum ServiceType: String, CaseIterable, Sendable {
    case loadBalancer = "load-balancer"
    case network
    case keyManager = "key-manager"
    case identity

    /// What its keys in clouds.yaml begin with.
    var keyPrefixes: [String] {
        switch self {
        case .loadBalancer: ["load_balancer", "octavia"]
        case .network: ["network", "neutron"]
        case .keyManager: ["key_manager", "barbican"]
        case .identity: ["identity", "keystone"]
        }
    }

    /// The version of its API, which follows the service's own URL.
    var version: String {
        switch self {
        case .loadBalancer: "v2"
        case .network: "v2.0"
        case .keyManager: "v1"
        case .identity: "v3"
        }
    }
}
