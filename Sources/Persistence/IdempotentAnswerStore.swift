// The first answers to requests that clients may repeat.

public import LoadBalancing

/// The answer to the first request with a key.
public struct IdempotentAnswer: Sendable, Hashable {
    /// Stands for the body of the request, so that another request under the same key is noticed.
    public var bodyDigest: String
    /// The status of the answer.
    public var status: Int
    /// The body of the answer.
    public var answer: String

    public init(bodyDigest: String, status: Int, answer: String) {
        self.bodyDigest = bodyDigest
        self.status = status
        self.answer = answer
    }
}

/// Keeps and finds answers inside a transaction.
public struct IdempotentAnswerStore {
    private let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    /// The answer that was given under a key since a time.
    public func find(_ key: String, since time: Timestamp) throws -> IdempotentAnswer? {
        try connection.first(
            "SELECT body_digest, status, answer FROM idempotent_answer WHERE key = ? AND created_at >= ?", [key, time]
        ) { IdempotentAnswer(bodyDigest: $0.text(0), status: $0.int(1), answer: $0.text(2)) }
    }

    /// Keeps an answer; one that is older than it may be gives way.
    public func keep(_ answer: IdempotentAnswer, under key: String, at now: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO idempotent_answer (key, body_digest, status, answer, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET body_digest = excluded.body_digest, status = excluded.status,
                answer = excluded.answer, created_at = excluded.created_at
            """, [key, answer.bodyDigest, answer.status, answer.answer, now])
    }

    /// Removes answers from before a time.
    @discardableResult
    public func prune(before time: Timestamp) throws -> Int {
        try connection.execute("DELETE FROM idempotent_answer WHERE created_at < ?", [time])
    }
}
