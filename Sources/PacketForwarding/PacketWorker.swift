// Forwards the packets of one load balancer: rules, checks, counters.

import FoundationEssentials
import Glibc
package import LoadBalancing
package import Logging
import NIOPosix
package import ProviderDrivers

/// What is observed of the listeners and pools that a worker serves.
package struct PacketObservation: Hashable, Sendable {
    package var listeners: [ResourceID: ListenerObservation] = [:]
    /// Pool → member → whether its checks succeed; members that nobody checks are absent.
    package var health: [ResourceID: [ResourceID: Bool]] = [:]

    package init() {}
}

/// Makes the part of a plan real that packets are forwarded for.
package actor PacketWorker {
    let loadBalancer: ResourceID
    let policy: ForwardingPolicy
    let services: PacketServices
    /// Where results of checks and counters are kept for the next agent. The folder may be missing.
    private let file: String
    let table: TableName
    let tag: UInt32
    let logger: Logger
    let healthChanged: @Sendable () async -> Void

    var place: NetworkPlace
    var plan: LoadBalancerPlan?
    /// What the kernel does; `nil` when that is not known for certain.
    var running: PacketFilter?
    /// How the kernel shows it.
    var fingerprint: PacketFilterFingerprint?
    /// What is served, by the kernel or here.
    var served: ForwardingTable?
    private var occupied: Set<TransportEndpoint> = []
    var relays: UserSpaceForwarder
    var relayed: Set<ResourceID> = []
    var health: [ResourceID: [ResourceID: MemberHealth]] = [:]
    /// The same, as far as traffic follows it already: what others are told.
    var followed: [ResourceID: [ResourceID: Bool]] = [:]
    var watches: [ResourceID: (watch: PoolWatch, task: Task<Void, Never>)] = [:]
    var memory = Memory()
    private var savedMemory = Memory()
    private var savedAt: ContinuousClock.Instant = .now
    var activeAt: ContinuousClock.Instant?
    var active: [ResourceID: Int64] = [:]
    /// Listener → member → open flows, where new flows depend on that.
    var flows: [ResourceID: [ResourceID: Int]] = [:]
    var mustRealise = false
    private(set) var isFinished = false
    private(set) var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    /// What outlives the agent.
    struct Memory: Codable, Hashable, Sendable {
        /// Members that were down.
        var down: [String: Set<String>] = [:]
        var ledger = CounterLedger()
    }

    /// - Parameters:
    ///   - file: Where to keep what the next agent must know.
    ///   - healthChanged: Called when a member went up or down and traffic follows that.
    package init(
        loadBalancer: ResourceID, policy: ForwardingPolicy, services: PacketServices, place: NetworkPlace = .host,
        file: String, logger: Logger, healthChanged: @escaping @Sendable () async -> Void
    ) {
        self.loadBalancer = loadBalancer
        self.policy = policy
        self.services = services
        self.place = place
        self.file = file
        self.logger = logger
        self.healthChanged = healthChanged
        table = TableName(owner: services.owner, loadBalancer: loadBalancer)
        tag = PacketFilterBuilder.tag(of: loadBalancer)
        relays = UserSpaceForwarder(place: place, flowLimit: services.flowLimit)
        if let data = try? Data(contentsOf: URL(filePath: file)),
            let stored = try? JSONDecoder().decode(Memory.self, from: data)
        {
            memory = stored
            savedMemory = stored
            for (pool, members) in stored.down {
                for member in members {
                    health[ResourceID(canonical: pool), default: [:]][ResourceID(canonical: member)] =
                        MemberHealth(isUp: false)
                }
            }
        }
    }

    /// Whether there is something to observe.
    package var isActive: Bool { served?.listeners.isEmpty == false || !watches.isEmpty }

    /// Applies a plan; what the last agent left running goes on, and its flows with it.
    ///
    /// - Returns: The listeners that cannot be served, each with a sentence for its owner.
    /// - Throws: ``DataPlaneError`` when nothing was changed.
    package func apply(
        _ plan: LoadBalancerPlan, in place: NetworkPlace = .host
    ) async throws(DataPlaneError) -> [ResourceID: String] {
        try await exclusively { () async throws(DataPlaneError) -> [ResourceID: String] in
            guard !isFinished else { return [:] }
            if place != self.place { await move(to: place) }
            let failures = try await realise(plan)
            self.plan = plan
            memory.ledger.retain(Set(plan.listeners.map(\.id)))
            watch(plan)
            return failures
        }
    }

    /// Takes everything away.
    package func remove() async {
        await exclusively {
            guard !isFinished else { return }
            isFinished = true
            stopWatching()
            await withdraw()
        }
    }

    /// Ends the worker; the kernel goes on.
    package func detach() async {
        await exclusively {
            guard !isFinished else { return }
            isFinished = true
            stopWatching()
            _ = await relays.serve([])
            save(force: true)
        }
    }

    /// What is observed now.
    package func observation() async -> PacketObservation {
        var result = PacketObservation()
        await count()
        await spread()
        for listener in served?.listeners ?? [] {
            let isFull = listener.flowLimit.map { (active[listener.id] ?? 0) >= Int64($0) } ?? false
            var statistics = memory.ledger.total(of: listener.id)
            if !relayed.contains(listener.id) { statistics.activeConnections = active[listener.id] ?? 0 }
            result.listeners[listener.id] = ListenerObservation(
                state: isFull ? .full : .open, statistics: statistics)
        }
        for listener in plan?.listeners ?? [] where result.listeners[listener.id] == nil {
            guard PacketWorker.isPossible(listener, policy) else { continue }
            result.listeners[listener.id] = ListenerObservation(
                state: .closed, statistics: memory.ledger.total(of: listener.id))
        }
        result.health = followed
        save(force: false)
        if mustRealise { await repair() }
        return result
    }

    private static func isPossible(_ listener: ListenerPlan, _ policy: ForwardingPolicy) -> Bool {
        var enabled = listener
        enabled.isEnabled = true
        return enabled.transport(for: policy) != nil
    }

    // MARK: Rules

    func realise(_ plan: LoadBalancerPlan) async throws(DataPlaneError) -> [ResourceID: String] {
        let down = down(in: plan)
        let complete: ForwardingTable
        do throws(UnusableValue) {
            complete = counted(try ForwardingTable(plan: plan, policy: policy, down: down))
        } catch {
            throw DataPlaneError(.unsupported, error.reason)
        }
        var failures: [ResourceID: [String]] = [:]
        var byKernel = ForwardingTable(loadBalancer: loadBalancer, policy: policy, listeners: [])
        var byRelay: [ForwardedListener] = []
        let before = Set((served?.listeners ?? []).flatMap { listener in listener.addresses.map(listener.endpoint) })
        for var listener in complete.listeners {
            switch method(for: listener) {
            case .success(.nftables):
                let taken = listener.addresses.filter { address in
                    let endpoint = listener.endpoint(at: address)
                    return !before.contains(endpoint) && isTaken(endpoint)
                }
                for address in taken {
                    failures[listener.id, default: []].append(
                        "Port \(listener.port) on \(address) is already used by another program on this machine.")
                }
                listener.addresses.removeAll(where: taken.contains)
                if !listener.addresses.isEmpty { byKernel.listeners.append(listener) }
            case .success(.userspace): byRelay.append(listener)
            case .failure(let reason): failures[listener.id, default: []].append(reason.reason)
            }
        }
        // What a predecessor has left is not known, so it counts as rules.
        let hadRules = running != PacketFilter()
        try await realise(byKernel)
        let unopened = await relays.serve(byRelay)
        relayed = Set(byRelay.map(\.id))
        for (endpoint, cause) in unopened {
            guard
                let index = byRelay.firstIndex(where: { listener in
                    listener.addresses.contains { listener.endpoint(at: $0) == endpoint }
                })
            else { continue }
            byRelay[index].addresses.removeAll { $0 == endpoint.address }
            failures[byRelay[index].id, default: []].append(
                "Port \(endpoint.port) on \(endpoint.address) cannot be opened: \(String(cString: strerror(cause))).")
        }
        let former = served
        served = ForwardingTable(
            loadBalancer: loadBalancer, policy: policy,
            listeners: byKernel.listeners + byRelay.filter { !$0.addresses.isEmpty })
        // Only rules make flows of ours, and to list flows costs the more the more the whole node has.
        if services.method == .nftables, hadRules || running != PacketFilter() {
            await endForbiddenFlows(
                addresses: Set(((former?.listeners ?? []) + complete.listeners).flatMap(\.addresses))
                    .union(plan.addresses.compactMap { IPAddress($0) }), byKernel)
        }
        return failures.mapValues { $0.sorted().joined(separator: " ") }
    }

    func realise(_ wanted: ForwardingTable) async throws(DataPlaneError) {
        guard services.method == .nftables else { return }
        let filter = PacketFilterBuilder(wanted).packetFilter()
        if filter == PacketFilter() {
            if running == nil || running != filter, await hasTable() {
                try await services.program.run(PacketFilterWriter.removal(of: table), in: place)
            }
            running = filter
            return
        }
        var found = TableContents()
        if running == nil {
            do throws(NetlinkError) {
                found = try PacketFilterReader(place: place).contents(of: table)
            } catch {
                throw DataPlaneError(.node, "The node's packet filter cannot be read.", detail: "\(error)")
            }
            if case .namespace = place { await allowForwarding() }
        }
        let known = running == PacketFilter() ? nil : running
        try await services.program.run(
            PacketFilterWriter.commands(for: table, wanted: filter, running: known, found: found), in: place)
        if fingerprint == nil || running != filter { fingerprint = await currentFingerprint(of: filter) }
        running = filter
    }

    private func hasTable() async -> Bool {
        (try? PacketFilterReader(place: place).tables().contains(table.text)) ?? false
    }

    /// A namespace is there for the load balancer alone, so it may pass on what it gets.
    private func allowForwarding() async {
        guard case .namespace(let name) = place else { return }
        var keys = ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]
        // Connections come back from another node with numbers that this one has not followed.
        if policy.isStateless { keys += ["netfilter/nf_conntrack_tcp_loose", "netfilter/nf_conntrack_tcp_be_liberal"] }
        for key in keys {
            do throws(DataPlaneError) {
                try await NamespaceSetting.set(key, to: "1", in: name)
            } catch {
                logger.warning("a network namespace does not forward packets: \(error)")
            }
        }
    }

    /// Ends the flows that no member may have any more: those of members that are down, whatever the protocol; datagrams
    /// to members that are off or gone; and everything of listeners that are gone. Connections go on with members
    /// that were switched off or removed.
    private func endForbiddenFlows(addresses: Set<IPAddress>, _ table: ForwardingTable) async {
        var listeners: [TransportEndpoint: ForwardedListener] = [:]
        for listener in table.listeners {
            for address in listener.addresses { listeners[listener.endpoint(at: address)] = listener }
        }
        do throws(NetlinkError) {
            let flows = FlowTable(place: place)
            let forbidden = try flows.flows(mark: tag, mask: PacketFilterBuilder.tagMask).filter { flow in
                guard let listener = listeners[flow.listener] else {
                    return addresses.contains(flow.listener.address)
                        && policy.protocols.contains(flow.listener.transport)
                }
                if listener.dead.contains(flow.member) { return true }
                if listener.transport != .udp { return false }
                return !listener.targets.contains { listener.endpoint(of: $0) == flow.member }
            }
            try flows.end(forbidden)
            if !forbidden.isEmpty {
                logger.debug("ended flows", metadata: ["count": "\(forbidden.count)"])
            }
        } catch {
            logger.warning("flows of members that are gone could not be ended: \(error)")
        }
    }

    private func withdraw() async {
        _ = await relays.serve([])
        guard services.method == .nftables else { return }
        let addresses = Set((plan?.addresses ?? []).compactMap { IPAddress($0) })
        do throws(DataPlaneError) {
            if await hasTable() {
                try await services.program.run(PacketFilterWriter.removal(of: table), in: place)
            }
        } catch {
            logger.error("forwarding rules could not be removed: \(error)")
        }
        running = PacketFilter()
        await endForbiddenFlows(
            addresses: addresses, ForwardingTable(loadBalancer: loadBalancer, policy: policy, listeners: []))
    }

    private func move(to place: NetworkPlace) async {
        await withdraw()
        stopWatching()
        self.place = place
        running = nil
        fingerprint = nil
        served = nil
        relays = UserSpaceForwarder(place: place, flowLimit: services.flowLimit)
    }

    /// Somebody else has removed the rules, or the last try failed.
    func repair() async {
        await exclusively {
            guard !isFinished, mustRealise, let plan else { return }
            mustRealise = false
            running = nil
            fingerprint = nil
            do throws(DataPlaneError) {
                do throws(DataPlaneError) {
                    _ = try await realise(plan)
                } catch {
                    // What somebody has made of the table does not go together with what it shall be.
                    logger.warning("forwarding rules cannot be mended; they are made anew: \(error)")
                    try await services.program.run(PacketFilterWriter.removal(of: table), in: place)
                    running = nil
                    _ = try await realise(plan)
                }
            } catch {
                mustRealise = true
                logger.warning("forwarding rules could not be renewed: \(error)")
            }
        }
    }

    // MARK: Ways

    private func method(for listener: ForwardedListener) -> Result<PacketForwardingMethod, UnusableValue> {
        guard services.method == .nftables else {
            if listener.transport == .udp { return .success(.userspace) }
            return .failure(
                UnusableValue(
                    reason:
                        "Listeners of protocol \(listener.transport.rawValue.uppercased()) need nftables, which this "
                        + "node's agent may not use: it needs root or CAP_NET_ADMIN."))
        }
        // Packets with a loopback address never leave a machine, and their answers never come back to it.
        guard place == .host, listener.addresses.contains(where: \.isLoopback),
            let far = listener.targets.first(where: { !$0.address.isLoopback && !isLocal($0.address) })
        else { return .success(.nftables) }
        if listener.transport == .udp { return .success(.userspace) }
        return .failure(
            UnusableValue(
                reason: "Member \(far.address) is on another machine, which cannot be reached from a loopback address.")
        )
    }

    private func isLocal(_ address: IPAddress) -> Bool {
        let descriptor = place.socket(domain: address.socketFamily, type: Int32(SOCK_DGRAM.rawValue), protocol: 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return address.withSocketAddress(port: 0) { bind(descriptor, $0, $1) } == 0
    }

    /// Whether another program has the port; taking its packets away would be rude.
    private func isTaken(_ endpoint: TransportEndpoint) -> Bool {
        let type: Int32
        switch endpoint.transport {
        case .udp: type = Int32(SOCK_DGRAM.rawValue)
        case .tcp: type = Int32(SOCK_STREAM.rawValue)
        case .sctp: return false
        }
        let descriptor = place.socket(domain: endpoint.address.socketFamily, type: type, protocol: 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        if endpoint.transport == .tcp {
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        let result = endpoint.address.withSocketAddress(port: Int(endpoint.port)) { bind(descriptor, $0, $1) }
        return result != 0 && errno == EADDRINUSE
    }

    func save(force: Bool) {
        guard memory != savedMemory, force || ContinuousClock.now - savedAt > .seconds(5) else { return }
        savedAt = .now
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        guard access("/" + folder, W_OK) == 0 else { return }
        do {
            try JSONEncoder().encode(memory).write(to: URL(filePath: file), options: .atomic)
            savedMemory = memory
        } catch {
            logger.warning("counters and check results could not be saved: \(error)")
        }
    }

    /// Does one piece of work after all that were asked for before.
    func exclusively<Result: Sendable, Failure: Error>(
        _ work: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        if isBusy {
            await withCheckedContinuation { queue.append($0) }
        } else {
            isBusy = true
        }
        defer {
            // The next one takes over without the flag going down, so that nobody can slip in between.
            if queue.isEmpty { isBusy = false } else { queue.removeFirst().resume() }
        }
        return try await work()
    }
}
