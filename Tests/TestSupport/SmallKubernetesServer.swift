// A small Kubernetes API within the process of the tests.

internal import Foundation
internal import JSON
internal import Synchronization

/// Serves what a kube-apiserver of 1.20, which tests can build, does not have (discovery.k8s.io/v1, loadBalancerClass,
/// ipMode), and faults on demand. It knows list, watch, get, create, replace, patch and delete, versions and conflicts,
/// finalizers, the status subresource, and what is filled in for Services; no validation and no rights.
public final class SmallKubernetesServer: Sendable {
    /// A fault for one of the next requests.
    public enum Fault: Sendable {
        case status(Int, retryAfter: Int? = nil)
        /// The connection closes without an answer.
        case close
    }

    private struct Behaviour {
        var faults: [Fault] = []
        var requests: [String] = []
        var tokens: Set<String>?
        var pieceSize = Int.max
        var watchEpoch = 0
        var lines: [String] = []
        var isStopped = false
        var isPaused = false
        var connections: [ObjectIdentifier: TCPSocket] = [:]
    }

    public let port = Ports.free()
    private let served: Set<String>
    private let store = KubernetesObjectStore()
    private let behaviour = Mutex(Behaviour())
    private let listener: TCPSocket

    public var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameter groups: The versions that are served, by their paths.
    public init(
        groups: Set<String> = [
            "/api/v1", "/apis/discovery.k8s.io/v1", "/apis/networking.k8s.io/v1", "/apis/coordination.k8s.io/v1",
        ]
    ) throws {
        served = groups
        listener = try TCPSocket.listen(on: "127.0.0.1", port: port)
        Thread.detachNewThread { [weak self, listener] in
            while let connection = listener.accept(limit: .seconds(3600)) {
                guard let self else { return }
                behaviour.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
                Thread.detachNewThread { [weak self] in
                    self?.serve(connection)
                    connection.shutdown()
                    self?.behaviour.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
                }
            }
        }
    }

    deinit { stop() }

    /// Closes everything.
    public func stop() {
        let connections = behaviour.withLock { behaviour in
            behaviour.isStopped = true
            return Array(behaviour.connections.values)
        }
        listener.shutdown()
        for connection in connections { connection.shutdown() }
    }

    /// Writes a kubeconfig without credentials.
    public func writeKubeconfig(to path: String) throws {
        try Files.write(
            """
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "\(url)"}}]
            contexts: [{name: test, context: {cluster: test}}]
            """, to: path)
    }

    /// Has the next requests that are no watches fail, one after the other.
    public func fail(_ faults: Fault...) { behaviour.withLock { $0.faults += faults } }

    /// Accepts these tokens only; absent: anybody.
    public func accept(tokens: Set<String>?) { behaviour.withLock { $0.tokens = tokens } }

    /// Sends watches in pieces of at most so many bytes.
    public func setPieceSize(_ size: Int) { behaviour.withLock { $0.pieceSize = size } }

    /// Ends all watches, as the real server does every few minutes.
    public func endWatches() { behaviour.withLock { $0.watchEpoch += 1 } }

    /// Has watches tell nothing until ``resumeWatches()``.
    public func pauseWatches() { behaviour.withLock { $0.isPaused = true } }

    public func resumeWatches() { behaviour.withLock { $0.isPaused = false } }

    /// Sends this line on watches that start from now on, before anything else.
    public func injectLine(_ line: String) { behaviour.withLock { $0.lines.append(line) } }

    /// Has watches from before now be refused as too old.
    public func forgetHistory() { store.forgetHistory() }

    /// Method and target of all requests.
    public var requests: [String] { behaviour.withLock { $0.requests } }

    // MARK: HTTP

    private struct Request {
        var method: String
        var path: String
        var query: [String: String]
        var headers: [String: String]
        var body: [UInt8]
    }

    private func serve(_ connection: TCPSocket) {
        var rest: [UInt8] = []
        while let request = Self.read(connection, &rest) {
            guard answer(request, connection) else { return }
        }
    }

