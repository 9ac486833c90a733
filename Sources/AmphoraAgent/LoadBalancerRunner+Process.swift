// Starting, reloading, stopping and restarting the HAProxy of a load balancer.

import Glibc
import LoadBalancing
import Logging
import PacketForwarding
import ProviderDrivers

extension LoadBalancerRunner {
    /// Makes the process do what the configuration says, by the cheapest way.
    func realise(_ wanted: HAProxyConfiguration) async throws(LaunchFailure) {
        guard wanted.needsProcess else {
            await retire()
            return
        }
        guard let process, process.identity.isAlive else {
            self.process = nil
            try await start(wanted)
            return
        }
        if let running = process.configuration {
            switch ApplyPlanner.step(from: running, to: wanted) {
            case .nothing:
                return
            case .runtime(let changes):
                if await perform(changes, leadingTo: wanted, in: process.identity) {
                    services.counter.add(\.runtimeChanges)
                    return
                }
            case .reload:
                break
            }
        }
        if process.identity.isAlive {
            try await reload(process, to: wanted)
        } else {
            self.process = nil
            try await start(wanted)
        }
    }

    /// Starts a process where none is.
    private func start(_ wanted: HAProxyConfiguration) async throws(LaunchFailure) {
        let text = try render(wanted)
        do throws(DataPlaneError) {
            try folder.writeFrontendFiles(of: wanted)
            try SmallFile.replace(folder.file(DataPlaneFile.serverState), with: ServerStateTable.empty)
            try SmallFile.replace(folder.configurationFile, with: text)
        } catch {
            throw .failed(error)
        }
        try await launch(wanted, replacing: nil)
    }

    /// Starts a process that takes the listening sockets over from the old one; the old one goes on with its
    /// connections. No connection is refused or lost.
    private func reload(_ old: RunningProcess, to wanted: HAProxyConfiguration) async throws(LaunchFailure) {
        let text = try render(wanted)
        await refresh()
        saveLedger(force: true)
        var state = ServerStateTable.empty
        if let running = old.configuration, let table = try? await client.ask("show servers state") {
            state = ServerStateTable.carriedOver(table, from: running, to: wanted)
        }
        let before = SmallFile.read(folder.configurationFile)
        let candidate = folder.file(DataPlaneFile.candidate)
        do throws(LaunchFailure) {
            do throws(DataPlaneError) {
                try SmallFile.replace(folder.file(DataPlaneFile.serverState), with: state)
                try folder.writeFrontendFiles(of: wanted)
                try SmallFile.replace(candidate, with: text)
            } catch {
                throw LaunchFailure.failed(error)
            }
            try await services.launcher.check(configuration: candidate, in: folder.runFolder)
            do throws(DataPlaneError) {
                try SmallFile.rename(candidate, to: folder.configurationFile)
            } catch {
                throw LaunchFailure.failed(error)
            }
            let session = await openSession()
            retiring = old.identity
            defer { retiring = nil }
            try await launch(wanted, replacing: old.identity)
            trackDraining(old.identity)
            await keepCounting(old.identity, over: session)
            // HAProxy 2.6.12 was seen to drop one of several sockets that it took over, and to say nothing.
            let silent = wanted.endpoints.filter { PortProbe.failure(of: $0, in: place) == nil }
            if !silent.isEmpty, let half = process?.identity {
                logger.warning("HAProxy does not listen everywhere; reloading again: \(silent.sorted())")
                retiring = half
                try await launch(wanted, replacing: half)
                trackDraining(half)
            }
        } catch {
            SmallFile.remove(candidate)
            if let before { try? SmallFile.replace(folder.configurationFile, with: before) }
            if let running = old.configuration { try? folder.writeFrontendFiles(of: running) }
            // HAProxy empties the file when it begins and leaves it so when it fails.
            try? SmallFile.replace(folder.processIDFile, with: "\(old.identity.pid)\n")
            if !old.identity.isAlive { exited(old.identity) }
            throw error
        }
    }

