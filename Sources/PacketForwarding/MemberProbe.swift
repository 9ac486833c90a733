// One check of one member: connects, asks, and judges the answer.

import Glibc
package import LoadBalancing

/// Where and how to ask.
package struct MemberProbe: Hashable, Sendable {
    package var monitor: HealthMonitorPlan
    /// The address as text: a child task that captured an ``IPAddress``, whose 128-bit number needs a stricter alignment,
    /// was seen to crash with Swift 6.3.1.
    package var address: String
    package var port: Int

    package init(monitor: HealthMonitorPlan, address: String, port: Int) {
        self.monitor = monitor
        self.address = address
        self.port = port
    }

    /// Types of monitors that this can do.
    package static let types: Set<HealthMonitorType> = [.udpConnect, .sctp, .tcp, .http, .ping, .tlsHello]

    /// Whether the member answers as it should, in time.
    package func isAnswered(in place: NetworkPlace, _ poller: ReadinessPoller) async -> Bool {
        guard let address = IPAddress(address) else { return false }
        let deadline = ContinuousClock.now + .seconds(max(monitor.timeout, 1))
        let (type, proto): (Int32, Int32)
        switch monitor.type {
        case .udpConnect: (type, proto) = (Int32(SOCK_DGRAM.rawValue), 0)
        case .sctp: (type, proto) = (Int32(SOCK_RAW.rawValue), 132)
        case .ping: (type, proto) = (Int32(SOCK_RAW.rawValue), address.family == .ipv4 ? 1 : 58)
        case .tcp, .http, .tlsHello, .https: (type, proto) = (Int32(SOCK_STREAM.rawValue), 0)
        }
        let flags = type | Int32(SOCK_NONBLOCK.rawValue)
        var descriptor = place.socket(domain: address.socketFamily, type: flags, protocol: proto)
        if descriptor < 0, monitor.type == .ping {
            // Without root there are sockets for this alone, if net.ipv4.ping_group_range says so.
            let flags = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue)
            descriptor = place.socket(domain: address.socketFamily, type: flags, protocol: proto)
        }
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let probe = ProbeSocket(descriptor: descriptor, poller: poller, deadline: deadline)
        let isRaw = type == Int32(SOCK_RAW.rawValue)
        let connected = address.withSocketAddress(port: isRaw ? 0 : port) { connect(descriptor, $0, $1) }
        guard connected == 0 || errno == EINPROGRESS else { return false }
        switch monitor.type {
        case .udpConnect: return await probe.hasNoRefusal()
        case .sctp: return await SCTPProbe(port: UInt16(truncatingIfNeeded: port)).isAnswered(on: probe, address.family)
        case .ping: return await PingProbe.isAnswered(on: probe, address.family)
        case .tcp:
            // No reset is sent to a server that has just accepted: it may log that as an error.
            return await probe.isConnected()
        case .http: return await HTTPProbe(monitor: monitor).isAnswered(on: probe)
        case .tlsHello: return await TLSHelloProbe.isAnswered(on: probe)
        case .https: return false
        }
    }
}

/// A socket of one check.
struct ProbeSocket: Sendable {
    let descriptor: Int32
    let poller: ReadinessPoller
    let deadline: ContinuousClock.Instant

    /// Whether a connection was made.
    func isConnected() async -> Bool {
        guard await poller.wait(descriptor, for: POLLOUT, until: deadline) else { return false }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0
    }

    /// Sends all at once; the messages of checks fit into an empty buffer.
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(truncatingIfNeeded: Int(MSG_NOSIGNAL))) == bytes.count
    }

    /// What comes next; empty when the other side closed, `nil` on an error or when time is over.
    func receive() async -> [UInt8]? {
        while true {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count >= 0 { return Array(buffer[..<count]) }
            guard errno == EAGAIN || errno == EINTR,
                await poller.wait(descriptor, for: POLLIN, until: deadline)
            else { return nil }
        }
    }

    /// Sends a datagram and waits for the message that nobody takes it; silence is well, as the protocol has no answers.
    func hasNoRefusal() async -> Bool {
        guard send([UInt8(ascii: "X")]) else { return false }
        guard await poller.wait(descriptor, for: POLLIN, until: deadline) else { return true }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) >= 0 || errno == EAGAIN
    }
}

/// GET or another method, and a look at the status (RFC 9112).
struct HTTPProbe: Sendable {
    let monitor: HealthMonitorPlan

