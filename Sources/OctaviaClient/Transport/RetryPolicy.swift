// When a failed call is tried again.

/// Which failures are tried again, how often and after what pause.
///
/// | failure | which calls |
/// | --- | --- |
/// | 429 | all |
/// | 409 because the object is immutable at the moment | all |
/// | 500, 502, 503, 504, no connection, no answer | those that may safely be repeated: GET, PUT, DELETE |
///
/// The pause doubles from ``firstPause`` to ``longestPause`` and is shortened at random by up to half, so that many
/// clients do not return together. `Retry-After` of the server counts if it is longer.
public struct RetryPolicy: Sendable, Hashable {
    /// How often one call is sent at most; 1 is never again.
    public var attempts: Int
    /// The pause after the first failure.
    public var firstPause: Duration
    /// What pauses grow to.
    public var longestPause: Duration
    /// No attempt begins later than this after the first.
    public var limit: Duration
    /// Whether 409 for an object that is immutable at the moment is tried again.
    public var retriesImmutable: Bool

    /// Makes one; parameters that are not given have their usual values.
    public init(
        attempts: Int = 12, firstPause: Duration = .milliseconds(250), longestPause: Duration = .seconds(8),
        limit: Duration = .seconds(60), retriesImmutable: Bool = true
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.limit = limit
        self.retriesImmutable = retriesImmutable
    }

    /// Every call is sent once.
    public static let never = RetryPolicy(attempts: 1)

    /// How long to wait before the next attempt, or `nil` to give up.
    ///
    /// - Parameters:
    ///   - error: How the attempt failed.
    ///   - isIdempotent: Whether sending the call twice is as good as once.
    ///   - attempt: The number of the attempt that failed, from 1.
    ///   - elapsed: Time since the first attempt began.
    ///   - chance: A random number from 0 to 1.
    func pause(
        after error: CloudError, isIdempotent: Bool, attempt: Int, elapsed: Duration, chance: Double
    ) -> Duration? {
        guard attempt < attempts, isWorthAnotherTry(error, isIdempotent: isIdempotent) else { return nil }
        var pause = firstPause
        for _ in 1..<max(attempt, 1) where pause < longestPause { pause = min(pause * 2, longestPause) }
        pause = pause * (1 - chance / 2)
        if let asked = error.retryAfter, asked > pause { pause = asked }
        return elapsed + pause <= limit ? pause : nil
    }

    private func isWorthAnotherTry(_ error: CloudError, isIdempotent: Bool) -> Bool {
        switch error.code {
        case .tooManyRequests: true
        case .immutable: retriesImmutable
        case .serverFailure: isIdempotent && [500, 502, 503, 504].contains(error.status)
        case .cannotConnect, .timedOut: isIdempotent
        default: false
        }
    }
}
