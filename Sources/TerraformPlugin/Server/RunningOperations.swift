// The operations under way, and their ends before time.

internal import Synchronization

/// What runs, so that an interruption reaches all of it.
final class RunningOperations: Sendable {
    private struct State {
        var cancellations: [Int: @Sendable () -> Void] = [:]
        var next = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    /// Runs something until it ends or ``cancelAll()`` cancels it.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task { try await body() }
        let number = state.withLock { state in
            state.next += 1
            state.cancellations[state.next] = { task.cancel() }
            if state.isStopped { task.cancel() }
            return state.next
        }
        defer { state.withLock { $0.cancellations[number] = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Cancels what runs, and what is begun later.
    func cancelAll() {
        let all = state.withLock { state in
            state.isStopped = true
            return Array(state.cancellations.values)
        }
        for cancel in all { cancel() }
    }
}

/// An operation took longer than it may.
struct TimeLimitError: Error, CustomStringConvertible {
    var limit: Duration
    var operation: String

    var description: String {
        "This took longer than \(limit), the time for \(operation); give it more in the block timeouts"
    }
}

/// Runs something, and cancels it when the time is over.
///
/// - Throws: ``TimeLimitError`` if what was cancelled then ends with `CancellationError`.
func withTimeLimit<Result: Sendable>(
    _ limit: Duration, _ operation: String, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { @concurrent in try await body() }
        group.addTask { @concurrent in
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        if let first = try await group.next(), let result = first { return result }
        // The time is over.
        group.cancelAll()
        do {
            if let second = try await group.next(), let result = second { return result }
        } catch is CancellationError {
            // As asked.
        }
        throw TimeLimitError(limit: limit, operation: operation)
    }
}
