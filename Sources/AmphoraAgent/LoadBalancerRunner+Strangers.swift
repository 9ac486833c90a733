// HAProxy processes that this agent did not start: what an agent was starting when it was killed goes on by itself.

import Glibc
import LoadBalancing
import Logging
import PacketForwarding
import ProviderDrivers

extension LoadBalancerRunner {
    /// How long after its start a process may still be about to serve.
    static let startLimit = Duration.seconds(30)

    /// How long a process that is about to serve is waited for.
    static let patience = Duration.seconds(10)

    /// HAProxies with this load balancer's configuration that it does not know.
    func strangers(among processes: [ProcessIdentity]) -> [ProcessIdentity] {
        // While something is under way nobody can tell.
        guard !isFinished, !isBusy else { return [] }
        return processes.filter { $0 != process?.identity && $0 != retiring && !draining.contains($0) }
    }

    /// Waits, but not for long, until no process is about to serve.
    ///
    /// The haproxy program tells the process that it replaces to end, writes the id of the one that stays into the file and
    /// ends; until then the youngest process is not the one that the file names.
    ///
    /// - Parameter processes: Those of this load balancer, oldest first.
    /// - Returns: Those that there are now, but for those that were replaced.
    func settled(_ processes: [ProcessIdentity]) async -> [ProcessIdentity] {
        let end = ContinuousClock.now + Self.patience
        var found = processes.filter { !draining.contains($0) }
        while let youngest = found.last, youngest.age < Self.startLimit, youngest != folder.runningProcess(),
            ContinuousClock.now < end
        {
            try? await Task.sleep(for: .milliseconds(20))
            found = (ProcessIdentity.haproxies()[folder.configurationFile] ?? []).filter { !draining.contains($0) }
        }
        return found
    }

    /// Takes over a process that serves though nobody here has started it, when there may be one and no other serves: a
    /// second one beside it would share its ports.
    func takeServingStranger() async {
        guard process?.identity.isAlive != true, let end = strangersUntil, ContinuousClock.now < end else { return }
        let candidates = ProcessIdentity.haproxies()[folder.configurationFile] ?? []
        if let found = await settled(candidates).last { take(RunningProcess(identity: found)) }
    }

    /// Takes over the one that has replaced the known process, and has the others end with their last connection.
    ///
    /// - Parameter suspects: Strangers that have been seen twice.
    func settle(_ suspects: Set<ProcessIdentity>) async {
        await exclusively {
            guard !isFinished else { return }
            var strangers = suspects.filter {
                $0.isAlive && $0 != process?.identity && !draining.contains($0)
            }
            guard !strangers.isEmpty else { return }
            // One that may be about to serve is left alone until it does: it may have sent the known one away already.
            if let youngest = strangers.max(by: { $0.startTime < $1.startTime }), youngest.age < Self.patience,
                youngest != folder.runningProcess()
            {
                return
            }
            if let serving = folder.runningProcess(), strangers.remove(serving) != nil {
                tell("A HAProxy that an earlier agent had started served; it was taken over.", serving)
                if let old = process?.identity {
                    ledger.finishProcess()
                    strangers.insert(old)
                }
                take(RunningProcess(identity: serving))
                await converge()
            }
            for stranger in strangers where stranger != process?.identity {
                if !draining.contains(stranger) {
                    tell("A second HAProxy of the load balancer was told to end with its last connection.", stranger)
                }
                trackDraining(stranger)
                stranger.signal(SIGUSR1)
            }
        }
        await refresh()
        publish()
    }

    private func converge() async {
        guard let stored else { return }
        do {
            _ = try await converge(to: stored.plan)
        } catch {
            logger.error("the last plan could not be applied: \(error)")
        }
    }

    private func tell(_ message: String, _ process: ProcessIdentity) {
        logger.warning("\(message)", metadata: ["pid": "\(process.pid)"])
        services.packets.found(DataPlaneFinding(id, message))
    }
}
