// One at a time for each key.

/// Lets only one task at a time work on what a key names.
actor KeyedLock<Key: Hashable & Sendable> {
    private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

    func with<Result: Sendable>(_ key: Key, _ body: @Sendable () async throws -> Result) async rethrows -> Result {
        if waiting[key] == nil {
            waiting[key] = []
        } else {
            await withCheckedContinuation { waiting[key, default: []].append($0) }
        }
        defer {
            if waiting[key]?.isEmpty == false {
                waiting[key]?.removeFirst().resume()
            } else {
                waiting[key] = nil
            }
        }
        return try await body()
    }
}