    private static func read(_ connection: TCPSocket, _ rest: inout [UInt8]) -> Request? {
        func more() -> Bool {
            guard let bytes = try? connection.receive(), !bytes.isEmpty else { return false }
            rest += bytes
            return true
        }
        var end = rest.firstRange(of: [13, 10, 13, 10])
        while end == nil {
            guard more() else { return nil }
            end = rest.firstRange(of: [13, 10, 13, 10])
        }
        guard let end else { return nil }
        let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        rest.removeSubrange(..<end.upperBound)
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3, let target = URLComponents(string: words[1]) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        while rest.count < length { guard more() else { return nil } }
        let body = Array(rest[..<length])
        rest.removeSubrange(..<length)
        let query = (target.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        return Request(
            method: words[0], path: target.percentEncodedPath, query: Dictionary(query) { $1 }, headers: headers,
            body: body)
    }

    /// Answers a request; false closes the connection.
    private func answer(_ request: Request, _ connection: TCPSocket) -> Bool {
        let isWatch = request.query["watch"] == "true"
        let (fault, isKnown) = behaviour.withLock { behaviour -> (Fault?, Bool) in
            let query =
                request.query.isEmpty ? "" : "?\(request.query.map { "\($0)=\($1)" }.sorted().joined(separator: "&"))"
            behaviour.requests.append("\(request.method) \(request.path)\(query)")
            let token = request.headers["authorization"].map { String($0.dropFirst("Bearer ".count)) } ?? ""
            let fault = isWatch || behaviour.faults.isEmpty ? nil : behaviour.faults.removeFirst()
            return (fault, behaviour.tokens?.contains(token) ?? true)
        }
        switch fault {
        case .close: return false
        case .status(let status, let pause):
            let refusal = KubernetesRefusal(status: status, reason: "Fault", message: "as the test wants it")
            return send(refusal, connection, retryAfter: pause)
        case nil: break
        }
        do {
            guard isKnown else {
                throw KubernetesRefusal(status: 401, reason: "Unauthorized", message: "Unauthorized")
            }
            if let document = discovery(request.path) { return send(200, document, connection) }
            guard let place = KubernetesPlace(path: request.path), served.contains(place.root), !place.kind.isEmpty
            else {
                throw KubernetesRefusal(
                    status: 404, reason: "NotFound", message: "the server could not find the requested resource")
            }
            if isWatch { return watch(place, request, connection) }
            return send(request.method == "POST" ? 201 : 200, try operate(place, request), connection)
        } catch let refusal as KubernetesRefusal {
            return send(refusal, connection)
        } catch {
            return send(
                KubernetesRefusal(status: 400, reason: "BadRequest", message: "\(error)"), connection)
        }
    }

    private func discovery(_ path: String) -> JSONValue? {
        if path == "/readyz" { return "ok" }
        if path == "/version" { return ["gitVersion": "v1.99.0-small", "major": "1", "minor": "99"] }
        guard served.contains(path) else { return nil }
        return [
            "kind": "APIResourceList",
            "resources": .array(KubernetesPlace.kinds.map { ["name": .string($0.key), "kind": .string($0.value)] }),
        ]
    }

    private func operate(_ place: KubernetesPlace, _ request: Request) throws -> JSONValue {
        switch request.method {
        case "GET" where place.name.isEmpty:
            let (all, version) = store.list(place)
            let items = all.filter { matches($0, request.query) }
            let start = Int(request.query["continue"] ?? "") ?? 0
            let limit = Int(request.query["limit"] ?? "") ?? Int.max
            let page = items.dropFirst(start).prefix(limit)
            var metadata: [String: JSONValue] = ["resourceVersion": .string("\(version)")]
            if page.endIndex < items.count { metadata["continue"] = .string("\(page.endIndex)") }
            return ["kind": .string("\(place.kind)List"), "metadata": .object(metadata), "items": .array(Array(page))]
        case "GET": return try store.get(place)
        case "POST": return try store.create(JSONValue(parsing: request.body), in: place)
        case "PUT":
            let body = try JSONValue(parsing: request.body)
            return try store.change(place) { _ in body }
        case "PATCH":
            let body = try JSONValue(parsing: request.body)
            let isMerge = request.headers["content-type"]?.hasPrefix("application/merge-patch+json") == true
            return try store.change(place) { object in
                isMerge ? Self.merge(object, body) : try Self.operations(object, body)
            }
        case "DELETE":
            let options = try? JSONValue(parsing: request.body)
            return try store.delete(place, uid: options?["preconditions"]?["uid"]?.string)
        default:
            throw KubernetesRefusal(status: 405, reason: "MethodNotAllowed", message: "not allowed")
        }
    }

    private func watch(_ place: KubernetesPlace, _ request: Request, _ connection: TCPSocket) -> Bool {
        let (epoch, lines) = behaviour.withLock { behaviour in
            defer { behaviour.lines = [] }
            return (behaviour.watchEpoch, behaviour.lines)
        }
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        guard (try? connection.send(Array(head.utf8))) != nil else { return false }
        for line in lines { guard sendLine(Array("\(line)\n".utf8), connection) else { return false } }
        var version = Int(request.query["resourceVersion"] ?? "") ?? store.version
        let end = Date.now.addingTimeInterval(Double(request.query["timeoutSeconds"] ?? "300") ?? 300)
        var nextBookmark = Date.now.addingTimeInterval(1)
        func send(_ type: String, _ object: JSONValue) -> Bool {
            let event: JSONValue = ["type": .string(type), "object": object]
            return sendLine(JSONWriter.bytes(of: event) + [10], connection)
        }
        while Date.now < end, behaviour.withLock({ $0.watchEpoch == epoch && !$0.isStopped }) {
            if behaviour.withLock({ $0.isPaused }) {
                usleep(5_000)
                continue
            }
            guard let changes = store.changes(after: version) else {
                _ = send(
                    "ERROR",
                    [
                        "kind": "Status", "code": 410, "reason": "Expired",
                        "message": .string("too old resource version: \(version)"),
                    ])
                break
            }
            for change in changes {
                version = change.version
                guard change.place.root == place.root, change.place.resource == place.resource,
                    place.namespace.isEmpty || change.place.namespace == place.namespace,
                    matches(change.object, request.query)
                else { continue }
                guard send(change.type, change.object) else { return false }
            }
            if Date.now > nextBookmark, request.query["allowWatchBookmarks"] == "true" {
                nextBookmark = Date.now.addingTimeInterval(1)
                let metadata: JSONValue = ["resourceVersion": .string("\(version)")]
                guard send("BOOKMARK", ["kind": .string(place.kind), "metadata": metadata]) else { return false }
            }
            usleep(5_000)
        }
        return (try? connection.send(Array("0\r\n\r\n".utf8))) != nil
    }

    private func sendLine(_ line: [UInt8], _ connection: TCPSocket) -> Bool {
        let size = behaviour.withLock { $0.pieceSize }
        var rest = line[...]
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(piece.count)
            let chunk = Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10]
            guard (try? connection.send(chunk)) != nil else { return false }
        }
        return true
    }

    private func send(_ refusal: KubernetesRefusal, _ connection: TCPSocket, retryAfter: Int? = nil) -> Bool {
        let document: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": .integer(Int64(refusal.status)),
            "reason": .string(refusal.reason), "message": .string(refusal.message),
        ]
        return send(refusal.status, document, connection, retryAfter: retryAfter)
    }

    private func send(_ status: Int, _ document: JSONValue, _ connection: TCPSocket, retryAfter: Int? = nil) -> Bool {
        let body = JSONWriter.bytes(of: document)
        let pause = retryAfter.map { "Retry-After: \($0)\r\n" } ?? ""
        let head =
            "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(pause)Content-Length: \(body.count)\r\n\r\n"
        return (try? connection.send(Array(head.utf8) + body)) != nil
    }

    // MARK: Selectors and patches

    private func matches(_ object: JSONValue, _ query: [String: String]) -> Bool {
        let metadata = object["metadata"]
        for term in (query["labelSelector"] ?? "").split(separator: ",") {
            let parts = term.split(separator: "=", omittingEmptySubsequences: true).map(String.init)
            let isNegated = parts[0].hasSuffix("!")
            let value = metadata?["labels"]?[parts[0].replacing("!", with: "")]?.string
            let isThere = parts.count > 1 ? value == parts[1] : value != nil
            guard isThere != isNegated else { return false }
        }
        for term in (query["fieldSelector"] ?? "").split(separator: ",") {
            let parts = term.split(separator: "=", omittingEmptySubsequences: true).map(String.init)
            let value = parts[0].split(separator: ".").reduce(object as JSONValue?) { $0?[String($1)] }
            guard value?.string == parts.last else { return false }
        }
        return true
    }

    private static func merge(_ old: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard let changes = patch.object else { return patch }
        var result = old.object ?? [:]
        for (key, value) in changes {
            if value.isNull {
                result.removeValue(forKey: key)
            } else {
                result[key] = merge(result[key] ?? .null, value)
            }
        }
        return .object(result)
    }

    /// RFC 6902 on members of objects and positions of arrays.
    private static func operations(_ object: JSONValue, _ patch: JSONValue) throws -> JSONValue {
        func change(_ value: JSONValue, _ path: ArraySlice<String>, _ operation: JSONValue) throws -> JSONValue {
            let refusal = KubernetesRefusal(
                status: 422, reason: "Invalid",
                message: "the server rejected our request due to an error in our request")
            guard let key = path.first else { throw refusal }
            let kind = operation["op"]?.string ?? ""
            let new = operation["value"] ?? .null
            if var array = value.array {
                let index = key == "-" ? array.count : Int(key) ?? -1
                guard index >= 0, index <= array.count else { throw refusal }
                if path.count > 1 {
                    array[index] = try change(array[index], path.dropFirst(), operation)
                } else if kind == "add" {
                    array.insert(new, at: index)
                } else if index == array.count {
                    throw refusal
                } else if kind == "remove" {
                    array.remove(at: index)
                } else if kind == "replace" {
                    array[index] = new
                } else if array[index] != new {
                    throw refusal
                }
                return .array(array)
            }
            guard var members = value.object else { throw refusal }
            if path.count > 1 {
                guard let below = members[key] else { throw refusal }
                members[key] = try change(below, path.dropFirst(), operation)
            } else if kind == "add" {
                members[key] = new
            } else if members[key] == nil {
                throw refusal
            } else if kind == "remove" {
                members[key] = nil
            } else if kind == "replace" {
                members[key] = new
            } else if members[key] != new {
                throw refusal
            }
            return .object(members)
        }
        return try (patch.array ?? []).reduce(object) { object, operation in
            let parts = (operation["path"]?.string ?? "").components(separatedBy: "/").dropFirst()
            let path = parts.map { $0.replacing("~1", with: "/").replacing("~0", with: "~") }
            return try change(object, path[...], operation)
        }
    }
}
