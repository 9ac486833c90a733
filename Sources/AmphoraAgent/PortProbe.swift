// Finds out why a port could not be opened, before HAProxy is asked to open it.

import Glibc
import LoadBalancing
import PacketForwarding

/// Tries ports in the agent's own process, which may open the same ones as HAProxy at its start.
enum PortProbe {
    /// Why the port cannot be opened in a place, in words for the owner; `nil` when it can.
    static func failure(of endpoint: Endpoint, in place: NetworkPlace = .host) -> String? {
        guard let address = IPAddress(endpoint.address) else { return "\(endpoint.address) is not an IP address." }
        let descriptor = place.socket(domain: address.socketFamily, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        guard descriptor >= 0 else { return explanation(of: errno, endpoint) }
        defer { close(descriptor) }
        var on: Int32 = 1
        // As HAProxy does: connections that linger from before do not count, another listener does.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let result = address.withSocketAddress(port: endpoint.port) { bind(descriptor, $0, $1) }
        return result == 0 ? nil : explanation(of: errno, endpoint)
    }

    /// The sentence for one cause.
    static func explanation(of cause: Int32, _ endpoint: Endpoint) -> String {
        switch cause {
        case EADDRINUSE:
            "Port \(endpoint.port) on \(endpoint.address) is already used by another program on this machine."
        case EACCES, EPERM:
            "Port \(endpoint.port) on \(endpoint.address) may not be opened. Ports under 1024 need CAP_NET_BIND_SERVICE "
                + "or root."
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            "Address \(endpoint.address) is not local to this machine, so port \(endpoint.port) cannot be opened on it."
        default:
            "Port \(endpoint.port) on \(endpoint.address) cannot be opened: \(String(cString: strerror(cause)))."
        }
    }
}