    private func launch(
        _ configuration: HAProxyConfiguration, replacing old: ProcessIdentity?
    ) async throws(LaunchFailure) {
        let begin = ContinuousClock.now
        try await services.launcher.start(
            configuration: folder.configurationFile, in: folder.runFolder, processIDFile: folder.processIDFile,
            replacing: old?.pid, place: place)
        // HAProxy makes the file anew, readable for everybody.
        chmod(folder.processIDFile, 0o600)
        guard let identity = folder.runningProcess(), identity != old else {
            throw .failed(DataPlaneError(.node, "HAProxy ended right after its start."))
        }
        take(
            RunningProcess(
                identity: identity, configuration: configuration, endpoints: configuration.endpoints))
        services.counter.add(old == nil ? \.starts : \.reloads)
        let word = old == nil ? "started" : "reloaded"
        logger.info("HAProxy \(word)", metadata: ["pid": "\(identity.pid)", "took": "\(ContinuousClock.now - begin)"])
        await assertPings()
    }

    /// Makes a process the one that serves.
    func take(_ process: RunningProcess) {
        self.process = process
        pendingRemovals = [:]
        removalTask?.cancel()
        removalTask = nil
        let identity = process.identity
        services.watcher.watch(identity.pid) { [weak self] in
            Task { await self?.exited(identity) }
        }
    }

    /// Remembers a replaced process until it is gone.
    func trackDraining(_ identity: ProcessIdentity) {
        guard identity.isAlive else { return }
        draining.insert(identity)
        services.watcher.watch(identity.pid) { [weak self] in
            Task { await self?.exited(identity) }
        }
    }

    /// Lets the process end with its last connection: nothing is to be served any more.
    private func retire() async {
        if let process {
            await refresh()
            saveLedger(force: true)
            let isIdle = rows.allSatisfy { $0.kind != .frontend || $0.currentSessions == 0 }
            let session = isIdle ? nil : await openSession()
            self.process = nil
            rows = []
            trackDraining(process.identity)
            process.identity.signal(SIGUSR1)
            await keepCounting(process.identity, over: session)
            // It closes its ports at once, and ends at once when there is no connection.
            _ = await process.identity.waitUntilGone(for: .milliseconds(50))
        }
        for name in [DataPlaneFile.configuration, DataPlaneFile.processID, DataPlaneFile.controlSocket] {
            SmallFile.remove(folder.file(name))
        }
        folder.removeCertificates()
    }

    /// Ends every HAProxy of the load balancer, those that drain too.
    ///
    /// - Parameter others: Processes that neither this agent nor its predecessor may know of.
    func killAll(_ others: [ProcessIdentity]) async {
        var victims = draining
        if let process { victims.insert(process.identity) }
        victims.formUnion(others)
        process = nil
        for victim in victims { victim.signal(SIGTERM) }
        for victim in victims where !(await victim.waitUntilGone(for: .seconds(2))) {
            victim.signal(SIGKILL)
            _ = await victim.waitUntilGone(for: .seconds(2))
        }
        for victim in victims { waitpid(victim.pid, nil, WNOHANG) }
        draining = []
    }

    /// A process has ended. If it should be serving, says so and starts another.
    func exited(_ identity: ProcessIdentity) {
        draining.remove(identity)
        stopCounting(identity)
        guard let process, process.identity == identity, retiring != identity else { return }
        self.process = nil
        rows = []
        ledger.finishProcess()
        guard !isFinished, stored != nil else { return }
        if ContinuousClock.now - process.startedAt > .seconds(10) { failedStarts = 0 }
        services.counter.add(\.restarts)
        logger.warning("HAProxy ended unexpectedly; starting it again", metadata: ["pid": "\(identity.pid)"])
        publish()
        scheduleRestart()
    }

    /// Starts the process again, at once the first time and later and later when it does not last.
    func scheduleRestart() {
        let wait = failedStarts == 0 ? 0 : min(5_000, 100 << min(failedStarts, 10))
        failedStarts += 1
        restartTask?.cancel()
        restartTask = Task { [weak self] in
            do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
            await self?.restart()
        }
    }

    private func restart() async {
        await exclusively {
            guard !isFinished, process == nil, let stored else { return }
            do {
                _ = try await converge(to: stored.plan)
            } catch {
                logger.error("HAProxy could not be started: \(error)")
                scheduleRestart()
            }
        }
        await refresh()
        publish()
    }

    func render(_ configuration: HAProxyConfiguration) throws(LaunchFailure) -> String {
        do throws(UnwritableValue) {
            return try configuration.rendered()
        } catch {
            throw .failed(
                DataPlaneError(.unsupported, "A value of the load balancer cannot be used: it \(error.reason)."))
        }
    }
}
