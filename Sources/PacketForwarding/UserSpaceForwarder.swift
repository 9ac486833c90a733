// Forwards datagrams in this process, where the kernel may not be asked to.

import Glibc
import LoadBalancing
import NIOCore
import NIOPosix
import Synchronization

/// The relays of one load balancer. Flows end with the process.
final class UserSpaceForwarder: Sendable {
    private struct Key: Hashable {
        var listener: ResourceID
        var endpoint: TransportEndpoint
    }

    private let place: NetworkPlace
    private let flowLimit: Int
    private let relays = Mutex<[Key: DatagramRelay]>([:])

    init(place: NetworkPlace, flowLimit: Int) {
        self.place = place
        self.flowLimit = flowLimit
    }

    /// Serves these listeners and no others.
    ///
    /// - Returns: The endpoints that could not be opened, with errno.
    func serve(_ listeners: [ForwardedListener]) async -> [TransportEndpoint: Int32] {
        var wanted: [Key: ForwardedListener] = [:]
        for listener in listeners {
            for address in listener.addresses {
                wanted[Key(listener: listener.id, endpoint: listener.endpoint(at: address))] = listener
            }
        }
        let gone = relays.withLock { relays in
            let gone = relays.filter { wanted[$0.key] == nil }
            for key in gone.keys { relays[key] = nil }
            return gone.values
        }
        for relay in gone { await relay.close() }
        var failures: [TransportEndpoint: Int32] = [:]
        for (key, listener) in wanted {
            if let relay = relays.withLock({ $0[key] }) {
                relay.update(listener)
                continue
            }
            do throws(NetlinkError) {
                let relay = try await DatagramRelay.open(
                    listener, at: key.endpoint, in: place, flowLimit: flowLimit)
                relays.withLock { $0[key] = relay }
            } catch {
                failures[key.endpoint] = error.cause
            }
        }
        return failures
    }

    /// Counters of the listeners since this process serves them.
    func statistics() -> [ResourceID: ListenerStatistics] {
        relays.withLock { relays in
            var result: [ResourceID: ListenerStatistics] = [:]
            for (key, relay) in relays {
                result[key.listener] = (result[key.listener] ?? .init()) + relay.statistics
            }
            return result
        }
    }
}

/// One port. All of its work is done on one event loop.
final class DatagramRelay: Sendable {
    private let channel: any Channel
    private let core: NIOLoopBound<Core>
    private let counters: Counters

    /// What is counted, read from other threads.
    final class Counters: Sendable {
        let value = Mutex(ListenerStatistics())
    }

    private init(channel: any Channel, core: NIOLoopBound<Core>, counters: Counters) {
        self.channel = channel
        self.core = core
        self.counters = counters
    }

    var statistics: ListenerStatistics { counters.value.withLock { $0 } }

