// Decides how a running HAProxy gets from one configuration to another. Pure.

/// A change that a running process takes without a reload.
enum RuntimeChange: Hashable, Sendable {
    case addServer(
        HAProxyConfiguration.Server, backend: String, check: HAProxyConfiguration.HealthCheck?,
        tls: HAProxyConfiguration.ServerTLS? = nil)
    case removeServer(String, backend: String)
    case setWeight(Int, server: String, backend: String)
    case setEnabled(Bool, server: String, backend: String)
    /// The contents of a file of patterns: networks that may connect, or the value of a layer 7 rule.
    case replacePatterns(file: String, patterns: [String])
    case certificate(CertificateChange)
}

/// The way from what runs to what is wanted.
enum ApplyStep: Hashable, Sendable {
    case nothing
    case runtime([RuntimeChange])
    case reload
}

/// Compares configurations.
enum ApplyPlanner {
    /// The cheapest way from `running` to `wanted`: the runtime changes, or a reload if one difference needs it.
    static func step(from running: HAProxyConfiguration, to wanted: HAProxyConfiguration) -> ApplyStep {
        guard running != wanted else { return .nothing }
        guard running.process == wanted.process, running.frontends.count == wanted.frontends.count,
            running.backends.count == wanted.backends.count
        else { return .reload }
        guard let certificates = CertificateChange.changes(from: running, to: wanted) else { return .reload }
        var changes = certificates.map { RuntimeChange.certificate($0) }
        for (old, new) in zip(running.backends, wanted.backends) {
            let isTracked = wanted.backends.contains { $0.trackedBackend == new.name }
            guard let more = Self.changes(from: old, to: new, isTracked: isTracked) else { return .reload }
            changes += more
        }
        for (old, new) in zip(running.frontends, wanted.frontends) {
            guard let more = Self.changes(from: old, to: new) else { return .reload }
            changes += more
        }
        // Members come before others go, so that a pool is never empty in between.
        return .runtime(changes.filter { !$0.takesAway } + changes.filter(\.takesAway))
    }

    private static func changes(
        from old: HAProxyConfiguration.Frontend, to new: HAProxyConfiguration.Frontend
    ) -> [RuntimeChange]? {
        // Limits are left to a reload: `set maxconn frontend` on a full frontend with clients waiting hangs HAProxy 2.6.12.
        var alike = old.takingPatterns(of: new)
        if old.tls?.withoutMaterial == new.tls?.withoutMaterial { alike.tls = new.tls }
        guard alike == new else { return nil }
        return zip(old.patternFiles, new.patternFiles).filter { $0 != $1 }.map { _, file in
            .replacePatterns(file: file.name, patterns: file.patterns)
        }
    }

    private static func changes(
        from old: HAProxyConfiguration.Backend, to new: HAProxyConfiguration.Backend, isTracked: Bool
    ) -> [RuntimeChange]? {
        var alike = old
        alike.servers = new.servers
        if old.tls?.withoutMaterial == new.tls?.withoutMaterial { alike.tls = new.tls }
        guard alike == new else { return nil }
        var changes: [RuntimeChange] = []
        var remaining = Dictionary(old.servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        // HAProxy 2.6 knows neither a server with a cookie nor one that others track if it came at run time.
        let takesServers = new.persistence != .cookie && !isTracked && new.trackedBackend == nil
        for server in new.servers {
            guard let known = remaining.removeValue(forKey: server.name) else {
                guard takesServers else { return nil }
                changes.append(.addServer(server, backend: new.name, check: new.check, tls: new.tls))
                continue
            }
            var alike = known
            alike.weight = server.weight
            alike.isDisabled = server.isDisabled
            guard alike == server else { return nil }
            if known.weight != server.weight {
                changes.append(.setWeight(server.weight, server: server.name, backend: new.name))
            }
            if known.isDisabled != server.isDisabled {
                changes.append(.setEnabled(!server.isDisabled, server: server.name, backend: new.name))
            }
        }
        for name in remaining.keys.sorted() {
            // A server that another one tracks cannot be deleted.
            guard !isTracked, new.trackedBackend == nil else { return nil }
            changes.append(.removeServer(name, backend: new.name))
        }
        return changes
    }
}

extension RuntimeChange {
    /// Whether the change leaves a pool with fewer members.
    fileprivate var takesAway: Bool {
        switch self {
        case .removeServer, .setEnabled(false, _, _): true
        case .setWeight(let weight, _, _): weight == 0
        case .certificate(let change): change.takesAway
        case .addServer, .setEnabled, .replacePatterns: false
        }
    }
}
