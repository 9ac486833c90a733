// Many clients at once.

internal import Foundation
internal import Synchronization

/// Runs something on so many threads at once, and returns the results in order.
public func inParallel<Result: Sendable>(
    _ count: Int, within limit: Duration = .seconds(60), _ body: @escaping @Sendable (Int) throws -> Result
) async throws -> [Result] {
    let results = Results<Result>()
    for index in 0..<count {
        Thread.detachNewThread {
            do {
                let result = try body(index)
                results.values.withLock { $0[index] = .success(result) }
            } catch {
                results.values.withLock { $0[index] = .failure(error) }
            }
        }
    }
    try await eventually("\(count) threads end", within: limit, every: .milliseconds(5)) {
        results.values.withLock { $0.count } == count
    }
    return try results.values.withLock { values in try (0..<count).map { try values[$0]!.get() } }
}

private final class Results<Value: Sendable>: Sendable {
    let values = Mutex<[Int: Swift.Result<Value, any Error>]>([:])
}