    var request: [UInt8] {
        // Anything but visible ASCII is percent-encoded: nothing may end the line.
        let path = monitor.urlPath.utf8.map { byte in
            (0x21...0x7E).contains(byte)
                ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        let version = (monitor.httpVersion ?? 1.0) >= 1.1 ? "1.1" : "1.0"
        var text = "\(monitor.httpMethod.rawValue) \(path.isEmpty ? "/" : path) HTTP/\(version)\r\n"
        if let host = monitor.domainName, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            text += "Host: \(host)\r\n"
        } else if version == "1.1" {
            text += "Host: \r\n"
        }
        return Array((text + "Connection: close\r\n\r\n").utf8)
    }

    func isAnswered(on socket: ProbeSocket) async -> Bool {
        guard await socket.isConnected(), socket.send(request) else { return false }
        var head: [UInt8] = []
        while head.count < 12 {
            guard let more = await socket.receive(), !more.isEmpty else { return false }
            head += more
        }
        return Self.status(in: head).map { Self.accepts($0, monitor.expectedCodes) } ?? false
    }

    /// The code of a status line `HTTP/1.1 200 …`.
    static func status(in head: [UInt8]) -> Int? {
        guard head.starts(with: Array("HTTP/1.".utf8)), head.count >= 12, head[8] == 0x20 else { return nil }
        return Int(String(decoding: head[9..<12], as: UTF8.self))
    }

    /// Whether one code, a list `200,202` or a range `200-204` includes the code.
    static func accepts(_ status: Int, _ expected: String) -> Bool {
        expected.split(separator: ",").contains { part in
            let bounds = part.filter { $0 != " " }.split(separator: "-").map { Int($0) }
            guard let low = bounds.first ?? nil, let high = bounds.last ?? nil, low <= high else { return false }
            return (low...high).contains(status)
        }
    }
}

/// Says hello in TLS 1.2 and looks whether a hello comes back (RFC 5246, section 7.4.1).
enum TLSHelloProbe {
    static func hello(random: [UInt8]) -> [UInt8] {
        func vector(_ bytes: [UInt8]) -> [UInt8] { UInt16(bytes.count).networkBytes + bytes }
        // Suites that servers of TLS 1.2 and 1.3 have, curves x25519 and P-256, usual signatures, and versions 1.3 and 1.2.
        let suites: [UInt16] = [
            0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA8, 0xCCA9, 0x009C, 0x002F,
        ]
        let signatures: [UInt16] = [0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601]
        var extensions: [UInt8] = []
        extensions += UInt16(10).networkBytes + vector(vector([0, 0x1D, 0, 0x17]))
        extensions += UInt16(11).networkBytes + vector([1, 0])
        extensions += UInt16(13).networkBytes + vector(vector(signatures.flatMap(\.networkBytes)))
        extensions += UInt16(43).networkBytes + vector([4, 3, 4, 3, 3])
        // A share of x25519: any 32 bytes are a public key.
        extensions += UInt16(51).networkBytes + vector(vector([0, 0x1D] + vector(random)))
        let body =
            [3, 3] + random + [0] + vector(suites.flatMap(\.networkBytes)) + [1, 0] + vector(extensions)
        let handshake = [1, 0] + UInt16(body.count).networkBytes + body
        return [22, 3, 1] + vector(handshake)
    }

    static func isAnswered(on socket: ProbeSocket) async -> Bool {
        let random = (0..<32).map { _ in UInt8.random(in: 0...255) }
        guard await socket.isConnected(), socket.send(hello(random: random)) else { return false }
        var head: [UInt8] = []
        while head.count < 6 {
            guard let more = await socket.receive(), !more.isEmpty else { return false }
            head += more
        }
        // A handshake record with a ServerHello in it.
        return head[0] == 22 && head[1] == 3 && head[5] == 2
    }
}

/// An echo request and its answer (RFC 792, RFC 4443).
enum PingProbe {
    static func isAnswered(on socket: ProbeSocket, _ family: IPAddress.Family) async -> Bool {
        let mark = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let packet = EchoMessage.request(identifier: 0x0E5B, sequence: 1, payload: mark, family: family)
        guard socket.send(packet) else { return false }
        while let answer = await socket.receive() {
            if EchoMessage.payload(ofReply: answer[...], family: family)?.elementsEqual(mark) == true { return true }
        }
        return false
    }
}
