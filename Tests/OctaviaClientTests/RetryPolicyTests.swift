// When calls are tried again.

internal import Testing

@testable internal import OctaviaClient

struct RetryPolicyTests {
    private func pause(
        _ code: CloudError.Code, status: Int? = nil, isIdempotent: Bool = true, attempt: Int = 1,
        elapsed: Duration = .zero, chance: Double = 0, retryAfter: Duration? = nil, policy: RetryPolicy = RetryPolicy()
    ) -> Duration? {
        var error = CloudError(code, "")
        error.status = status
        error.retryAfter = retryAfter
        return policy.pause(
            after: error, isIdempotent: isIdempotent, attempt: attempt, elapsed: elapsed, chance: chance)
    }

    @Test func pausesDoubleUpToTheLongestAndAreShortenedByUpToHalf() {
        #expect(pause(.tooManyRequests) == .milliseconds(250))
        #expect(pause(.tooManyRequests, attempt: 2) == .milliseconds(500))
        #expect(pause(.tooManyRequests, attempt: 3) == .seconds(1))
        #expect(pause(.tooManyRequests, attempt: 9) == .seconds(8))
        #expect(pause(.tooManyRequests, chance: 1) == .milliseconds(125))
    }

    @Test func retryAfterCountsWhenItIsLonger() {
        #expect(pause(.tooManyRequests, retryAfter: .seconds(7)) == .seconds(7))
        #expect(pause(.tooManyRequests, retryAfter: .zero) == .milliseconds(250))
    }

    @Test func endsWithAttemptsAndTime() {
        #expect(pause(.tooManyRequests, attempt: 12) == nil)
        #expect(pause(.tooManyRequests, elapsed: .seconds(60)) == nil)
        #expect(pause(.tooManyRequests, retryAfter: .seconds(61)) == nil)
        #expect(pause(.tooManyRequests, policy: .never) == nil)
    }

    @Test func onlyWhatMayBeRepeatedIs() {
        #expect(pause(.serverFailure, status: 503) != nil)
        #expect(pause(.serverFailure, status: 503, isIdempotent: false) == nil)
        #expect(pause(.serverFailure, status: 501) == nil)
        #expect(pause(.cannotConnect, isIdempotent: false) == nil)
        #expect(pause(.immutable, isIdempotent: false) != nil)
        #expect(pause(.immutable, policy: RetryPolicy(retriesImmutable: false)) == nil)
        for code: CloudError.Code in [.conflict, .badRequest, .forbidden, .notFound, .unauthorized, .quotaExceeded] {
            #expect(pause(code, status: 409) == nil, "\(code)")
        }
    }
}
