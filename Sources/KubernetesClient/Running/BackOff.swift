// Longer and longer pauses.

/// How long to pause after a number of failures.
public struct BackOff: Sendable, Hashable {
    public var first: Duration
    public var longest: Duration
    /// Each pause is this many times the one before.
    public var factor: Double
    /// The part of a pause that is left to chance, so that many do not come back at once: 0 to 1.
    public var jitter: Double

    public init(
        first: Duration = .milliseconds(500), longest: Duration = .seconds(60), factor: Double = 2, jitter: Double = 0.2
    ) {
        self.first = first
        self.longest = longest
        self.factor = max(factor, 1)
        self.jitter = min(max(jitter, 0), 1)
    }

    /// The pause after so many failures in a row, counted from 1.
    public func pause(after failures: Int) -> Duration {
        var pause = first
        for _ in 1..<max(failures, 1) where pause < longest { pause = pause * factor }
        return min(pause, longest) * (1 - jitter * Double.random(in: 0...1))
    }
}
