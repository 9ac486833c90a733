// An address and a port, as HAProxy writes them.

import LoadBalancing

/// An IP address with a TCP port.
struct Endpoint: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The address in canonical text form.
    let address: String
    /// 1–65535.
    let port: Int

    init(_ address: IPAddress, port: Int) {
        self.address = address.description
        self.port = port
    }

    /// Whether the address is an IPv6 one.
    var isIPv6: Bool { address.contains(":") }

    /// `192.0.2.1:80` or `[2001:db8::1]:80`.
    var description: String { isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)" }

    static func < (left: Endpoint, right: Endpoint) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }
}
