// A server for tests that sees the bytes of each connection.

import Foundation
import Glibc
import Testing

@testable import AmphoraAgent

/// Hands each connection to a closure on a thread of its own, and closes it afterwards.
final class RawBackend: Sendable {
    private let listener: ListeningSocket

    init(_ address: String, port: Int, _ serve: @escaping @Sendable (RawConnection) -> Void) throws {
        let socket = try #require(tcpSocket(address, port) { bind($0, $1, $2) })
        listener = try ListeningSocket(socket) { serve(RawConnection(descriptor: $0)) }
    }

    func stop() { listener.stop() }
}

/// One connection.
final class RawConnection: Sendable {
    let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Connects.
    convenience init?(_ address: String, _ port: Int) {
        guard let descriptor = tcpSocket(address, port, { Glibc.connect($0, $1, $2) }) else { return nil }
        self.init(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// Some bytes; empty when the other side has closed or is silent for five seconds.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Bytes until the text has come or no more come.
    func receive(until end: String) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.firstRange(of: Array(end.utf8)) == nil {
            let more = receive()
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
