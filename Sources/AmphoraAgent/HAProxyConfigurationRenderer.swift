// Turns the typed configuration into HAProxy's text. Paths are relative to the folder that the process runs in.

/// Names of the files of one load balancer. They are relative to its folder.
///
/// HAProxy runs in the sub-folder ``runDirectory``, the only one that the user it becomes may enter, and is given the
/// other files as `../NAME`. So the text does not depend on where the data directory is, and the limit of 107 bytes for
/// the paths of Unix sockets does not matter.
enum DataPlaneFile {
    static let plan = "plan.json"
    static let configuration = "haproxy.cfg"
    static let candidate = "haproxy.cfg.new"
    static let processID = "haproxy.pid"
    static let controlSocket = "haproxy.sock"
    static let expressions = "expressions.cfg"
    static let serverState = "server-state"
    static let statistics = "statistics.json"
    static let packets = "packets.json"
    static let accessListPrefix = "acl-"
    static let accessLogSocket = "access-log"
    static let stateLogSocket = "state-log"
    static let metricsProgram = "metrics.lua"
    static let errorPagePrefix = "error-"
    static let runDirectory = "run"
}

extension HAProxyConfiguration {
    /// The text of `haproxy.cfg`.
    func rendered() throws(UnwritableValue) -> String {
        var writer = HAProxyConfigurationWriter()
        try renderGlobal(into: &writer)
        try renderDefaults(into: &writer)
        try renderPeers(into: &writer)
        try renderMetricsSource(into: &writer)
        for frontend in frontends { try frontend.render(into: &writer) }
        for backend in backends { try backend.render(into: &writer) }
        return "# Written by ottava from the plan of one load balancer; changes made here are lost.\n" + writer.text
    }

    private func renderGlobal(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        try writer.section("global")
        // The listening sockets are handed to the next process over this socket.
        try writer.line(
            "stats", "socket", .value("unix@../\(DataPlaneFile.controlSocket)"), "mode", "600", "level", "admin",
            "expose-fd", "listeners")
        try writer.line("stats", "timeout", "10s")
        try writer.line("nbthread", .number(process.threads))
        try writer.line("maxconn", .number(process.maxConnections))
        try writer.line("hard-stop-after", .value("\(process.hardStopAfter)s"))
        // Two programs on one port would share its connections; a busy port must be an error.
        try writer.line("noreuseport")
        // Not used here, and reading the system's certificates for it costs 40 ms and 0.8 MB a process.
        try writer.line("httpclient.ssl.verify", "none")
        if let credentials = process.credentials {
            try writer.line("gid", .number(Int(credentials.group)))
            try writer.line("uid", .number(Int(credentials.user)))
        }
        try renderMetricsProgram(into: &writer)
        try writer.line("localpeer", "local")
        try writer.line("server-state-file", .value("../\(DataPlaneFile.serverState)"))
        // Changes of members' states. Frontends log only where the node's settings say so.
        try writer.line("log", .value("/dev/log"), "local0", "notice")
        guard let loadBalancer else { return }
        try writer.line("log", .value("unix@\(DataPlaneFile.stateLogSocket)"), "format", "rfc3164", "local0", "notice")
        try writer.line("log-tag", .value(loadBalancer))
    }

    private func renderDefaults(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        try writer.section("defaults")
        try writer.line("retries", "3")
        try writer.line("option", "redispatch")
        try writer.line("load-server-state-from-file", "global")
    }

    /// The old process hands stick tables to the new one over this socket. Only a process older than five seconds does:
    /// until then it waits for a teacher of its own.
    private func renderPeers(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        try writer.section("peers", .value(Self.peersName))
        var words: [HAProxyConfigurationWriter.Word] = ["bind", .value("unix@peers"), "mode", "600"]
        if let credentials = process.credentials {
            words += ["uid", .number(Int(credentials.user)), "gid", .number(Int(credentials.group))]
        }
        try writer.line(words)
        try writer.line("server", "local")
    }

    fileprivate static let peersName = "ottava"
    fileprivate static let stickTableSize = 10_240
}

