// Finds out whose TLS settings HAProxy does not take, so that the others are served.

import LoadBalancing
import Logging
import ProviderDrivers

extension LoadBalancerRunner {
    /// The plan with a problem noted at each listener and pool whose TLS settings HAProxy refuses; `nil` when it refuses
    /// none of them.
    func withoutRefusedTLS(
        _ plan: LoadBalancerPlan, _ configuration: HAProxyConfiguration
    ) async -> LoadBalancerPlan? {
        var parts: [(id: String, part: HAProxyConfiguration)] = []
        for frontend in configuration.frontends {
            guard let tls = frontend.tls else { continue }
            var part = HAProxyConfiguration(process: configuration.process)
            part.frontends = [
                HAProxyConfiguration.Frontend(
                    name: frontend.name, mode: frontend.mode, binds: frontend.binds,
                    maxConnections: frontend.maxConnections, clientTimeout: frontend.clientTimeout, inspectDelay: 0,
                    acceptedSources: frontend.acceptedSources, insertedHeaders: [], defaultBackend: nil, tls: tls)
            ]
            parts.append((frontend.name, part))
        }
        for backend in configuration.backends where backend.tls != nil && !backend.servers.isEmpty {
            var part = HAProxyConfiguration(process: configuration.process)
            part.backends = [
                HAProxyConfiguration.Backend(
                    name: backend.name, mode: backend.mode, algorithm: .roundRobin, persistence: .none,
                    connectTimeout: backend.connectTimeout, serverTimeout: backend.serverTimeout,
                    servers: Array(backend.servers.prefix(1)), tls: backend.tls)
            ]
            parts.append((backend.name, part))
        }
        var refused: [String: String] = [:]
        for (id, part) in parts {
            guard let objection = await objection(to: part) else { continue }
            logger.warning("HAProxy refuses TLS settings", metadata: ["of": "\(id)", "detail": "\(objection)"])
            refused[String(id.prefix { $0 != ":" })] = Self.sentence(for: objection)
        }
        try? folder.writeFrontendFiles(of: process?.configuration ?? configuration)
        guard !refused.isEmpty else { return nil }
        var plan = plan
        for index in plan.listeners.indices {
            if let reason = refused[plan.listeners[index].id.string] { plan.listeners[index].tls?.problem = reason }
        }
        for index in plan.pools.indices {
            if let reason = refused[plan.pools[index].id.string] { plan.pools[index].tls?.problem = reason }
        }
        return plan
    }

    /// What HAProxy has against a configuration.
    private func objection(to configuration: HAProxyConfiguration) async -> String? {
        let candidate = folder.file(DataPlaneFile.candidate)
        defer { SmallFile.remove(candidate) }
        do throws(DataPlaneError) {
            try folder.writeFrontendFiles(of: configuration)
            try SmallFile.replace(candidate, with: (try? configuration.rendered()) ?? "")
        } catch {
            return nil
        }
        do throws(LaunchFailure) {
            try await services.launcher.check(configuration: candidate, in: folder.runFolder)
            return nil
        } catch {
            return error.dataPlaneError.detail
        }
    }

    private static func sentence(for objection: String) -> String {
        if objection.contains("cipher") { return "tls_ciphers: OpenSSL on this node knows none of them." }
        if objection.contains("inconsistencies between private key") {
            return "A certificate does not fit its private key."
        }
        if objection.contains("crl") || objection.contains("CRL") {
            return "The certificate revocation list cannot be read."
        }
        if objection.contains("ca-file") { return "The certificates of authorities cannot be read." }
        return "HAProxy on this node does not accept the certificates."
    }
}
