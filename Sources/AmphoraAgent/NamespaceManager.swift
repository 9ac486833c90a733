// The namespaces of load balancers: made, given addresses, and removed again.

import CLinux
import Glibc
import LoadBalancing
import Logging
import PacketForwarding
import ProviderDrivers

/// Gives every load balancer a network namespace on the bridge of the node.
///
/// Calls for one load balancer must not overlap; those for different ones may.
actor NamespaceManager {
    /// What became of the addresses that a load balancer should have.
    struct Preparation: Sendable {
        /// Addresses that it cannot have, with sentences for the owner.
        var refused: [String: String] = [:]
        /// Whether the namespace has just been made, so that nothing can be running in it.
        var isNew = false
    }

    nonisolated let settings: BridgeSettings
    private let bridge: HostBridge
    let logger: Logger
    /// The addresses that each complete namespace has.
    private(set) var present: [ResourceID: Set<InterfaceAddress>] = [:]
    /// Whose an address is: two networks of tenants may hold the same.
    private var holders: [IPAddress: ResourceID] = [:]

    init(settings: BridgeSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        bridge = HostBridge(settings: settings)
    }

    /// Where the traffic of a load balancer is.
    nonisolated func place(of id: ResourceID) -> NetworkPlace { .namespace(settings.namespace(of: id)) }

    /// Makes the bridge, looks at the namespaces of the load balancers that should be there, and removes all others.
    func start(keeping known: Set<ResourceID>) async throws(DataPlaneError) {
        try await bridge.setUp()
        let text = try await NodeProgram.ip.run(["-j", "link", "show", "master", settings.name.description])
        let ports = Set(LinkEntry.entries(text).compactMap(\.ifname))
        for name in SmallFile.entries(of: NetworkPlace.namespaceFolder) {
            guard let id = settings.loadBalancer(ofNamespace: name) else { continue }
            if !known.contains(id) {
                logger.warning(
                    "a namespace belongs to no load balancer; removing it", metadata: ["namespace": "\(name)"])
                await endProcesses(in: place(of: id))
                await remove(id)
            } else if ports.contains(settings.outsideInterface(of: id).description) {
                await look(at: id)
            }
        }
        let wanted = Set(known.map { settings.outsideInterface(of: $0).description })
        let strays = ports.filter { $0.hasPrefix(InterfaceName.outsidePrefix) && $0.count == 15 }.subtracting(wanted)
        await runForced(strays.compactMap { InterfaceName($0) }.map { .deleteLink($0) })
    }

    /// Gives the bridge free, or removes it too.
    func stop(removingBridge: Bool) async {
        if removingBridge { await bridge.tearDown() }
        await bridge.release()
    }

    /// Makes the namespace if it is missing, and adds addresses that it does not have yet.
    func prepare(_ addresses: [IPAddress], of id: ResourceID) async throws(DataPlaneError) -> Preparation {
        var preparation = Preparation()
        var wanted: [InterfaceAddress] = []
        for address in addresses {
            guard let entry = settings.interfaceAddress(address) else {
                preparation.refused[address.description] =
                    "Address \(address) is not one that load balancers on this node may have."
                continue
            }
            if let holder = holders[address], holder != id {
                preparation.refused[address.description] =
                    "Address \(address) is already used by another load balancer on this node."
                continue
            }
            holders[address] = id
            wanted.append(entry)
        }
        let place = place(of: id)
        if !place.exists { present[id] = nil }
        let missing: [InterfaceAddress]
        if let present = present[id] {
            missing = wanted.filter { !present.contains($0) }
            guard !missing.isEmpty else { return preparation }
            try await runInside(id, missing.map { .addAddress($0, .inside) } + routes(for: wanted))
        } else {
            missing = wanted
            try await make(id, wanted)
            preparation.isNew = true
        }
        present[id, default: []].formUnion(missing)
        announce(missing.map(\.address.description), of: id)
        return preparation
    }

    /// Takes addresses away that the load balancer no longer has.
    func release(allBut addresses: [IPAddress], of id: ResourceID) async throws(DataPlaneError) {
        let kept = Set(addresses)
        let gone = (present[id] ?? []).filter { !kept.contains($0.address) }
        if !gone.isEmpty {
            let rest = (present[id] ?? []).subtracting(gone)
            try await runInside(id, gone.map { .deleteAddress($0, .inside) } + routes(for: Array(rest)))
            present[id] = rest
        }
        for (address, holder) in holders where holder == id && !kept.contains(address) { holders[address] = nil }
    }

    /// Removes the namespace and everything in it; fine when there is none.
    func remove(_ id: ResourceID) async {
        for (address, holder) in holders where holder == id { holders[address] = nil }
        await unmake(id)
    }

    private func unmake(_ id: ResourceID) async {
        present[id] = nil
        let place = place(of: id)
        // The pair first: a namespace ends some time after its name.
        await runForced([.deleteLink(settings.outsideInterface(of: id))])
        if place.hasName { await runForced([.deleteNamespace(of: id, settings)]) }
        if place.hasName { logger.error("a namespace could not be removed", metadata: ["loadbalancer": "\(id)"]) }
    }

    private func make(_ id: ResourceID, _ addresses: [InterfaceAddress]) async throws(DataPlaneError) {
        let begin = ContinuousClock.now
        // What an agent left half made, or made before the node's bridge was removed.
        if place(of: id).hasName { await unmake(id) }
        let commands: [LinkCommand] = [.addNamespace(of: id, settings), .addPair(of: id, settings)]
        do {
            try await run(commands)
        } catch {
            // A pair may outlive its namespace's name, as long as something runs there.
            await unmake(id)
            try await run(commands)
        }
        for (name, value) in [
            // Routers on the network shall not configure the load balancer.
            ("ipv6/conf/\(InterfaceName.inside)/accept_ra", "0"),
            // Else the first address of a subnet would take the others with it when it goes.
            ("ipv4/conf/\(InterfaceName.inside)/promote_secondaries", "1"),
        ] {
            let file = "/proc/sys/net/\(name)"
            let path = "\(NetworkPlace.namespaceFolder)/\(settings.namespace(of: id))"
            if ottava_write_in_namespace(path, file, value, value.utf8.count) != 0 {
                logger.warning("\(file) could not be written: \(String(cString: strerror(errno)))")
            }
        }
        try await runInside(
            id,
            [.setUp(.loopback)] + addresses.map { .addAddress($0, .inside) } + [.setUp(.inside)]
                + routes(for: addresses))
        logger.debug(
            "made a namespace", metadata: ["loadbalancer": "\(id)", "took": "\(ContinuousClock.now - begin)"])
    }

    /// Learns what a namespace has that an earlier agent made; one that is not complete counts as missing.
    private func look(at id: ResourceID) async {
        guard place(of: id).exists,
            let text = try? await NodeProgram.ip.run(["-n", settings.namespace(of: id), "-j", "address", "show"])
        else { return }
        let links = LinkEntry.entries(text)
        guard let link = links.first(where: { $0.ifname == InterfaceName.inside.description }), link.isUp,
            links.contains(where: { $0.ifname == InterfaceName.loopback.description && $0.isUp })
        else { return }
        present[id] = Set(link.addresses)
        for address in link.addresses { holders[address.address] = id }
    }

    /// The ways to elsewhere, of each family in which the load balancer has an address beside a gateway.
    private func routes(for addresses: [InterfaceAddress]) -> [LinkCommand] {
        settings.subnets.compactMap { subnet in
            guard let gateway = subnet.gateway, addresses.contains(where: { subnet.network.contains($0.address) })
            else { return nil }
            return .setDefaultRoute(via: gateway, .inside)
        }
    }

    /// Tells the neighbours, and once more a second later, since nobody confirms it.
    private func announce(_ addresses: [String], of id: ResourceID, again: Bool = true) {
        let path = "\(NetworkPlace.namespaceFolder)/\(settings.namespace(of: id))"
        for text in addresses {
            // By then it may be somebody else's.
            guard let address = IPAddress(text), present[id]?.contains(where: { $0.address == address }) == true else {
                continue
            }
            let frame = NeighbourAnnouncement.frame(of: address, at: settings.hardwareAddress(of: id))
            _ = ottava_send_frame_in_namespace(path, InterfaceName.inside.description, frame, frame.count)
        }
        guard again, !addresses.isEmpty else { return }
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(1))
            await self?.announce(addresses, of: id, again: false)
        }
    }

    /// Counts what is known of a namespace as lost, so that it is made anew with the next plan.
    func forget(_ id: ResourceID) { present[id] = nil }

    /// Counts addresses as lost, so that they are added again with the next plan.
    func forget(_ addresses: Set<InterfaceAddress>, of id: ResourceID) { present[id]?.subtract(addresses) }

    func endProcesses(in place: NetworkPlace) async {
        let processes = ProcessIdentity.haproxies().values.joined().filter { place.holds($0.pid) }
        for process in processes { process.signal(SIGKILL) }
        for process in processes { _ = await process.waitUntilGone(for: .seconds(2)) }
    }

    private func run(_ commands: [LinkCommand]) async throws(DataPlaneError) {
        try await NodeProgram.ip.run(["-batch", "-"], input: LinkCommand.script(commands))
    }

    private func runInside(_ id: ResourceID, _ commands: [LinkCommand]) async throws(DataPlaneError) {
        try await NodeProgram.ip.run(
            ["-n", settings.namespace(of: id), "-batch", "-"], input: LinkCommand.script(commands))
    }

    /// Runs commands of which any may have nothing to do.
    private func runForced(_ commands: [LinkCommand]) async {
        guard !commands.isEmpty else { return }
        _ = try? await NodeProgram.ip.run(["-force", "-batch", "-"], input: LinkCommand.script(commands))
    }
}
