// One watch: changes as the server sends them.

internal import AsyncHTTPClient
internal import JSON
internal import NIOCore

/// Changes of objects from a version on. It ends when the server ends it, which it does every few minutes; go on from
/// the last version that was seen, or let an ``Informer`` do all that.
///
/// Throws ``KubernetesError``: ``KubernetesError/Code/expired`` when the version is too old; and `CancellationError`.
public struct ObjectWatch<Object: KubernetesObject>: AsyncSequence, Sendable {
    public typealias Element = WatchEvent<Object>

    let cluster: Cluster
    var namespace: String?
    var labels: String?
    var fields: String?
    var resourceVersion: String
    /// After how long the server shall end it.
    var timeout: Duration

    /// No object is that large; etcd takes 1.5 MiB.
    static var lineLimit: Int { 16 << 20 }

    public func makeAsyncIterator() -> Iterator { Iterator(watch: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let watch: ObjectWatch
        private var body: HTTPClientResponse.Body.AsyncIterator?
        private var lines = LineSplitter(limit: ObjectWatch.lineLimit)
        private var call = ClusterCall("GET", "")
        private var hasEnded = false

        init(watch: ObjectWatch) {
            self.watch = watch
        }

        /// Opens the watch, if that has not happened. Otherwise the first ``next()`` does it.
        public mutating func open() async throws {
            guard body == nil, !hasEnded else { return }
            let resource = try await watch.cluster.catalog.resource(of: Object.self)
            call.path = resource.path(namespace: watch.namespace)
            call.query = [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", watch.resourceVersion),
                ("timeoutSeconds", "\(watch.timeout.components.seconds)"),
            ]
            if let labels = watch.labels { call.query.append(("labelSelector", labels)) }
            if let fields = watch.fields { call.query.append(("fieldSelector", fields)) }
            body = try await watch.cluster.transport.open(call).makeAsyncIterator()
        }

        public mutating func next() async throws -> WatchEvent<Object>? {
            try await open()
            while !hasEnded {
                try Task.checkCancellation()
                do {
                    while let line = try lines.next() {
                        if let event = try event(line) { return event }
                    }
                } catch let error as LineTooLong {
                    throw KubernetesError(
                        .malformedAnswer, "a line of more than \(error.limit) bytes", request: call.description)
                }
                do {
                    guard let piece = try await body?.next(isolation: #isolation) else {
                        hasEnded = true
                        body = nil
                        break
                    }
                    lines.append(piece.readableBytesView)
                } catch {
                    throw ClusterTransport.failure(error, call)
                }
            }
            return nil
        }

        /// Reads a line; `nil` for one that says nothing.
        private func event(_ line: ArraySlice<UInt8>) throws -> WatchEvent<Object>? {
            if line.allSatisfy({ $0 <= 0x20 }) { return nil }
            let document: JSONValue
            do {
                document = try JSONValue(parsing: line)
            } catch {
                throw KubernetesError(
                    .malformedAnswer, "a line is not JSON: \(error)", request: call.description, underlying: error)
            }
            let json = document["object"] ?? .null
            let type = document["type"]?.string ?? ""
            if type == "ERROR" {
                throw KubernetesError(
                    status: Int(json["code"]?.integer ?? 500), document: json, request: call.description)
            }
            if type == "BOOKMARK" {
                return .bookmark(resourceVersion: json["metadata"]?["resourceVersion"]?.string ?? "")
            }
            do {
                switch type {
                case "ADDED": return .added(try Object(json: json))
                case "MODIFIED": return .modified(try Object(json: json))
                case "DELETED": return .deleted(try Object(json: json))
                default: return nil
                }
            } catch {
                throw KubernetesError(
                    .malformedAnswer, "\(Object.kind): \(error)", request: call.description, underlying: error)
            }
        }
    }
}

extension Cluster {
    /// Changes of objects from a version on.
    ///
    /// - Parameters:
    ///   - namespace: Absent: all namespaces.
    ///   - resourceVersion: That of a list, of an object or of a bookmark.
    ///   - timeout: After how long the server shall end it; whole seconds.
    public func watch<Object: KubernetesObject>(
        _ type: Object.Type, namespace: String? = nil, labels: String? = nil, fields: String? = nil,
        from resourceVersion: String, timeout: Duration = .seconds(300)
    ) -> ObjectWatch<Object> {
        ObjectWatch(
            cluster: self, namespace: namespace, labels: labels, fields: fields, resourceVersion: resourceVersion,
            timeout: timeout)
    }
}