    static func open(
        _ listener: ForwardedListener, at endpoint: TransportEndpoint, in place: NetworkPlace, flowLimit: Int
    ) async throws(NetlinkError) -> DatagramRelay {
        let descriptor = place.socket(
            domain: endpoint.address.socketFamily, type: Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue),
            protocol: 0)
        guard descriptor >= 0 else { throw NetlinkError(cause: errno) }
        let result = endpoint.address.withSocketAddress(port: Int(endpoint.port)) { bind(descriptor, $0, $1) }
        guard result == 0 else {
            let cause = errno
            Glibc.close(descriptor)
            throw NetlinkError(cause: cause)
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let counters = Counters()
        do {
            return try await loop.flatSubmit {
                let core = Core(
                    listener: listener, family: endpoint.address.family, loop: loop, place: place,
                    flowLimit: flowLimit, counters: counters)
                let bound = NIOLoopBound(core, eventLoop: loop)
                return DatagramBootstrap(group: loop).channelOption(.maxMessagesPerRead, value: 64)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(ClientHandler(core: bound.value))
                        }
                    }.withBoundSocket(descriptor).map { channel in
                        bound.value.start(channel)
                        return DatagramRelay(channel: channel, core: bound, counters: counters)
                    }
            }.get()
        } catch {
            throw NetlinkError(cause: (error as? IOError)?.errnoCode ?? EIO)
        }
    }

    func update(_ listener: ForwardedListener) {
        channel.eventLoop.execute { self.core.value.update(listener) }
    }

    func close() async {
        try? await channel.eventLoop.submit { self.core.value.stop() }.get()
        try? await channel.close()
    }

    /// A client's way to a member.
    private final class Flow {
        let channel: any Channel
        let target: ForwardingTarget
        var lastUsed: NIODeadline

        init(channel: any Channel, target: ForwardingTarget) {
            self.channel = channel
            self.target = target
            lastUsed = .now()
        }
    }

    private enum FlowState {
        /// Datagrams that wait for the socket.
        case opening(ForwardingTarget, [ByteBuffer])
        case open(Flow)

        var target: ForwardingTarget {
            switch self {
            case .opening(let target, _): target
            case .open(let flow): flow.target
            }
        }
    }

    /// The state of a relay, used on its event loop only.
    final class Core {
        private var listener: ForwardedListener
        private let family: IPAddress.Family
        private let loop: any EventLoop
        private let place: NetworkPlace
        private let flowLimit: Int
        private let counters: Counters
        private var channel: (any Channel)?
        private var sweep: RepeatedTask?
        private var flows: [SocketAddress: FlowState] = [:]
        private var load: [ResourceID: Int] = [:]
        private var slots: [ForwardingTarget] = []
        private var turn = 0
        /// Client or network → member, and until when it is remembered.
        private var memory: [IPAddress: (member: ResourceID, until: NIODeadline)] = [:]

        fileprivate init(
            listener: ForwardedListener, family: IPAddress.Family, loop: any EventLoop, place: NetworkPlace,
            flowLimit: Int, counters: Counters
        ) {
            self.listener = listener
            self.family = family
            self.loop = loop
            self.place = place
            self.flowLimit = flowLimit
            self.counters = counters
            fillSlots()
        }

        func start(_ channel: any Channel) {
            self.channel = channel
            let bound = NIOLoopBound(self, eventLoop: loop)
            sweep = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                bound.value.endIdleFlows()
            }
        }

        func stop() {
            sweep?.cancel()
            for client in flows.keys { end(client) }
        }

        func update(_ listener: ForwardedListener) {
            guard listener != self.listener else { return }
            self.listener = listener
            fillSlots()
            // Members that are down, off or gone lose their flows at once; weight 0 keeps them.
            let kept = Set(listener.targets.map { listener.endpoint(of: $0) })
            for (client, flow) in flows where !kept.contains(listener.endpoint(of: flow.target)) { end(client) }
        }

        private func fillSlots() {
            let targets = listener.candidates
            let byID = Dictionary(targets.map { ($0.member, $0) }, uniquingKeysWith: { first, _ in first })
            let candidates = targets.map { SlotTable.Candidate(member: $0.member, weight: $0.weight) }
            let members =
                listener.choice == .turns ? SlotTable.turns(candidates) : SlotTable.consistent(candidates)
            slots = members.compactMap { byID[$0] }
        }

        /// A datagram of a client.
        fileprivate func receive(_ data: ByteBuffer, from client: SocketAddress) {
            if !listener.allowed.isEmpty {
                guard let address = IPAddress(client), listener.allowed.contains(where: { $0.contains(address) }) else {
                    return
                }
            }
            switch flows[client] {
            case .open(let flow):
                flow.lastUsed = .now()
                remember(client, flow.target.member)
                send(data, to: flow)
            case .opening(let target, var waiting):
                if waiting.count < 64 { waiting.append(data) }
                flows[client] = .opening(target, waiting)
            case nil:
                let limit = min(listener.flowLimit ?? flowLimit, flowLimit)
                guard flows.count < limit, let address = IPAddress(client), let target = choose(for: client, address)
                else { return }
                remember(client, target.member)
                open(client, target, first: data)
            }
            counters.value.withLock { $0.bytesIn += Int64(data.readableBytes) }
        }

        private func choose(for client: SocketAddress, _ address: IPAddress) -> ForwardingTarget? {
            guard !slots.isEmpty else { return nil }
            if let rule = listener.memory, let known = memory[address.masked(rule.mask)], known.until > .now(),
                let target = listener.targets.first(where: { $0.member == known.member })
            {
                return target
            }
            func slot(_ text: String) -> ForwardingTarget { slots[Int(Hash.of(text) % UInt64(slots.count))] }
            switch listener.choice {
            case .turns:
                turn = (turn + 1) % slots.count
                return slots[turn]
            case .addressAndPort: return slot("\(address) \(client.port ?? 0)")
            case .address(let mask): return slot("\(address.masked(mask))")
            case .fewestFlows:
                return listener.candidates.min {
                    (load[$0.member] ?? 0) * $1.weight < (load[$1.member] ?? 0) * $0.weight
                }
            }
        }

        private func open(_ client: SocketAddress, _ target: ForwardingTarget, first: ByteBuffer) {
            let descriptor = place.socket(
                domain: target.address.socketFamily, type: Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue),
                protocol: 0)
            guard descriptor >= 0 else { return }
            let result = target.address.withSocketAddress(port: Int(target.port)) { connect(descriptor, $0, $1) }
            guard result == 0 else {
                Glibc.close(descriptor)
                return
            }
            flows[client] = .opening(target, [first])
            load[target.member, default: 0] += 1
            counters.value.withLock {
                $0.totalConnections += 1
                $0.activeConnections += 1
            }
            let bound = NIOLoopBound(self, eventLoop: loop)
            DatagramBootstrap(group: loop).channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(MemberHandler(core: bound.value, client: client))
                }
            }.withBoundSocket(descriptor).whenComplete { result in
                bound.value.opened(client, result)
            }
        }

        private func opened(_ client: SocketAddress, _ result: Result<any Channel, any Error>) {
            guard case .opening(let target, let waiting) = flows[client] else {
                // The flow was ended in the meantime.
                if case .success(let channel) = result { channel.close(promise: nil) }
                return
            }
            guard case .success(let channel) = result else {
                flows[client] = nil
                forget(target)
                return
            }
            let flow = Flow(channel: channel, target: target)
            flows[client] = .open(flow)
            for data in waiting { send(data, to: flow) }
        }

        private func send(_ data: ByteBuffer, to flow: Flow) {
            guard
                let address = try? SocketAddress(
                    ipAddress: flow.target.address.description, port: Int(flow.target.port))
            else { return }
            flow.channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: data), promise: nil)
        }

        /// Each datagram of a client makes its time begin anew.
        private func remember(_ client: SocketAddress, _ member: ResourceID) {
            guard let rule = listener.memory, let address = IPAddress(client) else { return }
            let key = address.masked(rule.mask)
            guard memory.count < 100_000 || memory[key] != nil else { return }
            memory[key] = (member, .now() + .seconds(Int64(rule.timeout)))
        }

        /// A datagram of a member.
        fileprivate func answer(_ data: ByteBuffer, to client: SocketAddress) {
            guard case .open(let flow) = flows[client], let channel else { return }
            flow.lastUsed = .now()
            counters.value.withLock { $0.bytesOut += Int64(data.readableBytes) }
            channel.writeAndFlush(AddressedEnvelope(remoteAddress: client, data: data), promise: nil)
        }

        private func endIdleFlows() {
            let now = NIODeadline.now()
            let limit = now - .milliseconds(Int64(listener.idleTimeout))
            for (client, state) in flows {
                if case .open(let flow) = state, flow.lastUsed < limit { end(client) }
            }
            memory = memory.filter { $0.value.until > now }
        }

        private func end(_ client: SocketAddress) {
            guard let state = flows.removeValue(forKey: client) else { return }
            forget(state.target)
            if case .open(let flow) = state { flow.channel.close(promise: nil) }
        }

        private func forget(_ target: ForwardingTarget) {
            load[target.member, default: 1] -= 1
            counters.value.withLock { $0.activeConnections -= 1 }
        }
    }

    private final class ClientHandler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        private let core: Core

        init(core: Core) { self.core = core }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            core.receive(envelope.data, from: envelope.remoteAddress)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A client that is gone is no reason to stop serving the others.
        }
    }

    private final class MemberHandler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        private let core: Core
        private let client: SocketAddress

        init(core: Core, client: SocketAddress) {
            self.core = core
            self.client = client
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            core.answer(unwrapInboundIn(data).data, to: client)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // The member has refused a datagram; checks judge it.
        }
    }
}

extension IPAddress {
    /// The address without the bits that the mask leaves out; a mask of the other family leaves out nothing.
    fileprivate func masked(_ mask: IPAddress?) -> IPAddress {
        guard let mask, mask.family == family else { return self }
        return IPAddress(family: family, value: value & mask.value)
    }

    fileprivate init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        self.init(text)
    }
}
