// What all load balancers of a node share for forwarding packets.

import Glibc
package import LoadBalancing
package import Logging
import NIOCore
package import NIOPosix
package import ProviderDrivers

/// How packets are forwarded.
public enum PacketForwardingMethod: String, Sendable, Hashable, CaseIterable {
    /// By the kernel, with rules of nftables: needs root or CAP_NET_ADMIN.
    case nftables
    /// By this process: UDP only, and flows end with it.
    case userspace
}

/// The tools of a node.
package struct PacketServices: Sendable {
    package var program: PacketFilterProgram
    package var method: PacketForwardingMethod
    /// Stands for the agent in the names of its tables.
    package var owner: UInt32
    package var poller: ReadinessPoller
    /// For system calls that may take a while.
    package var threads: NIOThreadPool
    /// The most flows that this process forwards for one listener.
    package var flowLimit: Int
    package var logger: Logger
    /// Where it is told what was not as it should be.
    package var found: @Sendable (DataPlaneFinding) -> Void = { _ in }

    /// - Parameters:
    ///   - folder: The agent's folder, which tells its tables from those of other agents on the machine.
    package init(
        folder: String, nftPath: String, threads: NIOThreadPool, logger: Logger
    ) throws(DataPlaneError) {
        method = .userspace
        program = PacketFilterProgram(path: nftPath)
        owner = UInt32(truncatingIfNeeded: Hash.of(folder))
        poller = try ReadinessPoller()
        self.threads = threads
        self.logger = logger
        var limit = rlimit()
        let files =
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: limit.rlim_cur) : 1_024
        flowLimit = min(10_000, max(files / 4, 64))
    }

    /// The same with a settled way of forwarding, before anything is forwarded.
    ///
    /// - Parameter method: `nil` takes nftables where they can be used.
    /// - Throws: ``DataPlaneError`` when nftables are demanded and cannot be used.
    package func settled(_ method: PacketForwardingMethod?) async throws(DataPlaneError) -> PacketServices {
        var result = self
        guard method != .userspace else { return result }
        let objection = await Self.objection(to: program)
        if let objection, method == .nftables {
            throw DataPlaneError(.node, "nftables cannot be used on this node.", detail: objection)
        }
        if objection == nil { result.method = .nftables }
        return result
    }

    /// Why nftables cannot be used; `nil` when they can.
    package static func objection(to program: PacketFilterProgram) async -> String? {
        guard access(program.path, X_OK) == 0 else { return "no program \(program.path)" }
        do {
            // A table that is gone at once: shows that rights and kernel suffice for translation of addresses by hash.
            let name = "inet ottava_check_\(getpid())"
            try await program.run(
                """
                add table \(name)
                add map \(name) m { type mark : ipv4_addr . inet_service; }
                add chain \(name) c { type nat hook output priority -100; }
                add rule \(name) c meta mark 0x6f740001 ct mark set jhash ip saddr . th sport mod 2
                add rule \(name) c meta mark 0x6f740001 meta l4proto udp dnat ip to ct mark map @m
                delete table \(name)

                """, in: .host)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The tables of this agent.
    package func tables() -> Set<TableName> {
        guard method == .nftables, let names = try? PacketFilterReader(place: .host).tables() else { return [] }
        return Set(names.compactMap { TableName(found: $0, owner: owner) })
    }

    /// The table that serves a load balancer.
    package func table(of loadBalancer: ResourceID) -> TableName { TableName(owner: owner, loadBalancer: loadBalancer) }

    /// Removes a table that belongs to no load balancer.
    package func remove(_ table: TableName) async {
        do throws(DataPlaneError) {
            try await program.run(PacketFilterWriter.removal(of: table), in: .host)
        } catch {
            logger.warning("forwarding rules of no load balancer could not be removed: \(error)")
        }
    }

    /// Removes tables of load balancers that are gone: what an agent that was killed has left behind.
    package func removeLeftovers(keeping loadBalancers: Set<ResourceID>) async {
        guard method == .nftables else { return }
        let kept = Set(loadBalancers.map { TableName(owner: owner, loadBalancer: $0) })
        do {
            let found = try PacketFilterReader(place: .host).tables().compactMap { TableName(found: $0, owner: owner) }
            for table in found where !kept.contains(table) {
                try await program.run(PacketFilterWriter.removal(of: table), in: .host)
                logger.info(
                    "removed forwarding rules of a load balancer that is gone", metadata: ["table": "\(table.text)"])
            }
        } catch {
            logger.warning("leftover forwarding rules could not be removed: \(error)")
        }
    }

    package func stop() async { await poller.stop() }
}
