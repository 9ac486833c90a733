// What goes together in a listener (API reference, "Listeners").

internal import LoadBalancing
internal import OctaviaWire
internal import ProviderDrivers

/// Rules that look at more than one field of a listener, or beyond it.
enum ListenerRules {
    /// Applied to a listener as it would be after the request.
    ///
    /// - Parameter isUpdate: Some texts differ between POST and PUT.
    static func check(
        _ listener: Listener, _ findings: CertificateFindings, _ tls: TLSSettings, isUpdate: Bool = false
    ) throws(OctaviaFault) {
        let proto = listener.listenerProtocol
        try checkHeaders(listener, isUpdate: isUpdate)
        guard listener.errorPages.isEmpty || proto.understandsHTTP else {
            throw .validation(
                "error_pages can only be used for listeners using the HTTP or TERMINATED_HTTPS protocol, not \(proto.rawValue)."
            )
        }
        let references =
            [listener.tls.defaultContainerRef].compactMap { $0 } + listener.tls.sniContainerRefs
        if proto == .udp || proto == .sctp, !references.isEmpty || !listener.insertHeaders.isEmpty {
            throw .validation(
                "\(proto.rawValue) protocol listener does not support TLS\(isUpdate ? " or header insertion" : "").")
        }
        let canHaveTLS = proto == .terminatedHTTPS || proto == .prometheus
        if !references.isEmpty, !canHaveTLS {
            throw .validation(
                "Certificate container references are not allowed on \(proto.rawValue) protocol listeners.")
        }
        if listener.tls.clientCAContainerRef != nil, references.isEmpty {
            throw .validation(
                "An SNI or default certificate container reference must be provided with a client CA container reference."
            )
        }
        if proto == .terminatedHTTPS, references.isEmpty, !isUpdate {
            throw .validation(
                "An SNI or default certificate container reference must be provided for TERMINATED_HTTPS protocol listeners."
            )
        }
        if listener.tls.clientAuthentication != .none, listener.tls.clientCAContainerRef == nil {
            throw .validation(
                "Client authentication setting \(listener.tls.clientAuthentication.rawValue) requires a client CA container reference."
            )
        }
        if listener.tls.clientCRLContainerRef != nil, listener.tls.clientCAContainerRef == nil {
            throw .validation(
                "A client authentication CA reference is required to specify a client authentication revocation list.")
        }
        // What an update does not mention may be older than the deployment's rules.
        if !isUpdate { try tls.checkCiphers(listener.tls.ciphers) }
        try findings.requireAll(references)
        try findings.requireServing([listener.tls.defaultContainerRef], field: "default_tls_container_ref")
        try findings.requireServing(listener.tls.sniContainerRefs, field: "sni_container_refs")
        try findings.requireUsable(listener.tls.trust)
        if !isUpdate { try checkStrictTransportSecurity(listener) }
    }

    /// Versions and application protocols of a new listener that ends TLS.
    static func checkTLSLists(_ listener: Listener, _ tls: TLSSettings) throws(OctaviaFault) {
        guard listener.endsTLS else { return }
        try tls.checkVersions(listener.tls.versions)
        try TLSSettings.checkALPN(listener.tls.alpnProtocols)
    }

    /// Ends the call with 400 for a listener that can have neither pools nor policies.
    static func requireChildren(of listener: Listener) throws(OctaviaFault) {
        guard listener.listenerProtocol != .prometheus else {
            throw OctaviaFault(400, "Protocol PROMETHEUS listeners cannot have child objects.")
        }
    }

    /// Ends the call with 501 when the provider has no policies on listeners of that protocol.
    static func checkPolicySupport(
        of listener: Listener, _ features: ProviderFeatures, provider: String
    ) throws(OctaviaFault) {
        guard !features.l7Protocols.contains(listener.listenerProtocol) else { return }
        throw .unsupportedOption(
            provider, "\(listener.listenerProtocol.rawValue) protocol listeners do not support L7 policies")
    }

