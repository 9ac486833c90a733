// An HTTP/1.1 client on one connection.

public import JSON

/// An answer.
public struct HTTPAnswer: Sendable {
    public var status: Int
    /// By name in lower case; of repeated fields the values one after the other.
    public var headers: [String: [String]]
    public var body: [UInt8]

    public func header(_ name: String) -> String? { headers[name.lowercased()]?.first }
    public var text: String { String(decoding: body, as: UTF8.self) }
    /// The body, `null` if it is not JSON.
    public var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

/// A connection that is kept as long as the server keeps it.
public final class HTTPConnection {
    private let host: String
    private let socket: TCPSocket
    private var rest: [UInt8] = []
    /// Whether another request may be sent.
    public private(set) var isOpen = true

    public init(to host: String, port: Int, limit: Duration = .seconds(5)) throws(ConnectionFailure) {
        self.host = "\(host):\(port)"
        socket = try TCPSocket.connect(to: host, port: port, limit: limit)
    }

    /// Sends a request and waits for the answer.
    public func request(
        _ method: String = "GET", _ path: String = "/", headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws(ConnectionFailure) -> HTTPAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { head += "Host: \(host)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        do {
            try socket.send(Array((head + "\r\n").utf8) + (body ?? []))
        } catch .closed {
            // A server that refuses a body may answer and close before it has read all of it.
        }
        return try answer(hasBody: method != "HEAD")
    }

    /// Waits for an answer to bytes that were sent.
    private func answer(hasBody: Bool) throws(ConnectionFailure) -> HTTPAnswer {
        let head = try readHead()
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw .malformed(String(head.prefix(80)))
        }
        var headers: [String: [String]] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed(String(line.prefix(80))) }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased(), default: []].append(String(value))
        }
        if (100..<200).contains(status) { return try answer(hasBody: hasBody) }
        var answer = HTTPAnswer(status: status, headers: headers, body: [])
        let closes = answer.header("connection")?.lowercased() == "close" || words[0] == "HTTP/1.0"
        if !hasBody || status == 204 || status == 304 {
            answer.body = []
        } else if answer.header("transfer-encoding")?.lowercased() == "chunked" {
            answer.body = try readChunks()
        } else if let length = answer.header("content-length") {
            guard let length = Int(length) else { throw .malformed("Content-Length: \(length)") }
            answer.body = try read(length)
        } else {
            answer.body = try readToEnd()
        }
        if closes { isOpen = false }
        return answer
    }

    private func readHead() throws(ConnectionFailure) -> String {
        while true {
            if let end = rest.firstRange(of: [13, 10, 13, 10]) {
                let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
                rest.removeSubrange(..<end.upperBound)
                return head
            }
            try readMore()
        }
    }

    private func read(_ count: Int) throws(ConnectionFailure) -> [UInt8] {
        while rest.count < count { try readMore() }
        let bytes = Array(rest[..<count])
        rest.removeSubrange(..<count)
        return bytes
    }

    private func readChunks() throws(ConnectionFailure) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            while rest.firstRange(of: [13, 10]) == nil { try readMore() }
            let end = rest.firstRange(of: [13, 10])!
            let size = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            guard let size = Int(size.prefix { $0.isHexDigit }, radix: 16) else { throw .malformed("chunk \(size)") }
            rest.removeSubrange(..<end.upperBound)
            body += try read(size)
            _ = try read(2)
            if size == 0 { return body }
        }
    }

    private func readToEnd() throws(ConnectionFailure) -> [UInt8] {
        isOpen = false
        while true {
            let bytes = try socket.receive()
            if bytes.isEmpty { break }
            rest += bytes
        }
        defer { rest = [] }
        return rest
    }

    private func readMore() throws(ConnectionFailure) {
        let bytes = try socket.receive()
        guard !bytes.isEmpty else { throw .closed }
        rest += bytes
    }
}

/// One request on a connection of its own.
public func fetch(
    _ host: String, _ port: Int, _ path: String = "/", headers: [(String, String)] = [],
    limit: Duration = .seconds(5)
) throws(ConnectionFailure) -> HTTPAnswer {
    try HTTPConnection(to: host, port: port, limit: limit)
        .request("GET", path, headers: headers + [("Connection", "close")])
}
