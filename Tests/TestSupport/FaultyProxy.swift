// A way to a real server on which things go wrong.

internal import Foundation
internal import Glibc
internal import Synchronization

/// Passes connections on to a server, and spoils some of them.
public final class FaultyProxy: Sendable {
    /// What happens to a connection.
    public enum Fault: Sendable, Hashable {
        /// Nothing.
        case none
        /// It is closed when the request has come, which the server does not see.
        case closedBeforeAnswer
        /// The server gets the request; its answer is lost.
        case closedAfterRequest
        /// The answer is cut off in the middle.
        case cutAnswer
        /// The answer comes so slowly that it does not end in time.
        case slow
        /// A proxy in between answers with this status instead; `Retry-After` is a second.
        case answer(status: Int)
    }

    public let port: Int
    private let target: Int
    private let listener: TCPSocket
    /// The faults of the next connections; then none.
    private let faults = Mutex<(next: [Fault], method: String)>(([], ""))
    private let accepted = Mutex(0)

    public init(to target: Int) throws {
        self.target = target
        port = Ports.free()
        listener = try TCPSocket.listen(on: "127.0.0.1", port: port)
        Thread.detachNewThread { [weak self, listener] in
            while let connection = listener.accept(limit: .seconds(30)) {
                guard let self else { return }
                accepted.withLock { $0 += 1 }
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    deinit { listener.shutdown() }

    /// Spoils the next connections, one each.
    ///
    /// - Parameter method: Only those whose request has this method; all if empty.
    public func spoil(_ next: [Fault], method: String = "") { faults.withLock { $0 = (next, method) } }

    private func fault(of request: [UInt8]) -> Fault {
        faults.withLock { faults in
            guard !faults.next.isEmpty, request.starts(with: faults.method.utf8) else { return .none }
            return faults.next.removeFirst()
        }
    }

    public var connectionCount: Int { accepted.withLock { $0 } }

    /// One request of one connection: clients are made to open another for the next.
    private func serve(_ client: TCPSocket) {
        defer { client.shutdown() }
        guard let request = Self.readRequest(client) else { return }
        let fault = fault(of: request)
        if fault == .closedBeforeAnswer { return }
        if case .answer(let status) = fault {
            let text = "HTTP/1.1 \(status) X\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            try? client.send(Array(text.utf8))
            return
        }
        guard let server = try? TCPSocket.connect(to: "127.0.0.1", port: target, limit: .seconds(30)),
            (try? server.send(request)) != nil
        else { return }
        var answer: [UInt8] = []
        while let bytes = try? server.receive(), !bytes.isEmpty { answer += bytes }
        // Or a client would use the connection again that is about to be closed (RFC 9112, section 9.6).
        if let end = answer.firstRange(of: [13, 10]) {
            answer.insert(contentsOf: Array("Connection: close\r\n".utf8), at: end.upperBound)
        }
        switch fault {
        case .closedAfterRequest: return
        case .cutAnswer: try? client.send(Array(answer.prefix(answer.count * 2 / 3)))
        case .slow:
            for byte in answer {
                guard (try? client.send([byte])) != nil else { return }
                usleep(50_000)
            }
        default: try? client.send(answer)
        }
    }

    /// A request with its body, and `Connection: close` instead of what it says.
    private static func readRequest(_ client: TCPSocket) -> [UInt8]? {
        var bytes: [UInt8] = []
        while true {
            if let end = bytes.firstRange(of: [13, 10, 13, 10]) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let lines = head.split(separator: "\r\n").filter { !$0.lowercased().hasPrefix("connection:") }
                let length =
                    lines.compactMap { line -> Int? in
                        guard line.lowercased().hasPrefix("content-length:") else { return nil }
                        return Int(line.dropFirst("content-length:".count).drop { $0 == " " })
                    }.first ?? 0
                if bytes.count >= end.upperBound + length {
                    let text = (lines.map(String.init) + ["Connection: close", "", ""]).joined(separator: "\r\n")
                    return Array(text.utf8) + bytes[end.upperBound...]
                }
            }
            guard let more = try? client.receive(), !more.isEmpty else { return nil }
            bytes += more
        }
    }
}
