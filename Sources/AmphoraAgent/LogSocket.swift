// Receives lines that the HAProxy processes of the node log.

import CLinux
import Glibc
import NIOPosix
import PacketForwarding
import ProviderDrivers
import Synchronization

/// A datagram socket that has a name in the folder of each load balancer.
///
/// HAProxy may enter no other folder, and may live in a network of its own; a Unix socket by a hard link works in both
/// cases. HAProxy never waits for the reader: while no agent runs, or when it falls behind, lines are lost.
final class LogSocket: Sendable {
    private let socket: Int32
    /// The socket's own name, in the data directory.
    private let path: String
    private let pipe: WakePipe
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let isStopped = Mutex(false)
    private let receive: @Sendable ([[UInt8]]) -> Void

    /// Starts to receive.
    ///
    /// - Parameters:
    ///   - name: The name of the socket in every folder.
    ///   - folder: The folder of all load balancers.
    ///   - credentials: Who may write to it.
    ///   - receive: Gets some lines at a time, without control characters at their ends, on a thread of the socket.
    init(
        name: String, folder: String, credentials: HAProxyConfiguration.Credentials?,
        receive: @escaping @Sendable ([[UInt8]]) -> Void
    ) throws(DataPlaneError) {
        self.receive = receive
        path = "\(folder)/\(name)"
        pipe = try WakePipe()
        socket = Glibc.socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        unlink(path)
        var size: Int32 = 4 << 20
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        guard socket >= 0, Self.bind(socket, name, in: folder) else {
            throw DataPlaneError(
                .node, "The data plane could not open a socket of its logs.",
                detail: "\(path): \(String(cString: strerror(errno)))")
        }
        chmod(path, 0o600)
        if let credentials { chown(path, credentials.user, credentials.group) }
        thread.start()
        thread.submit { [self] _ in run() }
    }

    /// Gives a socket a name in the folder that a HAProxy runs in.
    static func link(_ name: String, from folder: String, into runFolder: String) {
        let (origin, name) = ("\(folder)/\(name)", "\(runFolder)/\(name)")
        var (there, wanted) = (stat(), stat())
        guard stat(origin, &wanted) == 0 else { return }
        if stat(name, &there) == 0, there.st_ino == wanted.st_ino { return }
        unlink(name)
        Glibc.link(origin, name)
    }

    /// Passes on what has come, and ends.
    func stop() async {
        isStopped.withLock { $0 = true }
        pipe.wake()
        try? await thread.shutdownGracefully()
    }

    private func run() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var isEnding = false
        while !isEnding {
            var polled = [
                pollfd(fd: pipe.readingEnd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 {
                pipe.drain()
                isEnding = isStopped.withLock { $0 }
            }
            var lines: [[UInt8]] = []
            while lines.count < 1_000 {
                let count = recv(socket, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                let line = buffer[..<count].filter { $0 != 10 && $0 != 13 && $0 != 0 }
                if !line.isEmpty { lines.append(Array(line)) }
            }
            if !lines.isEmpty { receive(lines) }
        }
        unlink(path)
        close(socket)
        pipe.closeBothEnds()
    }

    /// By way of a descriptor of the folder, because a path may have only 107 bytes.
    private static func bind(_ socket: Int32, _ name: String, in folder: String) -> Bool {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return false }
        defer { close(directory) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: "/proc/self/fd/\(directory)/\(name)".utf8)
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
