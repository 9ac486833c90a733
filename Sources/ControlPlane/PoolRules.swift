// What goes together in a pool and its monitor (API reference, "Pools", "Health monitors").

internal import LoadBalancing
internal import OctaviaWire
internal import ProviderDrivers

/// Rules that look at more than one field of a pool.
enum PoolRules {
    /// The session persistence that a pool of this protocol may have.
    ///
    /// - Parameter isUpdate: Some texts differ between POST and PUT.
    static func checkSessionPersistence(
        _ persistence: SessionPersistence?, _ poolProtocol: PoolProtocol, isUpdate: Bool = false
    ) throws(OctaviaFault) {
        guard let persistence else { return }
        if poolProtocol.isDatagram {
            guard persistence.cookieName == nil else {
                throw .validation(
                    persistence.type == .sourceIP
                        ? "session_persistence SOURCE_IP type for UDP and SCTP protocols only accepts: type, persistence_timeout, persistence_granularity."
                        : "Cookie names are not supported for UDP/SCTP pools.")
            }
            guard persistence.type == .sourceIP else {
                throw .validation(
                    "Session persistence of type \(persistence.type.rawValue) is not supported for UDP/SCTP protocol pools."
                )
            }
            return
        }
        try checkDatagramPersistence(
            isGiven: persistence.timeout != nil || persistence.granularity != nil, poolProtocol, isUpdate: isUpdate)
        if persistence.type == .appCookie {
            guard let name = persistence.cookieName, !name.isEmpty else {
                throw .validation(
                    "Field \"cookie_name\" must be specified when using the \"APP_COOKIE\" session persistence type.")
            }
            guard isCookieName(name) else { throw .validation("Supplied \"cookie_name\" is invalid.") }
        } else if persistence.cookieName != nil {
            throw .validation(
                "Field \"cookie_name\" can only be specified with session persistence of type \"APP_COOKIE\".")
        }
    }

    /// What only pools of datagrams can have: a timeout and a granularity.
    static func checkDatagramPersistence(
        isGiven: Bool, _ poolProtocol: PoolProtocol, isUpdate: Bool
    ) throws(OctaviaFault) {
        guard isGiven, !poolProtocol.isDatagram else { return }
        let pools = isUpdate ? "UDP" : "UDP and SCTP"
        throw .validation("persistence_timeout and persistence_granularity is only for \(pools) protocol pools.")
    }

    /// Whether a cookie can have that name (RFC 6265 section 4.1.1, RFC 9110 token).
    private static func isCookieName(_ name: String) -> Bool {
        let forbidden = Set("\"(),/:;<=>?@[\\]{}".unicodeScalars)
        return name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && !forbidden.contains($0) }
    }

    /// The TLS settings towards members.
    static func checkTLS(
        _ pool: Pool, _ findings: CertificateFindings, _ settings: TLSSettings, isUpdate: Bool = false
    ) throws(OctaviaFault) {
        let tls = pool.tls
        guard tls.crlContainerRef == nil || tls.caContainerRef != nil else {
            throw .validation(
                isUpdate
                    ? "A CA reference is required to specify a certificate revocation list."
                    : "A CA certificate reference is required to specify a revocation list.")
        }
        try findings.requireAll([tls.containerRef].compactMap { $0 })
        try findings.requireServing([tls.containerRef], field: "tls_container_ref")
        try findings.requireUsable(tls.trust)
        // What an update does not mention may be older than the deployment's rules.
        guard !isUpdate else { return }
        try settings.checkCiphers(tls.ciphers)
        guard tls.isEnabled else { return }
        try settings.checkVersions(tls.versions)
        try TLSSettings.checkALPN(tls.alpnProtocols)
    }
}

/// Rules that look at more than one field of a health monitor.
enum HealthMonitorRules {
    /// The default path, method and codes of monitors that speak HTTP.
    static func applyDefaults(to monitor: inout HealthMonitor) {
        guard monitor.type.speaksHTTP else { return }
        monitor.httpMethod = monitor.httpMethod ?? .get
        monitor.urlPath = monitor.urlPath ?? "/"
        monitor.expectedCodes = monitor.expectedCodes ?? "200"
    }

    /// Applied to a new monitor.
    static func check(_ monitor: HealthMonitor, pool: Pool) throws(OctaviaFault) {
        try checkFields(monitor, pool: pool)
        try checkDomain(monitor.domainName, version: monitor.httpVersion)
    }

    /// Applied to a monitor as it would be after the request. As in the original a field that the request empties still
    /// counts with the value that it had: a version can go while a domain name stays, and not the other way around.
    static func check(
        _ monitor: HealthMonitor, before: HealthMonitor, _ request: HealthMonitorUpdate, pool: Pool
    ) throws(OctaviaFault) {
        try checkFields(monitor, pool: pool)
        try checkDomain(
            monitor.domainName ?? before.domainName, version: monitor.httpVersion ?? before.httpVersion,
            isGiven: request.domainName.value(over: nil) != nil)
    }

    /// A name of a host is for HTTP/1.1.
    ///
    /// - Parameter isGiven: False lets a name be that the request does not mention.
    private static func checkDomain(_ domain: String?, version: Double?, isGiven: Bool = true) throws(OctaviaFault) {
        guard domain != nil else { return }
        guard let version else {
            guard isGiven else { return }
            throw .validation("'http_version' must be specified when 'domain_name' is provided.")
        }
        guard version >= 1.1 else {
            throw .invalidOption(
                value: "http_version 1.0", option: "health monitors HTTP 1.1 domain name health check")
        }
    }

    private static func checkFields(_ monitor: HealthMonitor, pool: Pool) throws(OctaviaFault) {
        let type = monitor.type
        try checkType(type, pool: pool)
        if type == .udpConnect, monitor.delay < 3 {
            throw .validation(
                "The request delay value \(monitor.delay) should be larger than 3 for UDP-CONNECT health monitor type."
            )
        }
        if !type.speaksHTTP {
            let fields: [(String, Bool)] = [
                ("http_method", monitor.httpMethod != nil), ("url_path", monitor.urlPath != nil),
                ("expected_codes", monitor.expectedCodes != nil),
            ]
            for (field, isPresent) in fields where isPresent { try refuse(field, type) }
        }
    }

    /// The types of monitors that a pool can have.
    static func checkType(_ type: HealthMonitorType, pool: Pool) throws(OctaviaFault) {
        guard !pool.poolProtocol.allowedHealthMonitorTypes.contains(type) else { return }
        if type == .udpConnect || type == .sctp {
            throw .validation("The \(type.rawValue) type is only supported for pools of type UDP/SCTP.")
        }
        throw .validation(
            "The associated pool protocol is \(pool.poolProtocol.rawValue), so only a UDP-CONNECT/SCTP/TCP/HTTP health monitor is supported."
        )
    }

    /// A field that monitors of that type do not have.
    static func refuse(_ field: String, _ type: HealthMonitorType) throws(OctaviaFault) {
        throw .invalidOption(value: field, option: "health monitors of type \(type.rawValue)")
    }
}

extension OctaviaFault {
    /// The provider cannot do what the request asks for.
    static func unsupportedOption(_ provider: String, _ option: String) -> OctaviaFault {
        OctaviaFault(501, "Provider '\(provider)' does not support a requested option: \(option)")
    }
}
