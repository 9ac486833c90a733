// Members and clients for tests: plain sockets in any network.

import Foundation
import Glibc
import LoadBalancing
import Synchronization

@testable import PacketForwarding

/// A member that answers `name|address of the client|port of the client|what it said`, over UDP or TCP.
///
/// Over TCP it also says `~` every 20 ms, unasked, to connections that said something.
final class EchoServer: Sendable {
    let name: String
    private let descriptor: Int32
    private let isStopped = Mutex(false)
    private let isStream: Bool

    init(_ name: String, _ address: String, port: Int = 9_000, in place: NetworkPlace, stream: Bool = false) throws {
        self.name = name
        isStream = stream
        let type = stream ? Int32(SOCK_STREAM.rawValue) : Int32(SOCK_DGRAM.rawValue)
        guard let address = IPAddress(address) else { throw Failure() }
        descriptor = place.socket(domain: address.socketFamily, type: type | Int32(SOCK_NONBLOCK.rawValue), protocol: 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard address.withSocketAddress(port: port, { bind(descriptor, $0, $1) }) == 0,
            !stream || listen(descriptor, 512) == 0
        else { throw Failure() }
        let thread = Thread { [self] in stream ? runStreams() : runDatagrams() }
        thread.start()
    }

    struct Failure: Error { var cause = errno }

    func stop() { isStopped.withLock { $0 = true } }

    private func runDatagrams() {
        var buffer = [UInt8](repeating: 0, count: 2_048)
        while !isStopped.withLock({ $0 }) {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, 20)
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withPeer(&peer) { recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length) }
            guard count >= 0 else { continue }
            let text = "\(name)|\(Self.text(peer))|" + String(decoding: buffer[..<count], as: UTF8.self)
            let bytes = Array(text.utf8)
            _ = withPeer(&peer) { sendto(descriptor, bytes, bytes.count, 0, $0, length) }
        }
        close(descriptor)
    }

    private func runStreams() {
        var connections: [Int32: String] = [:]
        var talking: Set<Int32> = []
        var lastWord = ContinuousClock.now
        while !isStopped.withLock({ $0 }) {
            var polled = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            polled += connections.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), 10)
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = withPeer(&peer) { accept(descriptor, $0, &length) }
            if accepted >= 0 {
                _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
                connections[accepted] = Self.text(peer)
            }
            for entry in polled.dropFirst() where entry.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 2_048)
                let count = recv(entry.fd, &buffer, buffer.count, 0)
                if count < 0, errno == EAGAIN { continue }
                guard count > 0 else {
                    close(entry.fd)
                    connections[entry.fd] = nil
                    talking.remove(entry.fd)
                    continue
                }
                talking.insert(entry.fd)
                let said = String(decoding: buffer[..<count], as: UTF8.self)
                var answer = "\(name)|\(connections[entry.fd] ?? "")|\(said)"
                let isHTTP = said.hasPrefix("GET ")
                if isHTTP { answer = "HTTP/1.0 200 OK\r\nContent-Length: \(name.utf8.count)\r\n\r\n\(name)" }
                let bytes = Array(answer.utf8)
                _ = send(entry.fd, bytes, bytes.count, Int32(truncatingIfNeeded: Int(MSG_NOSIGNAL)))
                if isHTTP {
                    close(entry.fd)
                    connections[entry.fd] = nil
                    talking.remove(entry.fd)
                }
            }
            if ContinuousClock.now - lastWord > .milliseconds(20) {
                lastWord = .now
                for connection in talking {
                    _ = send(connection, "~", 1, Int32(truncatingIfNeeded: Int(MSG_NOSIGNAL)))
                }
            }
        }
        for connection in connections.keys { close(connection) }
        close(descriptor)
    }

    private static func text(_ peer: sockaddr_storage) -> String {
        var peer = peer
        return withPeer(&peer) { pointer in
            if Int32(pointer.pointee.sa_family) == AF_INET {
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    let address = IPAddress(
                        family: .ipv4, value: UInt128(UInt32(bigEndian: $0.pointee.sin_addr.s_addr)))
                    return "\(address)|\(UInt16(bigEndian: $0.pointee.sin_port))"
                }
            }
            return "v6|0"
        }
    }
}

private func withPeer<Result>(
    _ peer: inout sockaddr_storage, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &peer) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
}

/// A client with one socket, and so one flow.
final class TestClient {
    private let descriptor: Int32
    private let isStream: Bool

    /// Connects; `nil` when that fails in two seconds.
    init?(_ address: String, port: Int, in place: NetworkPlace, from source: String? = nil, stream: Bool = false) {
        isStream = stream
        guard let address = IPAddress(address) else { return nil }
        let type = stream ? Int32(SOCK_STREAM.rawValue) : Int32(SOCK_DGRAM.rawValue)
        descriptor = place.socket(domain: address.socketFamily, type: type, protocol: 0)
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        if let source = source.flatMap({ IPAddress($0) }) {
            guard source.withSocketAddress(port: 0, { bind(descriptor, $0, $1) }) == 0 else { return nil }
        }
        guard address.withSocketAddress(port: port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// How long to wait for an answer.
    func setLimit(milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Says something.
    func say(_ question: String) -> Bool {
        let bytes = Array(question.utf8)
        return send(descriptor, bytes, bytes.count, Int32(truncatingIfNeeded: Int(MSG_NOSIGNAL))) == bytes.count
    }

    /// What comes back, up to the words that were said; or `nil`.
    func hear(_ question: String, within limit: Duration = .seconds(1)) -> String? {
        var answer = ""
        let deadline = ContinuousClock.now + limit
        // A member that goes on talking without answering must not keep the test for ever.
        while ContinuousClock.now < deadline {
            var buffer = [UInt8](repeating: 0, count: 2_048)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            answer += String(decoding: buffer[..<count].filter { $0 != UInt8(ascii: "~") }, as: UTF8.self)
            if !isStream || answer.hasSuffix(question) { return answer }
        }
        return nil
    }

    /// The answer, or `nil`.
    func ask(_ question: String = "x") -> String? { say(question) ? hear(question) : nil }

    /// The name of the member that answers, or `nil`.
    func member() -> String? { ask()?.split(separator: "|").first.map(String.init) }
}

/// The member that answers a new flow.
func member(_ address: String, port: Int = 5_300, in place: NetworkPlace, from source: String? = nil) -> String? {
    guard let client = TestClient(address, port: port, in: place, from: source) else { return nil }
    client.setLimit(milliseconds: 300)
    return client.member()
}
