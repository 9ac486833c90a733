// Comparing the kernel's rules with what should be there.

import LoadBalancing
import Logging
import NIOPosix
import ProviderDrivers

/// How the kernel shows a table.
struct PacketFilterFingerprint: Hashable, Sendable {
    /// When it was looked at, in changes of all tables of the place.
    var generation: UInt32
    var digest: UInt64
}

extension PacketWorker {
    /// Looks whether somebody else has changed or removed the rules, and makes them anew if so.
    ///
    /// Costs next to nothing as long as nobody changes any rules in this place.
    package func verify() async {
        guard services.method == .nftables, !isFinished, !isBusy, !mustRealise, let running,
            running != PacketFilter(), let known = fingerprint
        else { return }
        let (place, sets) = (place, Self.comparable(running))
        let table = table
        let found = try? await services.threads.runIfActive { () throws -> PacketFilterFingerprint? in
            let reader = PacketFilterReader(place: place)
            let generation = try reader.generation()
            guard generation != known.generation else { return nil }
            return PacketFilterFingerprint(
                generation: generation, digest: (try? reader.digest(of: table, sets: sets)) ?? 0)
        }
        // A change of our own that came in between is none of somebody else's.
        guard let found = found ?? nil, self.running == running, fingerprint == known, !isBusy else { return }
        if found.digest == known.digest {
            fingerprint = found
            return
        }
        tell("The forwarding rules had been changed by somebody else; they were put back.")
        mustRealise = true
        await repair()
    }

    /// What the kernel shows of rules that have just been written.
    func currentFingerprint(of filter: PacketFilter) async -> PacketFilterFingerprint? {
        let (place, table, sets) = (place, table, Self.comparable(filter))
        return try? await services.threads.runIfActive { () throws -> PacketFilterFingerprint in
            let reader = PacketFilterReader(place: place)
            return PacketFilterFingerprint(
                generation: try reader.generation(), digest: try reader.digest(of: table, sets: sets))
        }
    }

    func tell(_ message: String) {
        logger.warning("the data plane was not as it should be", metadata: ["finding": "\(message)"])
        services.found(DataPlaneFinding(loadBalancer, message))
    }

    /// The sets that only this worker fills.
    private static func comparable(_ filter: PacketFilter) -> [String] {
        filter.sets.filter { !$0.value.isLearnt }.map(\.key.text).sorted()
    }
}