    private static func checkHeaders(_ listener: Listener, isUpdate: Bool) throws(OctaviaFault) {
        guard !listener.insertHeaders.isEmpty else { return }
        let proto = listener.listenerProtocol
        guard proto.understandsHTTP else {
            if isUpdate, proto == .udp || proto == .sctp { return }
            throw .invalidOption(value: "insert-headers", option: "a \(proto.rawValue) protocol listener.")
        }
        let unknown = listener.insertHeaders.keys.filter { !proto.insertableHeaders.contains($0) }.sorted()
        guard unknown.isEmpty else {
            func list(_ names: [String]) -> String {
                "[" + names.map { "'\($0)'" }.joined(separator: ", ") + "]"
            }
            if proto == .http, unknown.allSatisfy({ ListenerProtocol.terminatedHTTPS.insertableHeaders.contains($0) }) {
                throw .invalidOption(value: list(unknown), option: "HTTP protocol listener.")
            }
            // All of them, as the original prints them.
            let all = list(listener.insertHeaders.keys.sorted())
            throw .invalidOption(value: isUpdate ? all : "dict_keys(\(all))", option: "insert_headers")
        }
    }

    private static func checkStrictTransportSecurity(_ listener: Listener) throws(OctaviaFault) {
        guard listener.hstsMaxAge != nil || !listener.hstsIncludeSubdomains && !listener.hstsPreload else {
            throw .validation(
                "HSTS configuration options hsts_include_subdomains and hsts_preload only make sense if hsts_max_age is set as well."
            )
        }
        try checkCanBeStrict(listener)
    }

    /// The same for a change: what it switches on needs an age, before or after. An age alone can always go, and takes
    /// the header with it.
    static func checkStrictTransportSecurity(
        of listener: Listener, before: Listener, _ request: ListenerUpdate
    ) throws(OctaviaFault) {
        let isSwitchedOn = request.hstsIncludeSubdomains == .set(true) || request.hstsPreload == .set(true)
        guard !isSwitchedOn || listener.hstsMaxAge != nil || before.hstsMaxAge != nil else {
            throw .validation(
                "Cannot enable hsts_include_subdomains or hsts_preload if hsts_max_age was not set as well.")
        }
        try checkCanBeStrict(listener)
    }

    private static func checkCanBeStrict(_ listener: Listener) throws(OctaviaFault) {
        guard listener.hstsMaxAge == nil || listener.listenerProtocol == .terminatedHTTPS else {
            throw .validation(
                "The HSTS feature can only be used for listeners using the TERMINATED_HTTPS protocol.")
        }
    }

    /// One listener per port and transport.
    static func checkPort(_ listener: Listener, among others: [Listener]) throws(OctaviaFault) {
        for other in others
        where other.id != listener.id && !other.core.isBeingDeleted && other.protocolPort == listener.protocolPort
            && other.listenerProtocol.transport == listener.listenerProtocol.transport
        {
            throw .duplicateListener(other.listenerProtocol, port: listener.protocolPort)
        }
    }

    /// Networks that may connect must be of a family that some VIP has.
    static func checkCIDRs(_ listener: Listener, on loadBalancer: LoadBalancer) throws(OctaviaFault) {
        guard !listener.allowedCIDRs.isEmpty else { return }
        guard loadBalancer.vip.securityGroupIDs.isEmpty else {
            throw .validation("Allowed CIDRs are not allowed when using custom VIP Security Groups.")
        }
        let vips = [loadBalancer.vip.address] + loadBalancer.additionalVIPs.map(\.address)
        let families = Set(vips.compactMap { $0.flatMap { IPAddress($0)?.family } })
        for cidr in listener.allowedCIDRs {
            guard let network = IPNetwork(cidr), families.contains(network.address.family) else {
                let list = vips.compactMap { $0.map { "'\($0)'" } }.joined(separator: ", ")
                throw .validation("CIDR \(cidr) IP version incompatible with all VIPs [\(list)] IP version.")
            }
        }
    }

    /// The same for every listener of a new tree.
    static func checkCIDRs(of tree: LoadBalancerTree) throws(OctaviaFault) {
        for listener in tree.listeners { try checkCIDRs(listener, on: tree.loadBalancer) }
    }

    /// A listener and a pool must speak protocols that go together.
    static func checkPool(_ pool: Pool, of listener: Listener) throws(OctaviaFault) {
        try requireChildren(of: listener)
        guard listener.listenerProtocol.allowedPoolProtocols.contains(pool.poolProtocol) else {
            throw .protocolMismatch(pool: pool.poolProtocol, listener: listener.listenerProtocol)
        }
    }
}
