// Turns a health monitor into HAProxy's check. Pure.

import LoadBalancing
import ProviderDrivers

/// Health monitors to checks.
enum HealthCheckPlanner {
    /// The check that HAProxy makes; `nil` for PING, which the agent does itself (``PingMonitor``).
    static func check(
        for monitor: HealthMonitorPlan
    ) throws(DataPlaneError) -> HAProxyConfiguration.HealthCheck? {
        let kind: HAProxyConfiguration.HealthCheck.Kind
        switch monitor.type {
        case .ping: return nil
        case .tcp: kind = .connect
        case .tlsHello: kind = .tlsHello
        case .http: kind = .http(try request(of: monitor), overTLS: false)
        case .https: kind = .http(try request(of: monitor), overTLS: true)
        case .udpConnect, .sctp:
            throw DataPlaneError(
                .unsupported,
                "Health monitor \(monitor.id): the type \(monitor.type.rawValue) does not fit the pool's protocol.")
        }
        return HAProxyConfiguration.HealthCheck(
            kind: kind, interval: max(monitor.delay, 1), timeout: max(monitor.timeout, 1),
            rise: max(monitor.maxRetries, 1), fall: max(monitor.maxRetriesDown, 1))
    }

    private static func request(of monitor: HealthMonitorPlan) throws(DataPlaneError) -> HAProxyConfiguration.HTTPCheck
    {
        if let host = monitor.domainName, !host.utf8.allSatisfy(isVisible) {
            throw DataPlaneError(
                .unsupported, "Health monitor \(monitor.id): domain_name holds characters that no host name has.")
        }
        return HAProxyConfiguration.HTTPCheck(
            method: monitor.httpMethod.rawValue, path: encodedPath(monitor.urlPath),
            version: monitor.httpVersion.map { $0 >= 1.1 ? "HTTP/1.1" : "HTTP/1.0" }, host: monitor.domainName,
            expectedCodes: try expectedCodes(of: monitor))
    }

    /// The path with everything percent-encoded that must not be in a request line: spaces, controls, non-ASCII.
    static func encodedPath(_ path: String) -> String {
        let hexadecimal = Array("0123456789ABCDEF")
        var result = ""
        for byte in path.utf8 {
            if isVisible(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%\(hexadecimal[Int(byte >> 4)])\(hexadecimal[Int(byte & 15)])"
            }
        }
        return result.isEmpty ? "/" : result
    }

    /// The codes in the form `200,202-204` that `http-check expect status` takes.
    private static func expectedCodes(of monitor: HealthMonitorPlan) throws(DataPlaneError) -> String {
        func code(_ text: Substring) throws(DataPlaneError) -> Int {
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let code = Int(text), (100...599).contains(code)
            else {
                throw DataPlaneError(
                    .unsupported, "Health monitor \(monitor.id): expected_codes must be codes from 100 to 599.")
            }
            return code
        }
        var parts: [String] = []
        for part in monitor.expectedCodes.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.filter { $0 != " " }.split(separator: "-", omittingEmptySubsequences: false)
            let low = try code(Substring(bounds[0]))
            let high = bounds.count == 2 ? try code(Substring(bounds[1])) : low
            guard bounds.count <= 2, low <= high else {
                throw DataPlaneError(
                    .unsupported, "Health monitor \(monitor.id): expected_codes must be codes, lists or ranges of them."
                )
            }
            parts.append(low == high ? "\(low)" : "\(low)-\(high)")
        }
        return parts.joined(separator: ",")
    }

    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
