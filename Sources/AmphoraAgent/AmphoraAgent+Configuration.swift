// Settings of the agent, and what follows from the node that it runs on.

import Glibc
public import Logging
public import PacketForwarding

extension AmphoraAgent {
    /// Settings of the agent.
    public struct Configuration: Sendable {
        /// The folder for the agent's files, such as `DIR/amphora`. It is made when missing; its parent must exist.
        public var dataDirectory: String
        /// The absolute path of the haproxy program.
        public var haproxyPath: String
        /// How often a HAProxy is asked for states and counters while there is traffic.
        public var pollInterval: Duration
        /// How often it is asked at rest; less often on a node with very many. It tells of members that go up and down
        /// by itself.
        public var restInterval: Duration
        /// How often what runs is compared with what should.
        public var verifyInterval: Duration
        /// Seconds that connections may outlive a reload that replaced their process.
        public var hardStopAfter: Int
        /// Threads of each HAProxy.
        public var threadCount: Int
        /// The most connections of one load balancer at a time, or less where the limit of open files does not allow
        /// it. Each thousand costs its HAProxy about 0.12 MB of memory, used or not.
        public var maxConnections: Int
        /// How long connections of a removed member may go on before they are closed.
        public var removalGrace: Duration
        /// Where requests and connections of all load balancers are logged; absent is nowhere.
        public var accessLog: AccessLogTarget?
        /// The bridge on which each load balancer gets a network namespace of its own; absent: the node's own network.
        public var bridge: BridgeSettings?
        /// The absolute path of the nft program.
        public var nftPath: String
        /// How datagrams are forwarded; `nil` takes nftables where they can be used.
        public var packetForwarding: PacketForwardingMethod?
        /// Where the agent logs.
        public var logger: Logger

        public init(
            dataDirectory: String, haproxyPath: String = "/usr/sbin/haproxy", pollInterval: Duration = .seconds(1),
            restInterval: Duration = .seconds(30), verifyInterval: Duration = .seconds(5),
            hardStopAfter: Int = 1_800, threadCount: Int = 2, maxConnections: Int = 50_000,
            removalGrace: Duration = .seconds(30), accessLog: AccessLogTarget? = nil, bridge: BridgeSettings? = nil,
            nftPath: String = "/usr/sbin/nft", packetForwarding: PacketForwardingMethod? = nil,
            logger: Logger = Logger(label: "ottava.amphora")
        ) {
            self.dataDirectory = dataDirectory
            self.haproxyPath = haproxyPath
            self.pollInterval = pollInterval
            self.restInterval = restInterval
            self.verifyInterval = verifyInterval
            self.hardStopAfter = hardStopAfter
            self.threadCount = threadCount
            self.maxConnections = maxConnections
            self.removalGrace = removalGrace
            self.accessLog = accessLog
            self.bridge = bridge
            self.nftPath = nftPath
            self.packetForwarding = packetForwarding
            self.logger = logger
        }
    }
}

/// What every HAProxy of this node gets.
enum NodeDefaults {
    /// Settings of the process.
    static func processSettings(
        for configuration: AmphoraAgent.Configuration
    ) -> HAProxyConfiguration.ProcessSettings {
        HAProxyConfiguration.ProcessSettings(
            threads: max(configuration.threadCount, 1),
            maxConnections: maxConnections(atMost: configuration.maxConnections),
            hardStopAfter: max(configuration.hardStopAfter, 1), credentials: credentials(),
            logsAccess: configuration.accessLog != nil)
    }

    /// What is configured, or what the limit of open files allows: two for a connection, and a tenth for ports, checks
    /// and the control socket. HAProxy raises its soft limit to the hard one itself.
    private static func maxConnections(atMost wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        let files = Int(clamping: limit.rlim_max)
        return min(max(wanted, 100), max(100, (files - max(256, files / 10)) / 2))
    }

    /// The user that HAProxy becomes when the agent is root: `haproxy`, else `nobody`. It opens its ports, the control
    /// socket and its files before. Without root, or without the capabilities to change users, it stays what it is.
    private static func credentials() -> HAProxyConfiguration.Credentials? {
        guard geteuid() == 0, hasCapabilities([0, 6, 7]) else { return nil }
        for name in ["haproxy", "nobody"] {
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            var buffer = [CChar](repeating: 0, count: 4_096)
            guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { continue }
            return HAProxyConfiguration.Credentials(user: entry.pw_uid, group: entry.pw_gid)
        }
        return nil
    }

    /// Whether all those capabilities are in effect (capabilities(7): 0 CHOWN, 6 SETGID, 7 SETUID).
    private static func hasCapabilities(_ numbers: [Int]) -> Bool {
        guard let status = SmallFile.read("/proc/self/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let field = line.split(whereSeparator: { $0 == "\t" || $0 == " " }).last,
            let mask = UInt64(field, radix: 16)
        else { return false }
        return numbers.allSatisfy { mask >> UInt64($0) & 1 == 1 }
    }
}

extension AmphoraAgent {
    /// What gives load balancers networks of their own; `nil` when all live in the node's.
    static func namespaces(for configuration: Configuration) -> NamespaceManager? {
        configuration.bridge.map { NamespaceManager(settings: $0, logger: configuration.logger) }
    }
}
