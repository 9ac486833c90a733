// The network of a load balancer that has one of its own.

import LoadBalancing
import Logging
import PacketForwarding
import ProviderDrivers

extension LoadBalancerRunner {
    /// Makes the plan's addresses local, so that they can be bound; does nothing in the node's own network.
    ///
    /// - Returns: The endpoints whose addresses the load balancer cannot have, with sentences for its owner.
    func prepareNetwork(
        for plan: LoadBalancerPlan, _ endpoints: Set<Endpoint>
    ) async throws(DataPlaneError) -> [Endpoint: String] {
        guard let namespaces = services.namespaces else { return [:] }
        let preparation = try await namespaces.prepare(plan.addresses.compactMap { IPAddress($0) }, of: id)
        if preparation.isNew {
            await stopOwnPinger()
            // It serves in a namespace that nobody reaches any more.
            if process != nil || !draining.isEmpty {
                await killAll([])
                rows = []
                ledger.finishProcess()
            }
        }
        var failures: [Endpoint: String] = [:]
        for endpoint in endpoints { failures[endpoint] = preparation.refused[endpoint.address] }
        return failures
    }

    /// Makes the addresses local at the start of the agent. What fails is tried again with the plan.
    func prepareNetworkForAdoption(of plan: LoadBalancerPlan) async {
        do {
            _ = try await prepareNetwork(for: plan, [])
        } catch {
            logger.error("the network of the load balancer could not be made: \(error)")
        }
    }

    /// Takes away addresses that the plan has no more, after HAProxy has let go of them.
    func releaseAddresses(notOf plan: LoadBalancerPlan) async {
        guard let namespaces = services.namespaces else { return }
        do {
            try await namespaces.release(allBut: plan.addresses.compactMap { IPAddress($0) }, of: id)
        } catch {
            logger.warning("an address could not be taken away; trying again with the next change: \(error)")
        }
    }

    /// Ends processes that serve in another network, such as that of a mode which was in force before: their sockets
    /// must not be handed on.
    ///
    /// - Returns: The others.
    func endProcessesElsewhere(_ processes: [ProcessIdentity]) async -> [ProcessIdentity] {
        let strangers = processes.filter { !place.holds($0.pid) }
        guard !strangers.isEmpty else { return processes }
        logger.notice("HAProxy runs in another network; ending it", metadata: ["pids": "\(strangers.map(\.pid))"])
        await killAll(strangers)
        return processes.filter { !strangers.contains($0) }
    }

    /// Removes everything that the network of the load balancer consists of.
    func removeNetwork() async {
        await stopOwnPinger()
        await services.namespaces?.remove(id)
    }

    // MARK: Pings

    /// What pings the members of this load balancer.
    var pinger: ICMPPinger { ownPinger ?? services.pinger }

    /// Makes sockets in the load balancer's own network when there is something to ping.
    func preparePinger(for monitors: [ResourceID: PingMonitor]) {
        guard place != .host, ownPinger == nil, !monitors.isEmpty else { return }
        do throws(DataPlaneError) {
            ownPinger = try ICMPPinger(in: place)
        } catch {
            logger.error("members cannot be pinged: \(error)")
        }
    }

    /// Closes those sockets, which would keep a namespace alive, and ends the checks that use them.
    func stopOwnPinger() async {
        guard let pinger = ownPinger else { return }
        ownPinger = nil
        for (_, task) in pingTasks.values { task.cancel() }
        pingTasks = [:]
        await pinger.stop()
    }
}
