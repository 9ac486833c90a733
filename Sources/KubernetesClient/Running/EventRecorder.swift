// Tells users what happens to their objects.

internal import JSON
internal import Logging
internal import Synchronization

/// Whether an event needs somebody's attention.
public enum EventType: String, Sendable, Hashable {
    case normal = "Normal"
    case warning = "Warning"
}

/// Writes events. What repeats is counted in one event; an object with very many gets fewer.
///
/// ``record(_:about:type:reason:)`` does not wait: ``run()`` writes. Events that cannot be written are dropped, as
/// everywhere in Kubernetes: they are a courtesy.
public final class EventRecorder: Sendable {
    private struct Item: Sendable {
        var object: ObjectReference
        var type: EventType
        var reason: String
        var message: String
        var time: String
    }

    /// What makes two events the same.
    private struct Sameness: Hashable {
        var object: ObjectReference
        var type: EventType
        var reason: String
        var message: String
    }

    private struct Written {
        var key: ObjectKey
        var count: Int
    }

    private let cluster: Cluster
    private let component: String
    private let instance: String
    private let stream: AsyncStream<Item>
    private let continuation: AsyncStream<Item>.Continuation

    /// How many waiting events are kept at most; older ones go first.
    private static let capacity = 4096
    /// How many different events are remembered, so as to count them.
    private static let memory = 4096
    /// An object's events in the long run and at once; as in Kubernetes's own components.
    private static let limit = RateLimit(perSecond: 1 / 300, burst: 25)

    /// - Parameters:
    ///   - component: Who tells, such as `service-controller`.
    ///   - instance: Which of several processes.
    public init(_ cluster: Cluster, component: String, instance: String = "") {
        self.cluster = cluster
        self.component = component
        self.instance = instance
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.capacity))
    }

    /// Notes an event about an object that was read from the cluster.
    ///
    /// - Parameters:
    ///   - message: A sentence; cut at 1024 bytes, which is all that the API takes.
    ///   - reason: One word in CamelCase.
    public func record<Object: KubernetesObject>(
        _ message: String, about object: Object, type: EventType = .normal, reason: String
    ) {
        record(message, about: ObjectReference(to: object), type: type, reason: reason)
    }

    public func record(
        _ message: String, about object: ObjectReference, type: EventType = .normal, reason: String
    ) {
        continuation.yield(
            Item(object: object, type: type, reason: reason, message: Self.cut(message), time: KubernetesTime.now()))
    }

    /// Writes events until ``finish()`` was called and all are written, or the task is cancelled.
    public func run() async {
        var written: [Sameness: Written] = [:]
        var order: [Sameness] = []
        var gates: [ObjectReference: RequestGate] = [:]
        for await item in stream {
            var object = item.object
            object.resourceVersion = ""
            let sameness = Sameness(object: object, type: item.type, reason: item.reason, message: item.message)
            if gates.count > Self.memory { gates = [:] }
            let gate = gates[object] ?? RequestGate(Self.limit)
            gates[object] = gate
            guard gate.takeAtOnce() else { continue }
            do {
                if let before = written[sameness], try await repeated(item, before) {
                    written[sameness]?.count += 1
                    continue
                }
                let key = try await create(item)
                written[sameness] = Written(key: key, count: 1)
                order.append(sameness)
                if order.count > Self.memory {
                    for old in order.prefix(Self.memory / 2) { written[old] = nil }
                    order.removeFirst(Self.memory / 2)
                }
            } catch is CancellationError {
                return
            } catch {
                cluster.logger.debug(
                    "an event is lost",
                    metadata: ["reason": "\(item.reason)", "message": "\(item.message)", "error": "\(error)"])
            }
        }
    }

    /// Has ``run()`` end after what has been recorded so far.
    public func finish() { continuation.finish() }

    /// Counts an event that was written before; false if it is gone.
    private func repeated(_ item: Item, _ before: Written) async throws -> Bool {
        do {
            try await cluster.patch(
                Event.self, before.key,
                .merge(["count": .integer(Int64(before.count + 1)), "lastTimestamp": .string(item.time)]))
            return true
        } catch let error as KubernetesError where error.code == .notFound {
            return false
        }
    }

    private func create(_ item: Item) async throws -> ObjectKey {
        var event = Event()
        let namespace = item.object.namespace.isEmpty ? "default" : item.object.namespace
        let suffix = String(UInt64.random(in: .min ... .max), radix: 16)
        event.metadata = ObjectMeta(namespace: namespace, name: "\(item.object.name.prefix(200)).\(suffix)")
        event.involvedObject = item.object
        event.type = item.type.rawValue
        event.reason = item.reason
        event.message = item.message
        event.count = 1
        event.firstTimestamp = item.time
        event.lastTimestamp = item.time
        event.source.component = component
        event.reportingComponent = component
        event.reportingInstance = instance
        return try await cluster.create(event).key
    }

    private static func cut(_ message: String) -> String {
        guard message.utf8.count > 1024 else { return message }
        var cut = ""
        for character in message {
            guard cut.utf8.count + character.utf8.count <= 1020 else { break }
            cut.append(character)
        }
        return "\(cut)…"
    }
}
