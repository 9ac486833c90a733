// Waiting for what comes soon, but not for ever.

/// What was waited for did not come.
public struct TimedOut: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) {
        self.description = description
    }
}

/// Asks until the answer is yes, and returns how long that took.
///
/// - Throws: ``TimedOut`` when the answer is no for too long.
@discardableResult
public func eventually(
    _ what: String, within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(20),
    _ condition: () async throws -> Bool
) async throws -> Duration {
    let start = ContinuousClock.now
    while true {
        if try await condition() { return ContinuousClock.now - start }
        guard ContinuousClock.now - start < limit else { throw TimedOut(description: "not within \(limit): \(what)") }
        try await Task.sleep(for: pause)
    }
}
