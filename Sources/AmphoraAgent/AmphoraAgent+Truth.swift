// Comparing what runs on the node with what should, again and again.

import Glibc
import LoadBalancing
import Logging
import NIOPosix
import PacketForwarding
import ProviderDrivers

/// What is there of this agent and belongs to no load balancer.
struct Strays: Sendable {
    var processes: Set<ProcessIdentity> = []
    /// Those of load balancers that there are, beside the ones that serve.
    var strangers: [ResourceID: Set<ProcessIdentity>] = [:]
    var namespaces: Set<ResourceID> = []
    var tables: Set<TableName> = []
}

extension AmphoraAgent {
    /// Looks at every load balancer, and for what belongs to none.
    func verify() async {
        if !isShutDown { try? SmallFile.makeFolder(configuration.dataDirectory) }
        let cutOff = await services.namespaces?.cutOff() ?? []
        for runner in runners.values {
            guard !isShutDown else { return }
            await runner.verify(hasLostLink: cutOff.contains(runner.id))
        }
        guard !isShutDown else { return }
        await removeStrays()
    }

    /// Removes strays at the second look: the first may have come between a thing and what is known of it.
    private func removeStrays() async {
        let found = await strays()
        var confirmed = Strays(
            processes: found.processes.intersection(suspects.processes),
            namespaces: found.namespaces.intersection(suspects.namespaces),
            tables: found.tables.intersection(suspects.tables))
        for (id, processes) in found.strangers {
            confirmed.strangers[id] = processes.intersection(suspects.strangers[id] ?? [])
        }
        suspects = found
        for (id, processes) in confirmed.strangers where !processes.isEmpty {
            await runners[id]?.settle(processes)
        }
        for process in confirmed.processes {
            tell("A HAProxy that belonged to no load balancer was ended.", ["pid": "\(process.pid)"])
            process.signal(SIGTERM)
            if !(await process.waitUntilGone(for: .seconds(2))) { process.signal(SIGKILL) }
        }
        for id in confirmed.namespaces where runners[id] == nil {
            tell("A network namespace that belonged to no load balancer was removed.", ["loadbalancer": "\(id)"])
            await services.namespaces?.removeStray(id)
        }
        for table in confirmed.tables {
            tell("Forwarding rules that belonged to no load balancer were removed.", ["table": "\(table.text)"])
            await services.packets.remove(table)
        }
    }

    private func strays() async -> Strays {
        var strays = Strays()
        let packets = services.packets
        let settings = services.namespaces?.settings
        let found = try? await services.threads.runIfActive {
            (
                ProcessIdentity.haproxies(), packets.tables(),
                settings == nil ? [] : SmallFile.entries(of: NetworkPlace.namespaceFolder)
            )
        }
        guard let (processes, tables, names) = found else { return strays }
        let prefix = "\(configuration.dataDirectory)/"
        for (path, group) in processes where path.hasPrefix(prefix) {
            let id = path.dropFirst(prefix.utf8.count).split(separator: "/").first.flatMap { ResourceID($0) }
            if let id, let runner = runners[id] {
                strays.strangers[id] = Set(await runner.strangers(among: group))
            } else {
                strays.processes.formUnion(group)
            }
        }
        strays.tables = tables.subtracting(runners.keys.map { packets.table(of: $0) })
        if let settings {
            strays.namespaces = Set(names.compactMap { settings.loadBalancer(ofNamespace: $0) }).subtracting(
                runners.keys)
        }
        return strays
    }

    private func tell(_ message: String, _ metadata: Logger.Metadata) {
        configuration.logger.warning("\(message)", metadata: metadata)
        services.packets.found(DataPlaneFinding(nil, message))
    }
}
