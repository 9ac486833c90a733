// What HAProxy logs when members go up and down: the sign to look at once.

import LoadBalancing
import ProviderDrivers

/// Reads HAProxy's messages about changes of states. What has changed is asked over the control socket; a message only
/// says of which load balancer, by the tag that its configuration gives it (`log-tag`).
enum StateLog {
    /// Starts to receive, and tells of the load balancers that have news.
    static func receive(
        in folder: String, credentials: HAProxyConfiguration.Credentials?,
        _ tell: @escaping @Sendable (Set<ResourceID>) -> Void
    ) throws(DataPlaneError) -> LogSocket {
        try LogSocket(name: DataPlaneFile.stateLogSocket, folder: folder, credentials: credentials) { lines in
            let changed = Set(lines.compactMap(loadBalancer))
            if !changed.isEmpty { tell(changed) }
        }
    }

    /// The load balancer of a message in the form `<PRIORITY>MONTH DAY TIME TAG[PID]: TEXT`.
    static func loadBalancer(_ line: [UInt8]) -> ResourceID? {
        // The tag ends at the first bracket: nothing before it holds one.
        guard let end = line.firstIndex(of: UInt8(ascii: "[")), end >= 36 else { return nil }
        return ResourceID(String(decoding: line[(end - 36)..<end], as: UTF8.self))
    }
}
