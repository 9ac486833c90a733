// A member of UDP pools.

internal import Foundation
internal import Glibc
internal import TestSupport

/// Sends every datagram back.
final class UDPEcho: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        port = Ports.free()
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard Self.withAddress("0.0.0.0", port, { bind(descriptor, $0, $1) }) == 0 else {
            throw CannotStart(description: "UDP port \(port) cannot be bound")
        }
        Thread.detachNewThread { [descriptor] in
            var buffer = [UInt8](repeating: 0, count: 2_048)
            var peer = sockaddr_in()
            while true {
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                let count = withUnsafeMutablePointer(to: &peer) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                    }
                }
                guard count >= 0 else { return }
                _ = withUnsafePointer(to: &peer) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        sendto(descriptor, buffer, count, 0, $0, length)
                    }
                }
            }
        }
    }

    deinit { close(descriptor) }

    /// Whether a datagram through that address comes back.
    static func answers(_ host: String, _ port: Int, limit: Duration) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        guard withAddress(host, port, { connect(descriptor, $0, $1) }) == 0 else { return false }
        var time = timeval(tv_sec: 0, tv_usec: Int(limit / .microseconds(1)))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        let question = Array("torture \(UInt64.random(in: 0...UInt64.max))".utf8)
        guard send(descriptor, question, question.count, 0) == question.count else { return false }
        var buffer = [UInt8](repeating: 0, count: 2_048)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count == question.count && Array(buffer[..<count]) == question
    }

    private static func withAddress(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return -1 }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
