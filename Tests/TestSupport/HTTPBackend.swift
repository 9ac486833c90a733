// A small HTTP server for load balancers to send requests to.

internal import Foundation
internal import Glibc
internal import Synchronization

/// Answers every request with its name; to `/slow` after a second.
public final class HTTPBackend: Sendable {
    private struct State {
        var listener: TCPSocket?
        var connections: [ObjectIdentifier: TCPSocket] = [:]
        var requests = 0
        var lastHead = ""
        var status = 200
        var cookie: String?
        var delay = Duration.zero
    }

    public let name: String
    public let address: String
    public let port: Int
    private let state = Mutex(State())

    public init(_ name: String, address: String = "127.0.0.1", port: Int = Ports.free()) throws {
        self.name = name
        self.address = address
        self.port = port
        try start()
    }

    deinit { stop() }

    /// Listens again after ``stop()``.
    public func start() throws {
        let listener = try TCPSocket.listen(on: address, port: port)
        state.withLock { $0.listener = listener }
        Thread.detachNewThread { [weak self] in
            while let connection = listener.accept(limit: .seconds(30)) {
                guard let self else { return }
                state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
                Thread.detachNewThread { [weak self] in
                    Self.serve(connection) { self?.respond(to: $0) }
                    self?.state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
                }
            }
        }
    }

    /// Closes everything, as if the program had ended.
    public func stop() {
        let sockets = state.withLock { state in
            defer {
                state.listener = nil
                state.connections = [:]
            }
            return (state.listener.map { [$0] } ?? []) + state.connections.values
        }
        for socket in sockets { socket.shutdown() }
        // The port is free when the thread that accepts has let go of the socket.
        usleep(10_000)
    }

    /// How many requests were answered, those of health monitors included.
    public var requestCount: Int { state.withLock { $0.requests } }

    /// The head of the last request, in lower case.
    public var lastRequest: String { state.withLock { $0.lastHead.lowercased() } }

    /// The status of all answers from now on.
    public func answer(with status: Int) { state.withLock { $0.status = status } }

    /// Sets a cookie of this name in all answers from now on; its value is the name of the backend.
    public func setCookie(_ name: String?) { state.withLock { $0.cookie = name } }

    /// Waits before all answers from now on.
    public func delay(_ delay: Duration) { state.withLock { $0.delay = delay } }

    private func respond(to head: String) -> String {
        let (status, cookie, delay) = state.withLock { state in
            state.requests += 1
            state.lastHead = head
            return (state.status, state.cookie, head.contains(" /slow") ? .seconds(1) : state.delay)
        }
        if delay > .zero { usleep(UInt32(delay / .microseconds(1))) }
        let field = cookie.map { "Set-Cookie: \($0)=\(name); path=/\r\n" } ?? ""
        let body = head.hasPrefix("HEAD ") ? "" : name
        return "HTTP/1.1 \(status) X\r\n\(field)Content-Length: \(name.utf8.count)\r\n\r\n\(body)"
    }

    private static func serve(_ connection: TCPSocket, _ respond: (String) -> String?) {
        var rest: [UInt8] = []
        while let bytes = try? connection.receive(), !bytes.isEmpty {
            rest += bytes
            while let end = rest.firstRange(of: [13, 10, 13, 10]) {
                let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
                rest.removeSubrange(..<end.upperBound)
                guard let answer = respond(head), (try? connection.send(Array(answer.utf8))) != nil else { return }
            }
        }
        connection.shutdown()
    }
}
