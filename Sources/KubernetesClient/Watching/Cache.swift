// Objects of one type as they were a moment ago, found by name and by what they contain.

internal import Synchronization

/// A change of a cache.
public enum CacheChange<Object: KubernetesObject>: Sendable {
    case added(Object)
    case updated(from: Object, to: Object)
    /// With the last state that was seen.
    case deleted(Object)

    /// The newest state.
    public var object: Object {
        switch self {
        case .added(let object), .updated(_, let object), .deleted(let object): object
        }
    }

    public var key: ObjectKey { object.key }
}

/// The values under which a cache finds an object again, such as the Service that an EndpointSlice belongs to.
public typealias CacheIndexer<Object> = @Sendable (Object) -> [String]

/// Objects as they were a moment ago. Reading neither waits nor asks the server.
public final class Cache<Object: KubernetesObject>: Sendable {
    private struct State {
        var objects: [ObjectKey: Object] = [:]
        /// Index → value → objects.
        var indexes: [String: [String: Set<ObjectKey>]] = [:]
        var isSynced = false
        var listeners: [Int: AsyncStream<CacheChange<Object>>.Continuation] = [:]
        var nextListener = 0
        var hasEnded = false
    }

    private let state: Mutex<State>
    private let indexers: [String: CacheIndexer<Object>]
    private let syncing = Latch()

    public init(indexers: [String: CacheIndexer<Object>] = [:]) {
        self.indexers = indexers
        state = Mutex(State())
    }

    // MARK: Reading

    public subscript(key: ObjectKey) -> Object? { state.withLock { $0.objects[key] } }

    /// All objects, in no order.
    public var objects: [Object] { state.withLock { Array($0.objects.values) } }

    public var keys: [ObjectKey] { state.withLock { Array($0.objects.keys) } }

    public var count: Int { state.withLock { $0.objects.count } }

    /// The objects with a value in an index, in no order; none for an index that does not exist.
    public func objects(_ index: String, _ value: String) -> [Object] {
        state.withLock { state in
            (state.indexes[index]?[value] ?? []).compactMap { state.objects[$0] }
        }
    }

    public func keys(_ index: String, _ value: String) -> Set<ObjectKey> {
        state.withLock { $0.indexes[index]?[value] ?? [] }
    }

    /// Whether everything has been read once.
    public var isSynced: Bool { state.withLock { $0.isSynced } }

    /// Waits until everything has been read once.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilSynced() async throws { try await syncing.wait() }

    /// All changes from now on, none left out; what is there already comes first, as added.
    ///
    /// Each call gives a sequence of its own, for one reader. It ends when the informer does.
    public func changes() -> AsyncStream<CacheChange<Object>> {
        let (stream, continuation) = AsyncStream<CacheChange<Object>>.makeStream()
        let number = state.withLock { state -> Int? in
            for object in state.objects.values { continuation.yield(.added(object)) }
            guard !state.hasEnded else { return nil }
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    // MARK: Writing

    /// Makes the cache what a list says.
    func replace(with list: [Object]) {
        state.withLock { state in
            let keys = Set(list.map(\.key))
            for key in state.objects.keys where !keys.contains(key) { remove(key, last: nil, in: &state) }
            for object in list { put(object, in: &state) }
            state.isSynced = true
        }
        syncing.open()
    }

    func put(_ object: Object) { state.withLock { put(object, in: &$0) } }

    func remove(_ object: Object) { state.withLock { remove(object.key, last: object, in: &$0) } }

    /// Ends all sequences of changes.
    func end() {
        let listeners = state.withLock { state in
            state.hasEnded = true
            defer { state.listeners = [:] }
            return state.listeners
        }
        for listener in listeners.values { listener.finish() }
    }

    private func put(_ object: Object, in state: inout State) {
        let key = object.key
        let old = state.objects[key]
        // A list repeats what a watch has said.
        if let old, old.metadata.resourceVersion == object.metadata.resourceVersion,
            old.metadata.uid == object.metadata.uid
        {
            return
        }
        index(old, object, key, in: &state)
        state.objects[key] = object
        if let old, old.metadata.uid != object.metadata.uid {
            // Another object of the same name.
            tell(.deleted(old), state)
            tell(.added(object), state)
        } else if let old {
            tell(.updated(from: old, to: object), state)
        } else {
            tell(.added(object), state)
        }
    }

    private func remove(_ key: ObjectKey, last: Object?, in state: inout State) {
        guard let old = state.objects.removeValue(forKey: key) else { return }
        index(old, nil, key, in: &state)
        tell(.deleted(last ?? old), state)
    }

    private func index(_ old: Object?, _ new: Object?, _ key: ObjectKey, in state: inout State) {
        for (name, values) in indexers {
            for value in old.map(values) ?? [] {
                state.indexes[name]?[value]?.remove(key)
                if state.indexes[name]?[value]?.isEmpty == true {
                    state.indexes[name]?[value] = nil
                }
            }
            for value in new.map(values) ?? [] { state.indexes[name, default: [:]][value, default: []].insert(key) }
        }
    }

    private func tell(_ change: CacheChange<Object>, _ state: State) {
        for listener in state.listeners.values { listener.yield(change) }
    }
}
