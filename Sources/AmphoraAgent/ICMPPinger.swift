// Sends echo requests (RFC 792, RFC 4443) and waits for the answers of many at once.

import Glibc
import LoadBalancing
import NIOPosix
import PacketForwarding
import ProviderDrivers
import Synchronization

/// Pings addresses over one socket a family and one thread.
///
/// HAProxy could run a program for each check, but then it would need the right to start programs, in a process that
/// reads what strangers send. The agent needs either root (raw socket) or the group in `net.ipv4.ping_group_range`.
final class ICMPPinger: Sendable {
    private struct Waiter {
        var deadline: ContinuousClock.Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        /// Number in the request → who waits for the answer.
        var waiters: [UInt64: Waiter] = [:]
        var lastNumber: UInt64 = .random(in: 1...(1 << 62))
        var isRunning = false
        var isStopped = false
    }

    private let state = Mutex(State())
    private let sockets: [IPAddress.Family: Int32]
    private let pipe: WakePipe
    private let thread = NIOThreadPool(numberOfThreads: 1)

    /// Pings from that place.
    init(in place: NetworkPlace = .host) throws(DataPlaneError) {
        pipe = try WakePipe()
        var sockets: [IPAddress.Family: Int32] = [:]
        for (family, domain, proto) in [
            (IPAddress.Family.ipv4, AF_INET, Int32(IPPROTO_ICMP)), (.ipv6, AF_INET6, Int32(IPPROTO_ICMPV6)),
        ] {
            let flags = Int32(SOCK_NONBLOCK.rawValue)
            for kind in [SOCK_DGRAM, SOCK_RAW] {
                let descriptor = place.socket(domain: domain, type: Int32(kind.rawValue) | flags, protocol: proto)
                guard descriptor >= 0 else { continue }
                sockets[family] = descriptor
                break
            }
        }
        self.sockets = sockets
    }

    /// Whether the node lets the agent ping addresses of that family.
    func canPing(_ text: String) -> Bool { IPAddress(text).map { sockets[$0.family] != nil } ?? false }

    /// Whether the address answers within the time.
    func ping(_ text: String, within limit: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            guard let address = IPAddress(text), let socket = sockets[address.family] else {
                return continuation.resume(returning: false)
            }
            let (number, mustStart) = state.withLock { state -> (UInt64?, Bool) in
                guard !state.isStopped else { return (nil, false) }
                state.lastNumber += 1
                state.waiters[state.lastNumber] = Waiter(deadline: .now + limit, continuation: continuation)
                defer { state.isRunning = true }
                return (state.lastNumber, !state.isRunning)
            }
            guard let number else { return continuation.resume(returning: false) }
            if mustStart {
                thread.start()
                thread.submit { [self] _ in receive() }
            }
            let request = Self.request(number, family: address.family)
            let sent = address.withSocketAddress(port: 0) { pointer, length in
                sendto(socket, request, request.count, 0, pointer, length)
            }
            if sent < 0 { finish(number, with: false) } else { pipe.wake() }
        }
    }

    /// Ends the thread; open requests count as unanswered.
    func stop() async {
        let (waiters, wasRunning) = state.withLock { state in
            defer {
                state.isStopped = true
                state.waiters = [:]
            }
            return (state.waiters.values.map(\.continuation), state.isRunning)
        }
        for waiter in waiters { waiter.resume(returning: false) }
        if wasRunning {
            pipe.wake()
            try? await thread.shutdownGracefully()
        }
        for socket in sockets.values { close(socket) }
        pipe.closeBothEnds()
    }

    private func finish(_ number: UInt64, with result: Bool) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: result)
    }

    private func receive() {
        while true {
            let (isStopped, isIdle) = state.withLock { ($0.isStopped, $0.waiters.isEmpty) }
            if isStopped { return }
            var polled = [pollfd(fd: pipe.readingEnd, events: Int16(POLLIN), revents: 0)]
            polled += sockets.values.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), isIdle ? -1 : 50)
            pipe.drain()
            for (family, socket) in sockets { drain(socket, family: family) }
            let now = ContinuousClock.now
            let late = state.withLock { state in state.waiters.filter { $0.value.deadline <= now }.map(\.key) }
            for number in late { finish(number, with: false) }
        }
    }

    private func drain(_ socket: Int32, family: IPAddress.Family) {
        var buffer = [UInt8](repeating: 0, count: 2_048)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            if let number = Self.number(in: buffer[..<count], family: family) { finish(number, with: true) }
        }
    }

    private static let magic = Array("ottava".utf8)

    /// The sequence number is the end of the number; the payload is our mark and all of it.
    static func request(_ number: UInt64, family: IPAddress.Family) -> [UInt8] {
        let bytes = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
        return EchoMessage.request(
            identifier: 0x0E5A, sequence: UInt16(truncatingIfNeeded: number), payload: magic + bytes, family: family)
    }

    /// The number in an echo reply of ours.
    static func number(in packet: ArraySlice<UInt8>, family: IPAddress.Family) -> UInt64? {
        guard let payload = EchoMessage.payload(ofReply: packet, family: family), payload.count >= magic.count + 8,
            payload.starts(with: magic)
        else { return nil }
        return payload.dropFirst(magic.count).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
