// What is written about each request and connection, and where to.

import LoadBalancing

/// Where the lines of access logs go.
public enum AccessLogTarget: Sendable, Hashable {
    /// Appended to a file, which is opened anew for every batch of lines, so that it may be rotated at any time.
    case file(String)
    /// Sent as syslog messages (RFC 5424) over UDP. The address is an IP address in text form.
    case syslog(address: String, port: Int)

    /// Reads `/PATH`, `ADDRESS:PORT` or `[IPV6]:PORT`; `nil` when the text is none of them.
    public init?(_ text: String) {
        if text.hasPrefix("/"), !text.hasSuffix("/"), !text.unicodeScalars.contains("\0") {
            self = .file(text)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host), (address.family == .ipv6) == isBracketed else { return nil }
        self = .syslog(address: address.description, port: port)
    }
}

/// The format of a line (configuration manual, section 8.2.4): the fields of Octavia's default `user_log_format`.
enum AccessLogFormat {
    /// The format for one frontend.
    ///
    /// Project, load balancer, listener, client and its port, time, request, status, bytes read and sent, result of the
    /// verification and subject of the client's certificate, backend, server, milliseconds, state at the end. Streams of
    /// bytes have no request and no status.
    static func text(projectID: String?, loadBalancerID: ResourceID, mode: HAProxyConfiguration.Mode) -> String {
        let request = mode == .http ? "%{+Q}r %ST" : "- -"
        return "\(escaped(projectID ?? "-")) \(loadBalancerID) %f %ci %cp %t \(request) %B %U %[ssl_c_verify] "
            + "%{+Q}[ssl_c_s_dn] %b %s %Tt %tsc"
    }

    /// An id from elsewhere as plain text: one word, no variables.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            let isPlain = character.isASCII && (character.properties.isAlphabetic || ("0"..."9").contains(character))
            result.unicodeScalars.append(isPlain || character == "-" || character == "_" ? character : "_")
        }
        return result
    }
}

extension HAProxyConfiguration.Frontend {
    /// Writes where lines go: to the agent, over a socket in the folder that the process runs in.
    func renderAccessLog(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        guard let accessLogFormat else { return }
        try writer.line(
            "log", .value("unix@\(DataPlaneFile.accessLogSocket)"), "len", "8192", "format", "raw", "local0", "info")
        try writer.line("log-format", .value(accessLogFormat))
    }
}
