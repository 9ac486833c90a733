// Which protocols and monitors go together (API reference, "Protocol combinations").

extension ListenerProtocol {
    /// The protocols of pools to which a listener of this protocol may send traffic.
    public var allowedPoolProtocols: [PoolProtocol] {
        switch self {
        case .tcp: [.http, .https, .proxy, .proxyV2, .tcp]
        case .http, .terminatedHTTPS: [.http, .proxy, .proxyV2]
        case .https: [.https, .proxy, .proxyV2, .tcp]
        case .udp: [.udp]
        case .sctp: [.sctp]
        case .prometheus: []
        }
    }

    /// Whether the listener understands HTTP, so that headers can be inserted and policies apply.
    public var understandsHTTP: Bool { self == .http || self == .terminatedHTTPS }

    /// The headers that a listener of this protocol can insert.
    public var insertableHeaders: Set<String> {
        let plain: Set = [
            "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-IP", "X-Client-IP", "X-Real-IP",
        ]
        switch self {
        case .http: return plain
        case .terminatedHTTPS:
            return plain.union([
                "X-SSL-Client-Verify", "X-SSL-Client-Has-Cert", "X-SSL-Client-DN", "X-SSL-Client-CN", "X-SSL-Issuer",
                "X-SSL-Client-SHA1", "X-SSL-Client-Not-Before", "X-SSL-Client-Not-After",
            ])
        case .tcp, .https, .udp, .sctp, .prometheus: return []
        }
    }
}

extension PoolProtocol {
    /// The monitors that can watch members of this protocol.
    public var allowedHealthMonitorTypes: [HealthMonitorType] {
        isDatagram ? [.udpConnect, .sctp, .tcp, .http] : [.http, .https, .ping, .tcp, .tlsHello]
    }
}
