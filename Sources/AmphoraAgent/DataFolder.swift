// The files of one load balancer.

import FoundationEssentials
import Glibc
import LoadBalancing
import ProviderDrivers

/// What the agent remembers of a load balancer.
struct StoredPlan: Codable, Sendable, Hashable {
    /// The last plan that was applied.
    var plan: LoadBalancerPlan
    /// Endpoints of the plan that could not be opened.
    var failedEndpoints: Set<Endpoint> = []
    /// Regular expressions of the plan that HAProxy refuses → why; absent is none.
    var refusedExpressions: [String: String]?
}

/// The folder of one load balancer: `DIR/<id>`, for the agent's user alone.
struct DataFolder: Sendable {
    /// The absolute path.
    let path: String
    /// Who owns the sub-folder that HAProxy runs in.
    let credentials: HAProxyConfiguration.Credentials?
    /// Whether the agent's socket for access logs must be there.
    var hasAccessLog = false

    /// The path of one of the files in ``DataPlaneFile``.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    var configurationFile: String { file(DataPlaneFile.configuration) }
    var runFolder: String { file(DataPlaneFile.runDirectory) }
    var processIDFile: String { file(DataPlaneFile.processID) }

    /// Whether the load balancer has left anything here.
    var exists: Bool { access(path, F_OK) == 0 }

    /// Makes the folder and what must be in it.
    func create() throws(DataPlaneError) {
        try SmallFile.makeFolder(path)
        try SmallFile.makeFolder(runFolder)
        linkLogSockets()
        guard let credentials else { return }
        guard chown(runFolder, credentials.user, credentials.group) == 0 else {
            throw DataPlaneError(
                .node, "The data plane could not write its files.",
                detail: "chown \(runFolder): \(String(cString: strerror(errno)))")
        }
    }

    /// Gives the agent's sockets for logs names in the folder that HAProxy runs in.
    func linkLogSockets() {
        guard let end = path.lastIndex(of: "/") else { return }
        for name in [DataPlaneFile.stateLogSocket] + (hasAccessLog ? [DataPlaneFile.accessLogSocket] : []) {
            LogSocket.link(name, from: String(path[..<end]), into: runFolder)
        }
    }

    /// Removes everything.
    func delete() {
        SmallFile.removeFolder(path)
    }

    /// Writes the files that frontends read, lists of ACLs, error pages and certificates, and removes those that are not
    /// used.
    func writeFrontendFiles(of configuration: HAProxyConfiguration) throws(DataPlaneError) {
        let wanted = frontendFiles(of: configuration)
        for (name, text) in wanted where SmallFile.read(file(name)) != text {
            try SmallFile.replace(file(name), with: text)
        }
        let prefixes = [DataPlaneFile.accessListPrefix, DataPlaneFile.errorPagePrefix, DataPlaneFile.metricsProgram]
        for name in SmallFile.entries(of: path)
        where wanted[name] == nil && prefixes.contains(where: name.hasPrefix) {
            SmallFile.remove(file(name))
        }
        try writeCertificates(of: configuration)
    }

    /// The last plan; `nil` when there is none or it cannot be read.
    func storedPlan() -> StoredPlan? { decode(StoredPlan.self, from: DataPlaneFile.plan) }

    /// Remembers the plan.
    func store(_ plan: StoredPlan) throws(DataPlaneError) { try encode(plan, to: DataPlaneFile.plan) }

    /// The counters that were saved; empty when there are none.
    func ledger() -> StatisticsLedger {
        decode(StatisticsLedger.self, from: DataPlaneFile.statistics) ?? StatisticsLedger()
    }

    /// Saves the counters.
    func store(_ ledger: StatisticsLedger) throws(DataPlaneError) { try encode(ledger, to: DataPlaneFile.statistics) }

    /// The process that the pid file names, if it is a HAProxy with the configuration of this folder.
    func runningProcess() -> ProcessIdentity? {
        guard let text = SmallFile.read(processIDFile), let pid = Int32(text.prefix { $0.isNumber }),
            let identity = ProcessIdentity(pid: pid), identity.runsHAProxy(configuration: configurationFile)
        else { return nil }
        return identity
    }

    private func decode<Value: Decodable>(_ type: Value.Type, from name: String) -> Value? {
        guard let text = SmallFile.read(file(name)) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private func encode(_ value: some Encodable, to name: String) throws(DataPlaneError) {
        let text: String
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            text = String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw DataPlaneError(.node, "The data plane could not write its files.", detail: "\(name): \(error)")
        }
        try SmallFile.replace(file(name), with: text)
    }
}
