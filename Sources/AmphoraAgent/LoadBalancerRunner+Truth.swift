// Comparing the files, the process and the network of a load balancer with its plan.

import Glibc
import LoadBalancing
import Logging
import PacketForwarding
import ProviderDrivers

/// A file as it is at one moment: whoever writes it changes this.
struct FileMark: Hashable, Sendable {
    private let device: UInt
    private let inode: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// `nil` when there is no file.
    init?(_ path: String) {
        var entry = stat()
        guard stat(path, &entry) == 0 else { return nil }
        device = UInt(entry.st_dev)
        inode = UInt(entry.st_ino)
        size = Int(entry.st_size)
        seconds = entry.st_mtim.tv_sec
        nanoseconds = entry.st_mtim.tv_nsec
    }
}

extension LoadBalancerRunner {
    /// What can be wrong beside a process that ends, which is noticed at once.
    private enum Discrepancy: Hashable {
        /// HAProxy cannot be spoken to any more.
        case controlSocket
        case configuration
        case plan
        case network

        var message: String {
            switch self {
            case .controlSocket: "HAProxy's control socket had been removed or led nowhere; HAProxy was started anew."
            case .configuration: "HAProxy's configuration files had been changed or removed; they were put back."
            case .plan: "The stored plan had been removed; it was written again."
            case .network: "The network namespace or its addresses had been changed or removed; they were made anew."
            }
        }
    }

    /// Looks once and puts right what is wrong.
    ///
    /// - Parameter hasLostLink: Whether the load balancer's interface has been taken from the node's bridge.
    func verify(hasLostLink: Bool) async {
        guard !isFinished, !isBusy, stored != nil else { return }
        if hasLostLink { await services.namespaces?.forget(id) }
        if await !discrepancies().isEmpty {
            await exclusively {
                // What was under way may have been all that was wrong.
                guard !isFinished, let stored else { return }
                let found = await discrepancies()
                guard !found.isEmpty else { return }
                await repair(found, of: stored)
            }
            await refresh()
            publish()
        }
        await packets.verify()
    }

    private func discrepancies() async -> [Discrepancy] {
        var found: [Discrepancy] = []
        if await services.namespaces?.hasLost(id) == true { found.append(.network) }
        if let process, process.identity.isAlive {
            var isSpokenTo = access(folder.file(DataPlaneFile.controlSocket), F_OK) == 0
            if isSpokenTo { isSpokenTo = await !client.isRefused() }
            if !isSpokenTo, process.identity.isAlive {
                found.append(.controlSocket)
            } else if let configuration = process.configuration, !hasFiles(of: configuration) {
                found.append(.configuration)
            }
        }
        if access(folder.file(DataPlaneFile.plan), F_OK) != 0 { found.append(.plan) }
        return found
    }

    /// Whether the files are those of the configuration. They are read only when somebody has written them.
    private func hasFiles(of configuration: HAProxyConfiguration) -> Bool {
        var marks: [String: FileMark] = [:]
        for path in folder.files(of: configuration) {
            guard let mark = FileMark(path) else { return false }
            marks[path] = mark
        }
        if marks == rightFiles { return true }
        guard let text = try? configuration.rendered(), SmallFile.read(folder.configurationFile) == text,
            folder.hasFrontendFiles(of: configuration)
        else { return false }
        rightFiles = marks
        return true
    }

    private func repair(_ found: [Discrepancy], of stored: StoredPlan) async {
        for discrepancy in found {
            logger.warning("the data plane was not as it should be", metadata: ["finding": "\(discrepancy.message)"])
        }
        do throws(DataPlaneError) {
            try folder.create()
            if found.contains(.plan) { try folder.store(stored) }
            if found.contains(.configuration), let configuration = process?.configuration,
                let text = try? configuration.rendered()
            {
                try folder.writeFrontendFiles(of: configuration)
                try SmallFile.replace(folder.configurationFile, with: text)
            }
            if found.contains(.controlSocket) { await letGo() }
            if found.contains(.network) { await services.namespaces?.forgetLost(id) }
            if found.contains(.controlSocket) || found.contains(.network) { _ = try await converge(to: stored.plan) }
        } catch {
            logger.error("what was wrong could not be put right yet: \(error)")
            return
        }
        for discrepancy in found { services.packets.found(DataPlaneFinding(id, discrepancy.message)) }
    }

    /// Has a process that cannot be spoken to close its ports and end with its last connection.
    private func letGo() async {
        guard let old = process?.identity else { return }
        process = nil
        rows = []
        ledger.finishProcess()
        trackDraining(old)
        old.signal(SIGUSR1)
        _ = await old.waitUntilGone(for: .milliseconds(50))
    }
}

extension DataFolder {
    /// The paths of everything that HAProxy reads.
    func files(of configuration: HAProxyConfiguration) -> [String] {
        [configurationFile] + frontendFiles(of: configuration).keys.map(file)
            + Self.certificateFiles(of: configuration).keys.map(certificateFile)
    }

    /// Whether the files that frontends read are those of a configuration.
    func hasFrontendFiles(of configuration: HAProxyConfiguration) -> Bool {
        frontendFiles(of: configuration).allSatisfy { SmallFile.read(file($0)) == $1 }
            && hasCertificates(of: configuration)
    }

    /// Lists of patterns, error pages and what answers for metrics, with their texts.
    func frontendFiles(of configuration: HAProxyConfiguration) -> [String: String] {
        var wanted: [String: String] = [:]
        for frontend in configuration.frontends {
            for list in frontend.patternFiles { wanted[list.name] = list.text }
            for (status, page) in frontend.ownErrorPages { wanted[frontend.errorPageFile(status)] = page }
        }
        if configuration.servesMetrics { wanted[DataPlaneFile.metricsProgram] = MetricsSource.program }
        return wanted
    }
}
