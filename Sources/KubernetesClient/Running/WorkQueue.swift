// Names of things to look at: each at most once in the queue, and with at most one worker at a time.

internal import Synchronization

/// What became of work on a key.
public enum WorkOutcome: Sendable, Hashable {
    /// Nothing more to do, until the key is added again.
    case done
    /// It failed: once more after a pause that grows with the failures in a row.
    case retry
    /// It did not fail, but wants another look.
    case again(after: Duration)
}

/// A queue of keys.
///
/// A key that is added while it waits is not added again. A key that is added while a worker has it comes back when the
/// worker is done: work always starts after the last change, and never twice at a time for one key.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var waiting: [Key] = []
        var head = 0
        var queued: Set<Key> = []
        var processing: Set<Key> = []
        /// Added again while a worker has them.
        var dirty: Set<Key> = []
        var failures: [Key: Int] = [:]
        var timers: [Key: (due: ContinuousClock.Instant, task: Task<Void, Never>)] = [:]
        var workers: [(number: Int, continuation: CheckedContinuation<Key?, Never>)] = []
        var nextWorker = 0
        var isShutDown = false

        mutating func pop() -> Key? {
            guard head < waiting.count else { return nil }
            let key = waiting[head]
            head += 1
            if head > 64, head * 2 > waiting.count {
                waiting.removeSubrange(..<head)
                head = 0
            }
            queued.remove(key)
            processing.insert(key)
            return key
        }
    }

    private let state = Mutex(State())
    public let backOff: BackOff

    public init(backOff: BackOff = BackOff(first: .milliseconds(500), longest: .seconds(300))) {
        self.backOff = backOff
    }

    /// How many keys wait for a worker.
    public var count: Int { state.withLock { $0.queued.count + $0.dirty.count } }

    /// How many keys wait for a time to come.
    public var delayedCount: Int { state.withLock { $0.timers.count } }

    /// How often in a row work on a key has failed.
    public func failures(of key: Key) -> Int { state.withLock { $0.failures[key] ?? 0 } }

    public func add(_ key: Key) {
        let hand = state.withLock { state -> (CheckedContinuation<Key?, Never>, Key)? in
            guard !state.isShutDown else { return nil }
            state.timers.removeValue(forKey: key)?.task.cancel()
            guard !state.processing.contains(key) else {
                state.dirty.insert(key)
                return nil
            }
            guard state.queued.insert(key).inserted else { return nil }
            state.waiting.append(key)
            return Self.hand(&state)
        }
        if let (worker, key) = hand { worker.resume(returning: key) }
    }

    /// Gives the next key to a worker that waits.
    private static func hand(_ state: inout State) -> (CheckedContinuation<Key?, Never>, Key)? {
        guard !state.workers.isEmpty, let key = state.pop() else { return nil }
        return (state.workers.removeFirst().continuation, key)
    }

    /// Adds a key later. Of several times for one key the earliest counts, and ``add(_:)`` comes before all.
    public func add(_ key: Key, after delay: Duration) {
        guard delay > .zero else { return add(key) }
        let due = ContinuousClock.now + delay
        state.withLock { state in
            guard !state.isShutDown, !state.queued.contains(key), !state.dirty.contains(key) else { return }
            if let timer = state.timers[key] {
                guard due < timer.due else { return }
                timer.task.cancel()
            }
            let task = Task { [weak self] in
                do { try await Task.sleep(until: due, clock: .continuous) } catch { return }
                self?.fire(key, due)
            }
            state.timers[key] = (due, task)
        }
    }

    private func fire(_ key: Key, _ due: ContinuousClock.Instant) {
        let isMine = state.withLock { state in
            guard state.timers[key]?.due == due else { return false }
            state.timers[key] = nil
            return true
        }
        if isMine { add(key) }
    }

    /// Adds a key after a pause that grows with its failures in a row.
    ///
    /// - Returns: The pause.
    @discardableResult
    public func retry(_ key: Key) -> Duration {
        let failures = state.withLock { state in
            state.failures[key, default: 0] += 1
            return state.failures[key] ?? 1
        }
        let pause = backOff.pause(after: failures)
        add(key, after: pause)
        return pause
    }

    /// Forgets a key's failures.
    public func forget(_ key: Key) {
        state.withLock { state in _ = state.failures.removeValue(forKey: key) }
    }

    /// The next key, which is the caller's until ``done(_:)``.
    ///
    /// - Returns: `nil` when the queue is shut down or the task is cancelled.
    public func next() async -> Key? {
        let number = state.withLock { state in
            state.nextWorker += 1
            return state.nextWorker
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let key = state.withLock { state -> Key?? in
                    if state.isShutDown || Task.isCancelled { return .some(nil) }
                    if let key = state.pop() { return key }
                    state.workers.append((number, continuation))
                    return nil
                }
                if let key { continuation.resume(returning: key) }
            }
        } onCancel: {
            let worker = state.withLock { state -> CheckedContinuation<Key?, Never>? in
                guard let index = state.workers.firstIndex(where: { $0.number == number }) else { return nil }
                return state.workers.remove(at: index).continuation
            }
            worker?.resume(returning: nil)
        }
    }

    /// Ends work on a key. If it was added meanwhile, it is queued.
    public func done(_ key: Key) {
        let wasAdded = state.withLock { state in
            state.processing.remove(key)
            return state.dirty.remove(key) != nil
        }
        if wasAdded { add(key) }
    }

    /// Has workers end; what is queued is dropped.
    public func shutDown() {
        let workers = state.withLock { state in
            state.isShutDown = true
            for timer in state.timers.values { timer.task.cancel() }
            state.timers = [:]
            state.waiting = []
            state.head = 0
            state.queued = []
            state.dirty = []
            defer { state.workers = [] }
            return state.workers
        }
        for worker in workers { worker.continuation.resume(returning: nil) }
    }

    /// Works on keys until the task is cancelled or the queue is shut down.
    ///
    /// - Parameters:
    ///   - workers: How many keys are worked on at a time.
    ///   - grace: How long work that has begun may go on after the task is cancelled, before it is cancelled too.
    ///   - observe: Is told of each time that work took, and what became of it.
    ///   - body: Works on one key.
    public func process(
        workers: Int, grace: Duration = .seconds(3),
        observe: @escaping @Sendable (WorkOutcome, Duration) -> Void = { _, _ in },
        _ body: @escaping @Sendable (Key) async -> WorkOutcome
    ) async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<max(workers, 1) {
                group.addTask {
                    while let key = await self.next() {
                        let start = ContinuousClock.now
                        let outcome = await Self.finish(within: grace) { await body(key) }
                        observe(outcome, ContinuousClock.now - start)
                        if outcome != .retry { self.forget(key) }
                        self.done(key)
                        switch outcome {
                        case .done: break
                        case .retry: self.retry(key)
                        case .again(let delay): self.add(key, after: delay)
                        }
                    }
                }
            }
        }
    }

    /// Runs something that cancellation reaches late.
    private static func finish(
        within grace: Duration, _ body: @escaping @Sendable () async -> WorkOutcome
    ) async -> WorkOutcome {
        let work = Task { await body() }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            Task {
                try? await Task.sleep(for: grace)
                work.cancel()
            }
        }
    }
}
