// The node's side of the bridge: the bridge itself, its addresses, and the way from it to elsewhere.

import CLinux
import Glibc
import LoadBalancing
import ProviderDrivers

/// Makes the bridge, and removes what it has made.
actor HostBridge {
    private let settings: BridgeSettings
    /// Held while the agent runs: two agents with one bridge would remove each other's load balancers.
    private var lock: Int32 = -1
    /// What of a bridge that was there before must be taken away again.
    private var addedAddresses: [InterfaceAddress] = []
    private var hasEnslaved = false

    init(settings: BridgeSettings) {
        self.settings = settings
    }

    /// Makes what is missing; what is there stays as it is.
    ///
    /// - Throws: ``DataPlaneError`` without the privileges and programs for it, when another agent uses the bridge, or
    ///   when something of that name is no bridge.
    func setUp() async throws(DataPlaneError) {
        guard geteuid() == 0 else {
            throw DataPlaneError(.node, "The network mode 'bridge' needs root.")
        }
        guard NodeProgram.ip.isInstalled else {
            throw DataPlaneError(.node, "The network mode 'bridge' needs the program ip (package iproute2).")
        }
        guard !settings.masquerades || NodeProgram.nft.isInstalled else {
            throw DataPlaneError(
                .node, "Forwarding for the bridge needs the program nft (package nftables), or must be switched off.")
        }
        try await takeLock()
        let links = LinkEntry.entries(try await NodeProgram.ip.run(["-j", "-d", "address", "show"]))
        try await makeBridge(links.first { $0.ifname == settings.name.description })
        try await enslave(links)
        if settings.masquerades { try await startForwarding() } else { await stopForwarding() }
    }

    /// Removes the bridge if an agent made it, else only what this one has added to it.
    func tearDown() async {
        await stopForwarding()
        let links = (try? await NodeProgram.ip.run(["-j", "link", "show"])).map(LinkEntry.entries) ?? []
        guard let bridge = links.first(where: { $0.ifname == settings.name.description }) else { return }
        var commands: [LinkCommand] = []
        if bridge.ifalias == LinkAlias.madeByAgent.rawValue {
            commands.append(.deleteLink(settings.name))
        } else {
            if hasEnslaved, let port = settings.physicalInterface { commands.append(.clearMaster(port)) }
            commands += addedAddresses.map { .deleteAddress($0, settings.name) }
        }
        _ = try? await NodeProgram.ip.run(["-force", "-batch", "-"], input: LinkCommand.script(commands))
    }

    /// Lets other agents use the bridge.
    func release() {
        if lock >= 0 { close(lock) }
        lock = -1
    }

    private func makeBridge(_ existing: LinkEntry?) async throws(DataPlaneError) {
        let name = settings.name
        var commands: [LinkCommand] = []
        if let existing {
            guard existing.linkinfo?.kind == "bridge" else {
                throw DataPlaneError(.node, "The interface \(name) is not a bridge.")
            }
        } else {
            // An address of its own: else it would change with the ports, and neighbours would lose the way.
            commands = [
                .addBridge(name, HardwareAddress(seed: stableHash(name.description))),
                .setAlias(name, .madeByAgent),
            ]
        }
        for subnet in settings.subnets {
            guard let host = subnet.hostAddress else { continue }
            let address = InterfaceAddress(address: host, prefixLength: subnet.network.prefixLength)
            guard existing?.addresses.contains(where: { $0.address == host }) != true else { continue }
            if existing?.ifalias != LinkAlias.madeByAgent.rawValue { addedAddresses.append(address) }
            commands.append(.addAddress(address, name))
        }
        commands.append(.setUp(name))
        try await NodeProgram.ip.run(["-batch", "-"], input: LinkCommand.script(commands))
    }

    private func enslave(_ links: [LinkEntry]) async throws(DataPlaneError) {
        guard let port = settings.physicalInterface else { return }
        guard let link = links.first(where: { $0.ifname == port.description }) else {
            throw DataPlaneError(.node, "There is no interface \(port) on this node.")
        }
        guard link.master != settings.name.description else { return }
        if let master = link.master {
            throw DataPlaneError(.node, "The interface \(port) already belongs to \(master).")
        }
        // They would stop working, and with them perhaps the way by which the operator reaches the node.
        guard link.addresses.isEmpty else {
            let list = link.addresses.map(\.description).joined(separator: ", ")
            throw DataPlaneError(
                .node, "The interface \(port) has addresses (\(list)); move them to the bridge \(settings.name) first.")
        }
        try await NodeProgram.ip.run(
            ["-batch", "-"], input: LinkCommand.script([.setMaster(port, bridge: settings.name)]))
        hasEnslaved = true
    }

    /// An abstract socket: it ends with the process, leaves no file, and belongs to one network namespace as the bridge
    /// does.
    private func takeLock() async throws(DataPlaneError) {
        guard lock < 0 else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw DataPlaneError(.node, "This node has no free file descriptors.")
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = "\0ottava-bridge-\(settings.name)"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        // One that is just ending gets some time.
        for _ in 0..<50 {
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            if result == 0 {
                lock = descriptor
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        close(descriptor)
        throw DataPlaneError(.node, "Another agent already uses the bridge \(settings.name).")
    }
}

// MARK: Forwarding

extension HostBridge {
    private static var forwardingFile: String { "/proc/sys/net/ipv4/ip_forward" }

    /// Has the node forward IPv4 from the bridge. A node that forwarded nothing before still forwards nothing else.
    private func startForwarding() async throws(DataPlaneError) {
        let wasOff = SmallFile.read(Self.forwardingFile)?.hasPrefix("0") == true
        let isGuarded = (try? await NodeProgram.nft.run(["list", "chain", "inet", table, Self.guardChain])) != nil
        try await NodeProgram.nft.run(["-f", "-"], input: forwardingRules(guarded: wasOff || isGuarded))
        if wasOff { try writeForwarding("1\n") }
    }

    /// Takes the rules away, and forwarding too if an agent has switched it on.
    private func stopForwarding() async {
        guard NodeProgram.nft.isInstalled else { return }
        if (try? await NodeProgram.nft.run(["list", "chain", "inet", table, Self.guardChain])) != nil {
            try? writeForwarding("0\n")
        }
        _ = try? await NodeProgram.nft.run(["delete", "table", "inet", table])
    }

    private static var guardChain: String { "others" }

    /// The table of this bridge.
    private var table: String { "ottava_bridge_\(settings.name)" }

    /// The rules as nft(8) reads them; they replace those of before in one step.
    private func forwardingRules(guarded: Bool) -> String {
        let name = settings.name
        let sources = settings.subnets.map { subnet in
            let family = subnet.network.address.family == .ipv4 ? "ip" : "ip6"
            return "    \(family) saddr \(subnet.network) oifname != \"\(name)\" masquerade\n"
        }
        var text = "add table inet \(table)\ndelete table inet \(table)\ntable inet \(table) {\n"
        text += "  chain postrouting {\n    type nat hook postrouting priority srcnat; policy accept;\n"
        text += sources.joined() + "  }\n"
        if guarded {
            text += "  chain \(Self.guardChain) {\n    type filter hook forward priority filter; policy accept;\n"
            text += "    meta nfproto ipv4 iifname != \"\(name)\" oifname != \"\(name)\" drop\n  }\n"
        }
        return text + "}\n"
    }

    private func writeForwarding(_ text: String) throws(DataPlaneError) {
        let descriptor = open(Self.forwardingFile, O_WRONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw DataPlaneError(
                .node, "Forwarding could not be switched on.", detail: String(cString: strerror(errno)))
        }
    }
}
