// Watching what a load balancer does, and telling the control plane.

import LoadBalancing
import Logging
import PacketForwarding
import ProviderDrivers

extension LoadBalancerRunner {
    /// Asks HAProxy for states and counters.
    ///
    /// - Returns: False when it did not answer; what was known before stays.
    @discardableResult
    func refresh() async -> Bool {
        packetObservation = await packets.observation()
        // While one process hands over to another, nobody can tell which of them answers.
        guard let identity = process?.identity, retiring == nil else { return process == nil }
        // Frontends (1) and servers (4) of all proxies (-1).
        guard let text = try? await client.ask("show stat -1 5 -1"), let rows = StatisticsTable.rows(of: text),
            process?.identity == identity, retiring == nil
        else { return false }
        self.rows = rows
        ledger.observe(Self.counters(in: rows), of: identity)
        if let stored { ledger.retain(Set(stored.plan.listeners.map(\.id.string))) }
        return true
    }

    /// A fresh report; `nil` when there is no plan.
    func report() async -> DataPlaneReport? {
        await observeDraining()
        let before = ledger
        await refresh()
        publish()
        if ledger != before { pollOften() }
        return currentReport()
    }

    private func currentReport() -> DataPlaneReport? {
        guard let stored else { return nil }
        return ReportBuilder(
            plan: stored.plan, isServing: process != nil || !expectsProcess, rows: rows,
            packets: packetObservation, ledger: ledger, pings: pingHealth.mapValues { $0.mapValues(\.isUp) },
            previous: lastReport
        ).report()
    }

    /// Looks at what has just changed, and sends a report of it.
    func observeAndPublish() async {
        packetObservation = await packets.observation()
        publish()
    }

    /// Sends a report if it says something new. New counters alone are worth one a second.
    func publish() {
        guard !isFinished, let report = currentReport(), report != lastReport else { return }
        if let lastReport, lastReport.withoutStatistics == report.withoutStatistics,
            ContinuousClock.now - lastReportAt < .milliseconds(850)
        {
            return
        }
        lastReport = report
        lastReportAt = .now
        services.publish(report)
    }

    /// Observes again and again, at times that differ between load balancers, for as long as there is something to see.
    func startPolling() {
        guard pollTask == nil, !isFinished else { return }
        pollPauseLength = services.pollInterval
        pollTask = Task { [weak self] in
            await self?.pause(for: 0...1)
            while !Task.isCancelled {
                guard let self, await self.poll() else { return }
                await self.pause(for: 0.9...1.1)
            }
        }
    }

    /// Waits for the next poll: some times the length of the pause, or until ``hurry()``.
    private func pause(for factors: ClosedRange<Double>) async {
        let wait = isHurried ? Self.shortestPause : pollPauseLength * Double.random(in: factors)
        isHurried = false
        let pause = Task<Void, Never> { try? await Task.sleep(for: wait) }
        pollPause = pause
        await pause.value
        pollPause = nil
    }

    /// Many messages come together, as when a rack of members fails; one more look is enough for them.
    private static let shortestPause = Duration.milliseconds(20)

    /// Has the next observation come at once: something has changed.
    func hurry() {
        pollPauseLength = services.pollInterval
        if let pollPause { pollPause.cancel() } else { isHurried = true }
        startPolling()
    }

    /// Has observations come in short intervals again, until nothing moves any more.
    func pollOften() {
        guard pollPauseLength > services.pollInterval else { return startPolling() }
        hurry()
    }

    /// How long to wait after an observation that has found something new, or nothing.
    private func adaptPause(hasNews: Bool) {
        let isUneasy =
            hasNews || !sessions.isEmpty || stored?.failedEndpoints.isEmpty == false
            // With a configuration by another version of the agent, it may not tell.
            || process.map { $0.configuration == nil } ?? expectsProcess
        guard !isUneasy else {
            pollPauseLength = services.pollInterval
            return
        }
        // Whether a listener is full is for none but observations to see.
        let hasLimits = stored?.plan.listeners.contains { $0.connectionLimit > 0 } ?? false
        pollPauseLength = min(
            pollPauseLength * 2,
            hasLimits ? max(services.restInterval / 6, services.pollInterval) : restInterval)
    }

    /// At rest, load balancers without limits are together observed at most 25 times a second, however many the node has.
    private var restInterval: Duration {
        max(services.restInterval, .milliseconds(40) * services.watcher.count)
    }

