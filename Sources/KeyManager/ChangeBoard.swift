// Telling others what changed.

internal import LoadBalancing
internal import Synchronization

/// A change that was committed.
public struct KeyManagerChange: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Made, or given its payload.
        case stored
        /// Contents or access changed.
        case changed
        case deleted
    }

    public var reference: KeyReference
    public var kind: Kind
}

/// What a transaction changed, kept until it is committed.
final class ChangeList {
    private(set) var list: [KeyManagerChange] = []

    func add(_ kind: KeyManagerChange.Kind, _ resource: KeyResource, _ id: ResourceID) {
        list.append(KeyManagerChange(reference: KeyReference(resource, id), kind: kind))
    }
}

/// Hands changes to all who listen.
final class ChangeBoard: Sendable {
    private struct State {
        var nextID = 0
        /// listener's number → its stream
        var listeners: [Int: AsyncStream<KeyManagerChange>.Continuation] = [:]
    }

    /// How many changes wait for a slow listener before the oldest are dropped.
    private static let backlog = 1024

    private let state = Mutex(State())

    func listen() -> AsyncStream<KeyManagerChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: KeyManagerChange.self, bufferingPolicy: .bufferingNewest(Self.backlog))
        let id = state.withLock { state in
            state.nextID += 1
            state.listeners[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    func publish(_ changes: [KeyManagerChange]) {
        guard !changes.isEmpty else { return }
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners {
            for change in changes { listener.yield(change) }
        }
    }
}
