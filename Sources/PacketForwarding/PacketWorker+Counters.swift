// Counting bytes and flows, and what follows from how many flows members have.

import LoadBalancing
import Logging
import NIOPosix
import ProviderDrivers

extension PacketWorker {
    /// Takes in what the kernel and the relays have counted.
    func count() async {
        for (listener, statistics) in relays.statistics() { memory.ledger.observe(statistics, of: listener) }
        guard services.method == .nftables, let running, running != PacketFilter() else { return }
        let (place, table) = (place, table)
        let counters = try? await services.threads.runIfActive { () throws -> [String: PacketFilterReader.Count] in
            try PacketFilterReader(place: place).counters(of: table)
        }
        guard let counters, self.running == running else { return }
        if counters.isEmpty {
            // Whoever removes them while they are being made anew has reasons of his own.
            if !mustRealise { tell("The forwarding rules had been removed; they were made anew.") }
            mustRealise = true
            return
        }
        await countActive()
        for listener in served?.listeners ?? [] where !relayed.contains(listener.id) {
            func count(_ purpose: ObjectName.Purpose) -> PacketFilterReader.Count {
                counters[ObjectName(purpose, listener.id).text] ?? .init(bytes: 0, packets: 0)
            }
            memory.ledger.observe(
                ListenerStatistics(
                    bytesIn: Int64(clamping: count(.bytesIn).bytes), bytesOut: Int64(clamping: count(.bytesOut).bytes),
                    totalConnections: Int64(clamping: count(.flows).packets)), of: listener.id)
        }
    }

    /// Lists open flows, which costs the more the more there are, so not at every look.
    private func countActive() async {
        if let activeAt, ContinuousClock.now - activeAt < .milliseconds(900) { return }
        activeAt = .now
        let (place, tag) = (place, tag)
        let found = try? await services.threads.runIfActive { () throws -> [TrackedFlow] in
            try FlowTable(place: place).flows(mark: tag, mask: PacketFilterBuilder.tagMask)
        }
        guard let found else { return }
        var open: [TransportEndpoint: [TransportEndpoint: Int]] = [:]
        for flow in found where flow.isOpen { open[flow.listener, default: [:]][flow.member, default: 0] += 1 }
        (active, flows) = ([:], [:])
        for listener in served?.listeners ?? [] {
            var byMember: [TransportEndpoint: Int] = [:]
            for address in listener.addresses {
                byMember.merge(open[listener.endpoint(at: address)] ?? [:], uniquingKeysWith: +)
            }
            active[listener.id] = Int64(byMember.values.reduce(0, +))
            guard listener.choice == .fewestFlows, !relayed.contains(listener.id) else { continue }
            var open: [ResourceID: Int] = [:]
            for target in listener.targets { open[target.member] = byMember[listener.endpoint(of: target)] }
            flows[listener.id] = open
        }
    }

    /// The table with what is known of flows.
    func counted(_ table: ForwardingTable) -> ForwardingTable {
        var table = table
        for index in table.listeners.indices where table.listeners[index].choice == .fewestFlows {
            table.listeners[index].flows = flows[table.listeners[index].id] ?? [:]
        }
        return table
    }

    /// Has new flows go to the members that have the fewest for their weight.
    func spread() async {
        guard !isBusy, !mustRealise, !flows.isEmpty, let served, let running else { return }
        var byKernel = counted(served)
        byKernel.listeners.removeAll { relayed.contains($0.id) }
        guard PacketFilterBuilder(byKernel).packetFilter() != running else { return }
        await exclusively {
            guard !isFinished, self.running == running else { return }
            do throws(DataPlaneError) {
                try await realise(byKernel)
            } catch {
                mustRealise = true
                logger.warning("new flows do not go to the members with the fewest: \(error)")
            }
        }
    }
}
