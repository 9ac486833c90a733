// Changing a running HAProxy without a reload.

import LoadBalancing
import Logging
import ProviderDrivers

extension LoadBalancerRunner {
    /// Makes the changes and writes the files that agree with them.
    ///
    /// - Returns: False when something did not work; a reload then puts everything right.
    func perform(
        _ changes: [RuntimeChange], leadingTo wanted: HAProxyConfiguration, in identity: ProcessIdentity
    ) async -> Bool {
        // A half-made change is not what any configuration says, until the end of this function or a reload.
        process?.configuration = nil
        do {
            let text = try wanted.rendered()
            // Hundreds of servers in a few exchanges: each costs a turn of two processes.
            var commands: [RuntimeCommand] = []
            for change in changes {
                switch change {
                case .replacePatterns(let file, let patterns):
                    try await client.perform(commands)
                    commands = []
                    try await replacePatterns(file, patterns)
                case .certificate(let change):
                    try await client.perform(commands)
                    commands = []
                    try await client.perform(change)
                case .addServer(let server, let backend, _, _):
                    let name = "\(backend)/\(server.name)"
                    // It may have lost its last connection just now.
                    if pendingRemovals[name] != nil { _ = await removeIdleServers() }
                    if pendingRemovals[name] != nil {
                        throw RuntimeSocketError(description: "\(server.name) is still being removed")
                    }
                    commands += change.commands
                case .removeServer, .setWeight, .setEnabled:
                    commands += change.commands
                }
            }
            try await client.perform(commands)
            for case .removeServer(let server, let backend) in changes { removeWhenIdle("\(backend)/\(server)") }
            try folder.writeFrontendFiles(of: wanted)
            try SmallFile.replace(folder.configurationFile, with: text)
        } catch {
            logger.notice("a change at run time did not work; reloading instead: \(error)")
            return false
        }
        guard process?.identity == identity else { return false }
        process?.configuration = wanted
        logger.debug("changed HAProxy at run time", metadata: ["changes": "\(changes.count)"])
        await assertPings()
        return true
    }

    /// Swaps a whole list at once.
    private func replacePatterns(_ file: String, _ patterns: [String]) async throws {
        let prepare = RuntimeChange.preparePatterns(file)
        let answer = HAProxyRuntimeClient.answers(in: try await client.ask(prepare.text)).first ?? ""
        guard prepare.hasWorked(answer), let version = Int(answer.dropFirst(prepare.expectedAnswer.count)) else {
            throw RuntimeSocketError(description: "\(prepare.text): \(answer)")
        }
        try await client.perform(RuntimeChange.fillPatterns(file, version: version, patterns: patterns))
    }

    /// Deletes a disabled server (`backend/server`) when its last connection has ended, or closes the rest after a
    /// while. HAProxy refuses to delete one that has connections.
    func removeWhenIdle(_ server: String) {
        pendingRemovals[server] = .now + services.removalGrace
        guard removalTask == nil else { return }
        removalTask = Task { [weak self] in
            var pause = Duration.milliseconds(1)
            while await self?.removeIdleServers() == true {
                do { try await Task.sleep(for: pause) } catch { return }
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    /// - Returns: Whether servers are left.
    private func removeIdleServers() async -> Bool {
        let identity = process?.identity
        let late = pendingRemovals.filter { ContinuousClock.now >= $0.value }.keys
        _ = try? await client.askAll(late.map { "shutdown sessions server \($0)" })
        guard !Task.isCancelled else { return false }
        let servers = Array(pendingRemovals.keys)
        let answers = (try? await client.askAll(servers.map { "del server \($0)" })) ?? []
        guard !Task.isCancelled, process?.identity == identity else { return false }
        for case (let server, let answer?) in zip(servers, answers)
        where answer.hasPrefix("Server deleted") || answer.hasPrefix("No such") {
            pendingRemovals[server] = nil
        }
        if pendingRemovals.isEmpty { removalTask = nil }
        return !pendingRemovals.isEmpty
    }
}
