// TCP sockets that block, with a limit in time on everything.

internal import Glibc

/// Why a connection could not be made or used.
public enum ConnectionFailure: Error, Hashable, CustomStringConvertible {
    /// The other side did not take the connection; `errno`.
    case cannotConnect(Int32)
    /// Nothing could be bound; `errno`.
    case cannotListen(Int32)
    /// The other side closed or reset the connection before an answer was complete.
    case closed
    /// Nothing came in time.
    case timedOut
    /// What came is not HTTP.
    case malformed(String)

    public var description: String {
        switch self {
        case .cannotConnect(let code): "cannot connect: \(String(cString: strerror(code)))"
        case .cannotListen(let code): "cannot listen: \(String(cString: strerror(code)))"
        case .closed: "the connection was closed"
        case .timedOut: "nothing came in time"
        case .malformed(let text): "malformed: \(text)"
        }
    }
}

/// A connection, or a socket that listens. Children of this process do not inherit it.
public final class TCPSocket: Sendable {
    let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Connects to an IPv4 address; every later read and write waits no longer than the limit.
    public static func connect(
        to host: String, port: Int, limit: Duration = .seconds(5)
    ) throws(ConnectionFailure) -> TCPSocket {
        let socket = try make(limit: limit)
        guard withAddress(host, port, { Glibc.connect(socket.descriptor, $0, $1) }) == 0 else {
            throw .cannotConnect(errno)
        }
        return socket
    }

    /// Connects to a socket in the file system.
    public static func connect(
        toFile path: String, limit: Duration = .seconds(5)
    ) throws(ConnectionFailure) -> TCPSocket {
        let socket = try make(limit: limit, family: AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .cannotConnect(ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw .cannotConnect(errno) }
        return socket
    }

    /// Listens on an IPv4 address.
    public static func listen(on host: String, port: Int) throws(ConnectionFailure) -> TCPSocket {
        let socket = try make(limit: nil)
        guard withAddress(host, port, { Glibc.bind(socket.descriptor, $0, $1) }) == 0,
            Glibc.listen(socket.descriptor, 1_024) == 0
        else { throw .cannotListen(errno) }
        return socket
    }

    /// Waits for a connection; absent when the socket was shut down.
    public func accept(limit: Duration) -> TCPSocket? {
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            if connection >= 0 {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                let socket = TCPSocket(descriptor: connection)
                socket.setLimit(limit)
                return socket
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    public func send(_ bytes: [UInt8]) throws(ConnectionFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw errno == EAGAIN ? .timedOut : .closed }
            sent += count
        }
    }

    /// What came, at least one byte; empty when the other side closed.
    public func receive() throws(ConnectionFailure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw errno == EAGAIN ? .timedOut : .closed }
        return Array(buffer[..<count])
    }

    /// Ends both directions; a thread that waits on the socket wakes up.
    public func shutdown() {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private static func make(limit: Duration?, family: Int32 = AF_INET) throws(ConnectionFailure) -> TCPSocket {
        let descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .cannotConnect(errno) }
        let socket = TCPSocket(descriptor: descriptor)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        if let limit { socket.setLimit(limit) }
        return socket
    }

    private func setLimit(_ limit: Duration) {
        let parts = limit.components
        var time = timeval(
            tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
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
