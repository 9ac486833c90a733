// Asking something that may hang, without hanging oneself.

internal import Synchronization

/// Asks one question at a time, and lets whoever wants the answer wait for a limited time.
///
/// For checks of health and for metrics: however many ask, and however long the answer takes, there is one question under
/// way.
public final class BoundedProbe<Value: Sendable>: Sendable {
    private struct State {
        var newest: (value: Value, at: ContinuousClock.Instant)?
        var isRunning = false
        var waiters: [AsyncStream<Value>.Continuation] = []
    }

    private let state = Mutex(State())
    private let body: @Sendable () async -> Value

    public init(_ body: @escaping @Sendable () async -> Value) {
        self.body = body
    }

    /// The answer; `nil` when there is none in time.
    ///
    /// - Parameters:
    ///   - limit: How long to wait.
    ///   - age: How old an answer to somebody else's question may be.
    public func value(within limit: Duration, notOlderThan age: Duration = .zero) async -> Value? {
        let (answers, continuation) = AsyncStream.makeStream(of: Value.self)
        let (known, isFirst): (Value?, Bool) = state.withLock { state in
            if let newest = state.newest, ContinuousClock.now - newest.at < age { return (newest.value, false) }
            state.waiters.append(continuation)
            defer { state.isRunning = true }
            return (nil, !state.isRunning)
        }
        if let known { return known }
        if isFirst {
            // On its own: the question goes on when nobody waits for it any more, and its answer is good for later.
            Task { [self] in finish(await body()) }
        }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask {
                for await answer in answers { return answer }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func finish(_ value: Value) {
        let waiters = state.withLock { state in
            state.newest = (value, .now)
            state.isRunning = false
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters {
            waiter.yield(value)
            waiter.finish()
        }
    }
}
