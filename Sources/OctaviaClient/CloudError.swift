// What can go wrong between a program and a cloud.

/// Why a call failed.
///
/// Printing it gives one sentence for people. ``code`` is for programs; it stays comparable while codes are added.
/// A cancelled call throws Swift's `CancellationError` instead.
public struct CloudError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String {
            case invalidConfiguration, cannotConnect, timedOut, unauthorized, badRequest, forbidden, quotaExceeded
            case notFound, conflict, immutable, tooManyRequests, serverFailure, unexpectedAnswer, noEndpoint, ambiguous
            case resourceFailed, waitTimedOut
        }

        private let base: Base

        private init(_ base: Base) {
            self.base = base
        }

        public var description: String { base.rawValue }

        /// The account is described wrongly or incompletely; nothing was sent.
        public static let invalidConfiguration = Code(.invalidConfiguration)
        /// No connection, or it broke: name, address, TLS.
        public static let cannotConnect = Code(.cannotConnect)
        /// The server did not answer in time.
        public static let timedOut = Code(.timedOut)
        /// Wrong user, password or token (401).
        public static let unauthorized = Code(.unauthorized)
        /// The request is malformed or breaks a rule (400 and other 4xx without a code of their own).
        public static let badRequest = Code(.badRequest)
        /// The account may not do this (403).
        public static let forbidden = Code(.forbidden)
        /// The project has used up its quota (403, 409 or 413 that says so).
        public static let quotaExceeded = Code(.quotaExceeded)
        /// There is no such object (404).
        public static let notFound = Code(.notFound)
        /// The request collides with what is there, such as a port in use (409).
        public static let conflict = Code(.conflict)
        /// The object cannot be changed in its present state; later it can (409).
        public static let immutable = Code(.immutable)
        /// Too many requests (429).
        public static let tooManyRequests = Code(.tooManyRequests)
        /// The service failed (5xx).
        public static let serverFailure = Code(.serverFailure)
        /// The answer is not what the API describes.
        public static let unexpectedAnswer = Code(.unexpectedAnswer)
        /// The catalog has no such service in that region and interface.
        public static let noEndpoint = Code(.noEndpoint)
        /// Several objects have the name.
        public static let ambiguous = Code(.ambiguous)
        /// The object became ERROR; the message has the cause.
        public static let resourceFailed = Code(.resourceFailed)
        /// The object did not reach the status in the time given.
        public static let waitTimedOut = Code(.waitTimedOut)
    }

    /// The kind of failure, for programs.
    public var code: Code
    /// What is wrong, in words; for faults of a service its own words.
    public var message: String
    /// The status of the answer, if there was one.
    public var status: Int?
    /// What the operator of the cloud finds in the logs (`x-openstack-request-id`).
    public var requestID: String?
    /// Method and URL.
    public var request: String?
    /// Seconds that the server asks to wait, from `Retry-After`.
    public var retryAfter: Duration?
    /// The error below, where there was one.
    public var cause: (any Error)?

    /// Makes one; parameters that are not given have their usual values.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        var text = message
        if let status { text += " (HTTP \(status)" + (requestID.map { ", \($0)" } ?? "") + ")" }
        return text
    }
}
