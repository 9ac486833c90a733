// A small HTTP server and clients for tests, with plain sockets and threads.

import Foundation
import Glibc
import PacketForwarding
import Synchronization
import Testing

@testable import AmphoraAgent
@testable import LoadBalancing

/// Opens a TCP socket on an address.
func tcpSocket(_ address: String, _ port: Int, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32? {
    guard let address = IPAddress(address) else { return nil }
    let descriptor = socket(address.socketFamily, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard address.withSocketAddress(port: port, { use(descriptor, $0, $1) }) == 0 else {
        close(descriptor)
        return nil
    }
    return descriptor
}

/// Reads until an empty line; `nil` when the other side closed or was silent before.
private func readHead(_ descriptor: Int32, _ rest: inout [UInt8]) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
        if let end = rest.firstRange(of: [13, 10, 13, 10]) {
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            rest.removeSubrange(..<end.upperBound)
            return head
        }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        rest += buffer[..<count]
    }
}

/// Answers every request with its name; `/slow` takes a second.
final class HTTPBackend: Sendable {
    let name: String
    let address: String
    let port: Int
    private let listener: ListeningSocket
    private let answers: Answers

    private final class Answers: Sendable {
        let status = Mutex(200)
        let lastHead = Mutex("")
    }

    /// Listens, on a socket that was made elsewhere if there is one.
    init(_ name: String, _ address: String, port: Int = 9_000, socket: Int32? = nil) throws {
        self.name = name
        self.address = address
        self.port = port
        var bound = socket
        if let socket {
            let address = try #require(IPAddress(address))
            try #require(address.withSocketAddress(port: port) { bind(socket, $0, $1) } == 0)
        } else {
            bound = tcpSocket(address, port) { bind($0, $1, $2) }
        }
        let answers = Answers()
        self.answers = answers
        listener = try ListeningSocket(try #require(bound)) { Self.serve($0, name, answers) }
    }

    /// The status of all answers from now on.
    func answer(with status: Int) { answers.status.withLock { $0 = status } }

    /// The head of the last request.
    var lastRequest: String { answers.lastHead.withLock { $0 } }

    func stop() { listener.stop() }

    private static func serve(_ connection: Int32, _ name: String, _ answers: Answers) {
        defer { close(connection) }
        var rest: [UInt8] = []
        while let head = readHead(connection, &rest) {
            answers.lastHead.withLock { $0 = head }
            if head.contains("/slow") { usleep(1_000_000) }
            let status = answers.status.withLock { $0 }
            let answer = "HTTP/1.1 \(status) X\r\nContent-Length: \(name.utf8.count)\r\n\r\n\(name)"
            guard send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { break }
        }
    }
}

/// A client that keeps its connection.
final class HTTPConnection {
    private let descriptor: Int32
    private var rest: [UInt8] = []

    init?(_ address: String, _ port: Int) {
        guard let descriptor = tcpSocket(address, port, { Glibc.connect($0, $1, $2) }) else { return nil }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sends the beginning of a request.
    func begin(_ path: String) -> Bool {
        let request = "GET \(path) HTTP/1.1\r\nHost: te"
        return send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) > 0
    }

    /// Sends the rest of a request that was begun; the status line of the answer.
    func finish() -> String? {
        let rest = "st\r\n\r\n"
        guard send(descriptor, rest, rest.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { return nil }
        return readHead(descriptor, &self.rest)?.split(separator: "\r\n").first.map(String.init)
    }

    /// The body of the answer if its status is 200, and whether the connection stays.
    func get(_ path: String) -> (body: String, stays: Bool)? {
        let request = "GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n"
        guard send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) > 0,
            let head = readHead(descriptor, &rest), head.hasPrefix("HTTP/1.1 200")
        else { return nil }
        let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = field?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while rest.count < length {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            rest += buffer[..<count]
        }
        let body = String(decoding: rest[..<length], as: UTF8.self)
        rest.removeSubrange(..<length)
        return (body, !head.lowercased().contains("connection: close"))
    }
}

/// One request on a connection of its own: the body of a 200.
func get(_ address: String, _ port: Int, _ path: String = "/") -> String? {
    guard let connection = HTTPConnection(address, port) else { return nil }
    return connection.get(path)?.body
}

/// Sends requests all the time and counts.
final class LoadGenerator: Sendable {
    private struct State {
        var isStopped = false
        var running = 0
        var answered = 0
        var failed = 0
    }

    private let state = Mutex(State())

    init(_ address: String, _ port: Int, clients: Int, keepsConnections: Bool) {
        state.withLock { $0.running = clients }
        for _ in 0..<clients {
            Thread.detachNewThread { [self] in
                while !state.withLock({ $0.isStopped }) {
                    var hasFailed = true
                    if let connection = HTTPConnection(address, port) {
                        while let (_, stays) = connection.get("/") {
                            hasFailed = false
                            let isStopped = state.withLock { state in
                                state.answered += 1
                                return state.isStopped
                            }
                            usleep(2_000)
                            if !stays || !keepsConnections || isStopped { break }
                            hasFailed = true
                        }
                    }
                    if hasFailed { state.withLock { $0.failed += 1 } }
                }
                state.withLock { $0.running -= 1 }
            }
        }
    }

    func stop() async throws -> (answered: Int, failed: Int) {
        state.withLock { $0.isStopped = true }
        while state.withLock({ $0.running }) > 0 { try await Task.sleep(for: .milliseconds(5)) }
        return state.withLock { ($0.answered, $0.failed) }
    }
}
