// The client's own limit of requests.

internal import Synchronization

/// Lets requests through at a steady rate, after a burst (generic cell rate algorithm, ITU-T I.371).
final class RequestGate: Sendable {
    private let interval: Duration
    private let tolerance: Duration
    /// When the next request would be due if all came at the steady rate.
    private let due: Mutex<ContinuousClock.Instant>

    init(_ limit: RateLimit) {
        interval = .seconds(1 / limit.perSecond)
        tolerance = interval * limit.burst
        due = Mutex(.now - tolerance)
    }

    /// Takes a place in the row, and says how long to wait for it.
    func take(at now: ContinuousClock.Instant = .now) -> Duration {
        due.withLock { due in
            due = max(due, now) + interval
            return max(.zero, now.duration(to: due) - tolerance)
        }
    }

    /// Takes a place if that needs no wait.
    func takeAtOnce(at now: ContinuousClock.Instant = .now) -> Bool {
        due.withLock { due in
            let next = max(due, now) + interval
            guard next <= now + tolerance else { return false }
            due = next
            return true
        }
    }

    /// Waits for this request's turn.
    func pass() async throws {
        let delay = take()
        if delay > .zero { try await Task.sleep(for: delay) }
    }
}