    /// Observes once; false when nothing runs and nothing should, so that the next plan has to start this anew.
    private func poll() async -> Bool {
        guard !isFinished else { return false }
        let (oldLedger, oldPackets) = (ledger, packetObservation)
        await heal()
        await observeDraining()
        if await refresh() { publish() }
        adaptPause(hasNews: ledger != oldLedger || packetObservation != oldPackets)
        saveLedger(force: false)
        if process != nil || expectsProcess || !sessions.isEmpty || stored?.failedEndpoints.isEmpty == false || isBusy {
            return true
        }
        if await packets.isActive { return true }
        pollTask = nil
        return false
    }

    /// Tries ports again that could not be opened, for the time when nobody else does.
    private func heal() async {
        guard let stored, !stored.failedEndpoints.isEmpty, ContinuousClock.now - lastHealAt > .seconds(5) else {
            return
        }
        lastHealAt = .now
        guard stored.failedEndpoints.contains(where: { PortProbe.failure(of: $0, in: place) == nil }) else { return }
        await exclusively {
            guard !isFinished, let stored = self.stored else { return }
            do {
                _ = try await converge(to: stored.plan)
            } catch {
                logger.warning("a port that is free again could not be opened: \(error)")
            }
        }
    }

    /// Saves the counters if they have changed, at most every five seconds.
    func saveLedger(force: Bool) {
        guard ledger != savedLedger, force || ContinuousClock.now - ledgerSavedAt > .seconds(5), folder.exists else {
            return
        }
        ledgerSavedAt = .now
        do {
            try folder.store(ledger)
            savedLedger = ledger
        } catch {
            logger.warning("the counters could not be saved: \(error)")
        }
    }
}

extension LoadBalancerRunner {
    /// Runs the agent's own health checks as the plan says.
    func startPings(of plan: LoadBalancerPlan) {
        var wanted: [ResourceID: PingMonitor] = [:]
        if plan.isEnabled {
            for pool in plan.pools { wanted[pool.id] = PingMonitor(pool: pool) }
        }
        for (pool, running) in pingTasks where !(wanted[pool]?.asksTheSame(as: running.monitor) ?? false) {
            running.task.cancel()
            pingTasks[pool] = nil
        }
        pingHealth = pingHealth.filter { wanted[$0.key] != nil }
        preparePinger(for: wanted)
        for (pool, monitor) in wanted where pingTasks[pool] == nil {
            let pinger = pinger
            var health: [ResourceID: MemberHealth] = [:]
            for (member, address) in monitor.targets {
                if pinger.canPing(address) {
                    health[member] = pingHealth[pool]?[member] ?? MemberHealth()
                } else {
                    logger.error(
                        "this node lets nobody but root ping; a member is not monitored",
                        metadata: ["member": "\(member)"])
                }
            }
            pingHealth[pool] = health
            let task = Task { [weak self] in
                while !Task.isCancelled {
                    let next = ContinuousClock.now + .seconds(max(monitor.monitor.delay, 1))
                    let answers = await monitor.round(with: pinger)
                    guard let self, !Task.isCancelled else { return }
                    await self.record(answers, of: pool, monitor.monitor)
                    try? await Task.sleep(until: next, clock: .continuous)
                }
            }
            pingTasks[pool] = (monitor, task)
        }
    }

    private func record(_ answers: [ResourceID: Bool], of pool: ResourceID, _ monitor: HealthMonitorPlan) async {
        var hasChanged = false
        for (member, hasAnswered) in answers {
            let changed = pingHealth[pool]?[member]?.record(
                hasAnswered, rise: max(monitor.maxRetries, 1), fall: max(monitor.maxRetriesDown, 1))
            if changed == true {
                hasChanged = true
                let isUp = pingHealth[pool]?[member]?.isUp ?? true
                await tell(member, of: pool, isUp: isUp)
            }
        }
        if hasChanged { publish() }
    }

    /// Tells a HAProxy that has just started which members do not answer.
    func assertPings() async {
        for (pool, members) in pingHealth {
            for (member, health) in members where !health.isUp { await tell(member, of: pool, isUp: false) }
        }
    }

    private func tell(_ member: ResourceID, of pool: ResourceID, isUp: Bool) async {
        guard let backends = process?.configuration?.backends else { return }
        for backend in backends where backend.name == pool.string || backend.name.hasPrefix("\(pool):") {
            let command = "set server \(backend.name)/\(member) health \(isUp ? "up" : "down")"
            do {
                try await client.perform([RuntimeCommand(text: command)])
            } catch {
                logger.warning("HAProxy does not know of a ping's result: \(error)")
            }
        }
    }
}

extension DataPlaneReport {
    /// The report without counters.
    fileprivate var withoutStatistics: DataPlaneReport {
        var copy = self
        copy.listeners = listeners.mapValues { ListenerObservation(state: $0.state) }
        return copy
    }
}