extension HAProxyConfiguration.Frontend {
    fileprivate func render(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        try writer.section("frontend", .value(name))
        try writer.line("mode", mode == .http ? "http" : "tcp")
        // Lets kept-alive clients make one more request after a reload instead of losing it.
        if mode == .http { try writer.line("option", "idle-close-on-response") }
        for endpoint in binds { try writer.line(["bind", .value(endpoint.description)] + (tls?.bindWords ?? [])) }
        try writer.line("maxconn", .number(maxConnections))
        try writer.line("timeout", "client", .number(clientTimeout))
        try writer.line("acl", "accepted", "src", "-f", .value("../\(accessListFile)"))
        try writer.line("tcp-request", "connection", "reject", "unless", "accepted")
        if inspectDelay > 0 { try writer.line("tcp-request", "inspect-delay", .number(inspectDelay)) }
        try renderAccessLog(into: &writer)
        try renderMetrics(into: &writer)
        try tls?.renderRules(into: &writer)
        try renderPreference(into: &writer)
        try renderPolicies(into: &writer)
        for header in insertedHeaders {
            switch header {
            case .forwardedFor:
                try writer.line("option", "forwardfor")
            case .forwardedPort:
                try writer.line("http-request", "set-header", "X-Forwarded-Port", "%[dst_port]")
            case .forwardedProtocol:
                try writer.line("http-request", "set-header", "X-Forwarded-Proto", tls == nil ? "http" : "https")
            case .forwardedIP, .clientIP, .realIP:
                try writer.line("http-request", "set-header", .value(header.rawValue), "%[src]")
            }
        }
        try renderErrorPages(into: &writer)
        try renderBackendChoice(into: &writer)
        if let defaultBackend { try writer.line("default_backend", .value(defaultBackend)) }
    }
}

extension HAProxyConfiguration.Backend {
    fileprivate func render(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        try writer.section("backend", .value(name))
        try writer.line("log", "global")
        try writer.line("mode", mode == .http ? "http" : "tcp")
        switch algorithm {
        case .roundRobin: try writer.line("balance", "roundrobin")
        case .leastConnections: try writer.line("balance", "leastconn")
        case .source:
            try writer.line("balance", "source")
            try writer.line("hash-type", "consistent")
        }
        try writer.line("option", "allbackups")
        try writer.line("timeout", "connect", .number(connectTimeout))
        try writer.line("timeout", "server", .number(serverTimeout))
        try renderPersistence(into: &writer)
        if let check { try check.render(into: &writer) }
        for server in servers { try writer.line(words(for: server)) }
    }

    private func renderPersistence(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        let size = HAProxyConfigurationWriter.Word.number(HAProxyConfiguration.stickTableSize)
        let peers = HAProxyConfigurationWriter.Word.value(HAProxyConfiguration.peersName)
        switch persistence {
        case .none:
            break
        case .cookie:
            try writer.line("cookie", "SRV", "insert", "indirect", "nocache")
        case .sourceAddress(let isIPv6):
            try writer.line("stick-table", "type", isIPv6 ? "ipv6" : "ip", "size", size, "peers", peers)
            try writer.line("stick", "on", "src")
        case .applicationCookie(let cookie):
            try writer.line("stick-table", "type", "string", "len", "64", "size", size, "peers", peers)
            try writer.line("stick", "store-response", HAProxyConfigurationWriter.fetch("res.cook", cookie))
            try writer.line("stick", "match", HAProxyConfigurationWriter.fetch("req.cook", cookie))
        }
    }

    private func words(
        for server: HAProxyConfiguration.Server
    ) -> [HAProxyConfigurationWriter.Word] {
        var words: [HAProxyConfigurationWriter.Word] = [
            "server", .value(server.name), .value(server.endpoint.description), "id", .number(server.number),
            "weight", .number(server.weight),
        ]
        if server.isBackup { words.append("backup") }
        if persistence == .cookie { words += ["cookie", .value(server.name)] }
        switch server.proxyProtocol {
        case .none: break
        case .version1: words.append("send-proxy")
        case .version2: words.append("send-proxy-v2")
        }
        for argument in tls?.arguments ?? [] { words += argument.words }
        if let trackedBackend {
            words += ["track", .value("\(trackedBackend)/\(server.name)")]
        } else if let check {
            words += ["check", "inter", .value("\(check.interval)s"), "rise", .number(check.rise)]
            words += ["fall", .number(check.fall)]
            for argument in check.tlsArguments(in: tls) { words += argument.words }
            if let checkAddress = server.checkAddress { words += ["addr", .value(checkAddress)] }
            if let checkPort = server.checkPort { words += ["port", .number(checkPort)] }
        }
        if server.isDisabled { words.append("disabled") }
        return words
    }
}

extension HAProxyConfiguration.HealthCheck {
    fileprivate func render(into writer: inout HAProxyConfigurationWriter) throws(UnwritableValue) {
        try writer.line("timeout", "check", .value("\(timeout)s"))
        switch kind {
        case .connect:
            break
        case .tlsHello:
            try writer.line("option", "ssl-hello-chk")
        case .http(let request, _):
            try writer.line("option", "httpchk")
            var words: [HAProxyConfigurationWriter.Word] = [
                "http-check", "send", "meth", .value(request.method), "uri", .value(request.path),
            ]
            if let version = request.version { words += ["ver", .value(version)] }
            if let host = request.host { words += ["hdr", "Host", HAProxyConfigurationWriter.logFormat(host)] }
            try writer.line(words)
            try writer.line("http-check", "expect", "status", .value(request.expectedCodes))
        }
    }
}
