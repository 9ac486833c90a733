// Receives lines of access logs from every HAProxy of the node, and passes them on.

import Glibc
import LoadBalancing
import PacketForwarding
import ProviderDrivers

/// Writes lines of access logs where the node's settings say.
final class AccessLogReceiver: Sendable {
    private let socket: LogSocket
    /// Sends syslog messages; -1 when lines go to a file.
    private let sender: Int32

    /// Starts to receive.
    ///
    /// - Parameter folder: The folder of all load balancers.
    init(
        target: AccessLogTarget, folder: String, credentials: HAProxyConfiguration.Credentials?
    ) throws(DataPlaneError) {
        let sender = Self.openSender(target)
        self.sender = sender
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let hostName = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        do {
            socket = try LogSocket(name: DataPlaneFile.accessLogSocket, folder: folder, credentials: credentials) {
                switch target {
                case .file(let path): Self.append($0, to: path)
                case .syslog(let address, let port): Self.send($0, from: hostName, to: address, port, sender)
                }
            }
        } catch {
            if sender >= 0 { close(sender) }
            throw error
        }
    }

    /// Passes on what has come, and ends.
    func stop() async {
        await socket.stop()
        if sender >= 0 { close(sender) }
    }

    private static func append(_ lines: [[UInt8]], to path: String) {
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
    }

    private static func send(
        _ lines: [[UInt8]], from hostName: String, to address: String, _ port: Int, _ sender: Int32
    ) {
        guard let address = IPAddress(address), sender >= 0 else { return }
        for line in lines {
            // Facility local0, severity informational; HAProxy's line has the time.
            let message = Array("<134>1 - \(hostName.isEmpty ? "-" : hostName) ottava - - - ".utf8) + line
            _ = address.withSocketAddress(port: port) {
                sendto(sender, message, message.count, Int32(MSG_DONTWAIT), $0, $1)
            }
        }
    }

    private static func openSender(_ target: AccessLogTarget) -> Int32 {
        guard case .syslog(let text, _) = target, let address = IPAddress(text) else { return -1 }
        return Glibc.socket(address.socketFamily, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
}
