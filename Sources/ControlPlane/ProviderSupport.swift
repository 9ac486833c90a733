// What a provider cannot do is refused when it is asked for.

internal import LoadBalancing
internal import OctaviaWire
internal import ProviderDrivers

extension TreeChange {
    var providerSupport: ProviderSupport { ProviderSupport(features: features, provider: loadBalancer.provider) }
}

/// Asks the features of a provider.
struct ProviderSupport {
    let features: ProviderFeatures
    let provider: String

    func check(_ listener: Listener) throws(OctaviaFault) {
        guard features.listenerProtocols.contains(listener.listenerProtocol) else {
            throw .unsupportedOption(provider, "protocol \(listener.listenerProtocol.rawValue)")
        }
    }

    func check(_ pool: Pool) throws(OctaviaFault) {
        guard features.poolProtocols.contains(pool.poolProtocol) else {
            throw .unsupportedOption(provider, "protocol \(pool.poolProtocol.rawValue)")
        }
        guard features.algorithms.contains(pool.algorithm) else {
            throw .unsupportedOption(provider, "lb_algorithm \(pool.algorithm.rawValue)")
        }
        if let type = pool.sessionPersistence?.type, !features.sessionPersistenceTypes.contains(type) {
            throw .unsupportedOption(provider, "session_persistence type \(type.rawValue)")
        }
    }

    func check(_ type: HealthMonitorType) throws(OctaviaFault) {
        guard features.monitorTypes.contains(type) else {
            throw .unsupportedOption(provider, "health monitor type \(type.rawValue)")
        }
    }
}
