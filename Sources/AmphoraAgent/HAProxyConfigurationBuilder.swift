// Turns the plan of a load balancer into HAProxy's configuration model. Pure.

import LoadBalancing
import ProviderDrivers

/// Makes configurations from plans.
struct HAProxyConfigurationBuilder: Sendable {
    /// The same for every load balancer of a node.
    var process: HAProxyConfiguration.ProcessSettings

    /// The configuration for a plan, without the endpoints that cannot be bound and the policies that cannot be applied.
    func configuration(
        for plan: LoadBalancerPlan, excluding excluded: Set<Endpoint> = [], refusing expressions: [String: String] = [:]
    ) throws(DataPlaneError) -> HAProxyConfiguration {
        var configuration = HAProxyConfiguration(process: process)
        configuration.loadBalancer = plan.loadBalancerID.string
        guard plan.isEnabled else { return configuration }
        var addresses: [IPAddress] = []
        for text in plan.addresses {
            guard let address = IPAddress(text) else {
                throw DataPlaneError(.unsupported, "\(text) is not an IP address.")
            }
            if !addresses.contains(address) { addresses.append(address) }
        }
        let backends = try BackendPlanner(plan: plan, addresses: addresses).backends()
        configuration.backends = backends.all
        for listener in plan.listeners.sorted(by: { $0.id < $1.id }) where listener.isServed {
            let binds = addresses.map { Endpoint($0, port: listener.port) }.filter { !excluded.contains($0) }
            guard !binds.isEmpty else { continue }
            func backend(_ pool: ResourceID) -> String? { backends.byUse[.init(listener: listener.id, pool: pool)] }
            var frontend = try frontend(
                for: listener, binds: binds, defaultBackend: listener.defaultPoolID.flatMap(backend))
            frontend.servesMetrics = listener.listenerProtocol == .prometheus
            if listener.listenerProtocol.understandsHTTP {
                frontend.ownErrorPages = listener.errorPages.filter(Self.isUsable)
                frontend.policies =
                    L7PolicyPlanner(listener: listener, refusedExpressions: expressions)
                    .policies(backend: backend).usable
            }
            if process.logsAccess, !frontend.servesMetrics {
                frontend.accessLogFormat = AccessLogFormat.text(
                    projectID: plan.projectID, loadBalancerID: plan.loadBalancerID, mode: frontend.mode)
            }
            configuration.frontends.append(frontend)
        }
        return configuration
    }

    /// The enabled listeners of protocols that this provider does not serve, each with a sentence for its owner.
    static func unservedListeners(of plan: LoadBalancerPlan) -> [ResourceID: String] {
        guard plan.isEnabled else { return [:] }
        var result: [ResourceID: String] = [:]
        for listener in plan.listeners where listener.isEnabled && !listener.isServed && !listener.isForwarded {
            // Its cause is in `tlsProblems`.
            if listener.tls?.problem != nil { continue }
            result[listener.id] =
                "Listeners of protocol \(listener.listenerProtocol.rawValue) are not served by this version of the "
                + "amphora provider."
        }
        return result
    }

    /// Whether an owner's page can be one.
    private static func isUsable(status: Int, page: String) -> Bool {
        ErrorPageLimits.statuses.contains(status) && page.utf8.count <= ErrorPageLimits.longest
    }

    /// The policies that cannot be applied, each with a sentence for its owner.
    static func failedPolicies(
        of plan: LoadBalancerPlan, refusing expressions: [String: String]
    ) -> [ResourceID: String] {
        guard plan.isEnabled else { return [:] }
        var result: [ResourceID: String] = [:]
        for listener in plan.listeners where listener.isServed && listener.listenerProtocol.understandsHTTP {
            let planner = L7PolicyPlanner(listener: listener, refusedExpressions: expressions)
            result.merge(planner.policies { $0.string }.failed) { first, _ in first }
        }
        return result
    }

    private func frontend(
        for listener: ListenerPlan, binds: [Endpoint], defaultBackend: String?
    ) throws(DataPlaneError) -> HAProxyConfiguration.Frontend {
        var sources: [String] = []
        for text in listener.allowedCIDRs {
            guard let network = IPNetwork(text) else {
                throw DataPlaneError(.unsupported, "allowed_cidrs: \(text) is not a network in CIDR notation.")
            }
            if !sources.contains(network.description) { sources.append(network.description) }
        }
        let limit = listener.connectionLimit
        return HAProxyConfiguration.Frontend(
            name: listener.id.string, mode: listener.mode, binds: binds,
            maxConnections: limit > 0 ? min(limit, process.maxConnections) : process.maxConnections,
            clientTimeout: listener.timeouts.clientData, inspectDelay: listener.timeouts.tcpInspect,
            acceptedSources: sources.isEmpty ? ["0.0.0.0/0", "::/0"] : sources.sorted(),
            insertedHeaders: listener.mode == .http ? Self.insertedHeaders(of: listener) : [],
            defaultBackend: defaultBackend, tls: HAProxyConfiguration.FrontendTLS(listener))
    }

    private static func insertedHeaders(of listener: ListenerPlan) -> [HAProxyConfiguration.InsertedHeader] {
        // Header names are case-insensitive (RFC 9110, section 5.1).
        let wanted = Set(
            listener.insertHeaders.filter { $0.value.lowercased() == "true" }.map { $0.key.lowercased() })
        return HAProxyConfiguration.InsertedHeader.allCases.filter { wanted.contains($0.rawValue.lowercased()) }
    }
}

extension ListenerPlan {
    /// Whether HAProxy can serve the protocol and the owner wants it to.
    var isServed: Bool {
        guard isEnabled else { return false }
        switch listenerProtocol {
        case .tcp, .http, .https: return true
        case .prometheus where tls == nil: return true
        case .terminatedHTTPS, .prometheus: return tls?.problem == nil && tls?.certificates.isEmpty == false
        case .udp, .sctp: return false
        }
    }

    /// Whether its packets are forwarded without HAProxy.
    var isForwarded: Bool { listenerProtocol == .udp || listenerProtocol == .sctp }

    /// HTTPS is passed through, so it is a stream of bytes here.
    var mode: HAProxyConfiguration.Mode {
        listenerProtocol.understandsHTTP || listenerProtocol == .prometheus ? .http : .tcp
    }
}
