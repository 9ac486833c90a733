// Where on the node the traffic of a load balancer is.

import CLinux
import Glibc

/// The network that processes and sockets of a load balancer live in.
package enum NetworkPlace: Hashable, Sendable, Codable {
    /// The node's own network.
    case host
    /// A named network namespace (ip-netns(8)).
    case namespace(String)

    /// What must stand before the words of a command, so that it runs there.
    package var commandPrefix: [String] {
        switch self {
        case .host: []
        case .namespace(let name): ["ip", "netns", "exec", name]
        }
    }

    /// A new socket there, close-on-exec; -1 and errno on failure, as socket(2).
    package func socket(domain: Int32, type: Int32, protocol number: Int32) -> Int32 {
        let type = type | Int32(SOCK_CLOEXEC.rawValue)
        switch self {
        case .host: return Glibc.socket(domain, type, number)
        case .namespace(let name):
            return ottava_socket_in_namespace("/run/netns/\(name)", domain, type, number)
        }
    }
}
