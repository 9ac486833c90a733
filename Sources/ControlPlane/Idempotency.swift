// Requests that clients repeat because they did not hear the answer.

internal import LoadBalancing
internal import Persistence
internal import Synchronization

/// Which keys are being worked on in this process: a second request with a key waits for the first.
final class IdempotentRequests: Sendable {
    private let keys = Mutex<Set<String>>([])

    /// Takes a key; false while somebody else has it.
    func take(_ key: IdempotencyKey) -> Bool { keys.withLock { $0.insert(key.digest).inserted } }

    func give(back key: IdempotencyKey) { keys.withLock { _ = $0.remove(key.digest) } }
}

/// Ends a transaction whose request was answered by another one in the meantime.
private struct AnsweredMeanwhile: Error {
    var answer: IdempotentAnswer
}

/// What came of a request with a key.
public enum IdempotentOutcome<Answer: Sendable>: Sendable {
    case fresh(Answer)
    /// The status and the body that the first request got.
    case repeated(status: Int, body: String)
}

extension LoadBalancingService {
    /// Does a creation once, however often it is asked for with the same key.
    ///
    /// The answer is kept in the transaction of the creation, so that there is one exactly if there is the other.
    ///
    /// - Parameter patience: How long a request waits for another one with its key.
    public func once<Answer: Sendable>(
        _ key: IdempotencyKey, patience: Duration = .seconds(10), _ create: @Sendable () async throws -> Answer
    ) async throws -> IdempotentOutcome<Answer> {
        let deadline = ContinuousClock.now + patience
        while !idempotentRequests.take(key) {
            guard ContinuousClock.now < deadline else { throw IdempotencyFault.underWay }
            try await Task.sleep(for: .milliseconds(10))
        }
        defer { idempotentRequests.give(back: key) }
        if let answer: IdempotentOutcome<Answer> = try await answer(to: key) { return answer }
        do {
            return .fresh(try await create())
        } catch let meanwhile as AnsweredMeanwhile {
            return try Self.repeated(meanwhile.answer, key)
        } catch {
            // Another process may have had the same request, and refused what both cannot have.
            let answer: IdempotentOutcome<Answer>? = try await self.answer(to: key)
            guard let answer else { throw error }
            return answer
        }
    }

    private func answer<Answer>(to key: IdempotencyKey) async throws -> IdempotentOutcome<Answer>? {
        let since = oldestAnswer
        let found = try await database.read { try IdempotentAnswerStore($0).find(key.digest, since: since) }
        return try found.map { try Self.repeated($0, key) }
    }

    private static func repeated<Answer>(
        _ found: IdempotentAnswer, _ key: IdempotencyKey
    ) throws -> IdempotentOutcome<Answer> {
        guard found.bodyDigest == key.bodyDigest else { throw IdempotencyFault.otherBody }
        return .repeated(status: found.status, body: found.answer)
    }

    private var oldestAnswer: Timestamp { now().advanced(bySeconds: -IdempotencyKey.lifetime) }

    /// What the transaction of a creation does first and last, if the caller's request has a key.
    func idempotentTransaction(_ caller: Caller) -> IdempotentTransaction {
        IdempotentTransaction(key: caller.idempotencyKey, since: oldestAnswer, now: now())
    }
}

/// The part of a creation's transaction that makes it happen once.
struct IdempotentTransaction: Sendable {
    let key: IdempotencyKey?
    let since: Timestamp
    let now: Timestamp

    /// Ends the transaction if the request has been answered; to be called before anything else.
    func begin(_ connection: any DatabaseConnection) throws {
        guard let key, let answer = try IdempotentAnswerStore(connection).find(key.digest, since: since) else { return }
        throw AnsweredMeanwhile(answer: answer)
    }

    /// Keeps the answer.
    func end(_ connection: any DatabaseConnection, _ body: () -> [UInt8]) throws {
        guard let key else { return }
        let answer = IdempotentAnswer(
            bodyDigest: key.bodyDigest, status: 201, answer: String(decoding: body(), as: UTF8.self))
        try IdempotentAnswerStore(connection).keep(answer, under: key.digest, at: now)
    }
}

/// What is wrong with a request because of its key.
public enum IdempotencyFault: Error, Sendable, Hashable {
    /// The key was used for a request with another body.
    case otherBody
    /// The first request with the key takes long.
    case underWay
}
