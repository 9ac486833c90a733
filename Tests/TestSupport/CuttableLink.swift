// A way to a real server that can be cut, as networks are.

internal import Foundation
internal import Synchronization

/// Passes connections to a port on to a socket in the file system, until it is told not to.
public final class CuttableLink: Sendable {
    private enum Condition { case open, cut, silent, ended }

    private struct State {
        var condition = Condition.open
        var sockets: [ObjectIdentifier: TCPSocket] = [:]
    }

    public let port: Int
    private let target: String
    private let listener: TCPSocket
    private let state = Mutex(State())

    public init(to target: String) throws {
        self.target = target
        port = Ports.free()
        listener = try TCPSocket.listen(on: "127.0.0.1", port: port)
        Thread.detachNewThread { [self] in
            while let connection = listener.accept(limit: .seconds(3_600)) {
                Thread.detachNewThread { [self] in serve(connection) }
            }
        }
    }

    /// Closes all connections, and every new one at once.
    public func cut() {
        let sockets = state.withLock { state in
            state.condition = .cut
            return state.sockets.values
        }
        for socket in sockets { socket.shutdown() }
    }

    /// Passes nothing on, and tells nobody; what waits is passed on after ``mend()``.
    public func silence() { state.withLock { $0.condition = .silent } }

    public func mend() { state.withLock { $0.condition = .open } }

    /// Ends for good.
    public func end() {
        cut()
        state.withLock { $0.condition = .ended }
        listener.shutdown()
    }

    private func serve(_ client: TCPSocket) {
        guard waitUntilOpen(), let server = try? TCPSocket.connect(toFile: target, limit: .seconds(3_600)) else {
            return client.shutdown()
        }
        for socket in [client, server] { state.withLock { $0.sockets[ObjectIdentifier(socket)] = socket } }
        // One that was cut meanwhile did not see these.
        if state.withLock({ $0.condition == .cut }) { for socket in [client, server] { socket.shutdown() } }
        Thread.detachNewThread { [self] in pass(server, client) }
        pass(client, server)
        for socket in [client, server] { state.withLock { $0.sockets[ObjectIdentifier(socket)] = nil } }
    }

    private func pass(_ source: TCPSocket, _ target: TCPSocket) {
        while let bytes = try? source.receive(), !bytes.isEmpty, waitUntilOpen() {
            guard (try? target.send(bytes)) != nil else { break }
        }
        source.shutdown()
        target.shutdown()
    }

    /// False when the link is cut.
    private func waitUntilOpen() -> Bool {
        while true {
            switch state.withLock({ $0.condition }) {
            case .open: return true
            case .cut, .ended: return false
            case .silent: Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }
}
