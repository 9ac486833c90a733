// Tokens that were found valid a moment ago.

internal import LoadBalancing
internal import Synchronization

/// Validated tokens, kept for a few seconds so that a burst of requests reads the database once.
///
/// Every local change of identity data empties the cache, so what this process revokes is void at once; what another
/// process revokes is void after ``lifetime``.
final class TokenCache: Sendable {
    /// Counts the changes; a result that was read before a change must not be kept after it.
    struct Epoch: Sendable, Hashable {
        fileprivate var number = 0
    }

    private struct Entry {
        var token: ValidatedToken
        var deadline: ContinuousClock.Instant
    }

    private struct State {
        /// token text → what it stands for
        var entries: [String: Entry] = [:]
        var epoch = Epoch()
    }

    /// How long an entry is used.
    static let lifetime = Duration.seconds(5)
    /// Entries at most; a full cache starts anew.
    static let capacity = 4096

    private let state = Mutex(State())

    /// The token, if it was found valid in the last seconds and has not expired since.
    func token(_ text: String, now: Timestamp) -> ValidatedToken? {
        state.withLock { state in
            guard let entry = state.entries[text] else { return nil }
            guard ContinuousClock.now < entry.deadline, now < entry.token.payload.expires,
                entry.token.applicationCredential?.isAccepted(at: now) ?? true
            else {
                state.entries[text] = nil
                return nil
            }
            return entry.token
        }
    }

    /// To be taken before the database is read.
    var epoch: Epoch { state.withLock { $0.epoch } }

    /// Keeps a token that was read since `epoch`, unless there was a change meanwhile.
    func keep(_ token: ValidatedToken, for text: String, readSince epoch: Epoch) {
        state.withLock { state in
            guard state.epoch == epoch else { return }
            if state.entries.count >= Self.capacity { state.entries.removeAll(keepingCapacity: true) }
            state.entries[text] = Entry(token: token, deadline: .now + Self.lifetime)
        }
    }

    /// Forgets everything: identity data has changed.
    func clear() {
        state.withLock { state in
            state.entries.removeAll(keepingCapacity: true)
            state.epoch.number += 1
        }
    }
}
