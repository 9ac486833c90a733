// Receives lines of access logs from every HAProxy of the node, and passes them on.

import CLinux
import Glibc
import LoadBalancing
import NIOPosix
import PacketForwarding
import ProviderDrivers
import Synchronization

/// A datagram socket that has a name in the folder of each load balancer.
///
/// HAProxy may enter no other folder, and may live in a network of its own; a Unix socket by a hard link works in both
/// cases. HAProxy never waits for the reader: while no agent runs, or when it falls behind, lines are lost.
final class AccessLogReceiver: Sendable {
    private let target: AccessLogTarget
    private let socket: Int32
    /// The socket's own name, in the data directory.
    private let path: String
    private let pipe: WakePipe
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let isStopped = Mutex(false)
    private let hostName: String

    /// Starts to receive.
    ///
    /// - Parameter folder: The folder of all load balancers.
    init(
        target: AccessLogTarget, folder: String, credentials: HAProxyConfiguration.Credentials?
    ) throws(DataPlaneError) {
        self.target = target
        path = "\(folder)/\(DataPlaneFile.accessLogSocket)"
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        hostName = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        pipe = try WakePipe()
        socket = Glibc.socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        unlink(path)
        var size: Int32 = 4 << 20
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        guard socket >= 0, Self.bind(socket, in: folder) else {
            throw DataPlaneError(
                .node, "The data plane could not open the socket of the access log.",
                detail: "\(path): \(String(cString: strerror(errno)))")
        }
        chmod(path, 0o600)
        if let credentials { chown(path, credentials.user, credentials.group) }
        thread.start()
        thread.submit { [self] _ in receive() }
    }

    /// Gives the socket a name in the folder that a HAProxy runs in.
    static func link(from folder: String, into runFolder: String) {
        let name = "\(runFolder)/\(DataPlaneFile.accessLogSocket)"
        let origin = "\(folder)/\(DataPlaneFile.accessLogSocket)"
        var (there, wanted) = (stat(), stat())
        if stat(origin, &wanted) == 0, stat(name, &there) == 0, there.st_ino == wanted.st_ino { return }
        unlink(name)
        Glibc.link(origin, name)
    }

    /// Passes on what has come, and ends.
    func stop() async {
        isStopped.withLock { $0 = true }
        pipe.wake()
        try? await thread.shutdownGracefully()
    }

    private func receive() {
        let sender = openSender()
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
            pass(lines, sender)
        }
        unlink(path)
        close(socket)
        if sender >= 0 { close(sender) }
        pipe.closeBothEnds()
    }

    private func pass(_ lines: [[UInt8]], _ sender: Int32) {
        guard !lines.isEmpty else { return }
        switch target {
        case .file(let path):
            let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { return }
            defer { close(file) }
            var bytes = Array(lines.joined(separator: [10]) + [10])[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                bytes = bytes.dropFirst(count)
            }
        case .syslog(let address, let port):
            guard let address = IPAddress(address), sender >= 0 else { return }
            for line in lines {
                // Facility local0, severity informational; HAProxy's line has the time.
                let message = Array("<134>1 - \(hostName.isEmpty ? "-" : hostName) ottava - - - ".utf8) + line
                _ = address.withSocketAddress(port: port) {
                    sendto(sender, message, message.count, Int32(MSG_DONTWAIT), $0, $1)
                }
            }
        }
    }

    private func openSender() -> Int32 {
        guard case .syslog(let text, _) = target, let address = IPAddress(text) else { return -1 }
        return Glibc.socket(address.socketFamily, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// By way of a descriptor of the folder, because a path may have only 107 bytes.
    private static func bind(_ socket: Int32, in folder: String) -> Bool {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return false }
        defer { close(directory) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: "/proc/self/fd/\(directory)/\(DataPlaneFile.accessLogSocket)".utf8)
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
