// What can go wrong between this program and a cluster.

internal import JSON

/// A call that did not succeed.
public struct KubernetesError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure. More may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        enum Name: String {
            case invalidConfiguration, cannotConnect, timedOut, malformedAnswer
            case badRequest, unauthorized, forbidden, notFound, alreadyExists, conflict, expired, invalid,
                tooManyRequests
            case unavailable, methodNotAllowed, refused
        }

        let name: Name

        /// The kubeconfig, or something that it names, is missing or wrong.
        public static let invalidConfiguration = Code(name: .invalidConfiguration)
        /// No connection, or one that broke before the answer. The request may have been carried out.
        public static let cannotConnect = Code(name: .cannotConnect)
        public static let timedOut = Code(name: .timedOut)
        /// The answer is not what the API promises.
        public static let malformedAnswer = Code(name: .malformedAnswer)
        public static let badRequest = Code(name: .badRequest)
        /// The server does not know who asks.
        public static let unauthorized = Code(name: .unauthorized)
        /// The rights do not suffice.
        public static let forbidden = Code(name: .forbidden)
        /// There is no such object, or no such type.
        public static let notFound = Code(name: .notFound)
        public static let alreadyExists = Code(name: .alreadyExists)
        /// The object has changed since it was read.
        public static let conflict = Code(name: .conflict)
        /// The version to go on from is too old (410): list again.
        public static let expired = Code(name: .expired)
        /// The object breaks a rule; see ``KubernetesError/causes``.
        public static let invalid = Code(name: .invalid)
        public static let tooManyRequests = Code(name: .tooManyRequests)
        /// The server cannot answer now (5xx).
        public static let unavailable = Code(name: .unavailable)
        public static let methodNotAllowed = Code(name: .methodNotAllowed)
        /// Any other answer that is not a success.
        public static let refused = Code(name: .refused)

        public var description: String { name.rawValue }
    }

    /// One field that breaks a rule.
    public struct Cause: Sendable, Hashable {
        public var field: String
        public var reason: String
        public var message: String
    }

    public var code: Code
    public var message: String
    /// The method and the URL.
    public var request: String?
    /// The status of the answer, if there was one.
    public var httpStatus: Int?
    /// The server's one-word reason, such as `AlreadyExists`; empty if it gave none.
    public var reason = ""
    public var causes: [Cause] = []
    /// How long the server asks to wait.
    public var retryAfter: Duration?
    public var underlying: (any Error)?

    public init(_ code: Code, _ message: String, request: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.request = request
        self.underlying = underlying
    }

    public var description: String {
        (request.map { "\($0): " } ?? "") + (httpStatus.map { "\($0) " } ?? "") + message
    }

    /// Whether the same call may succeed later without anybody's doing.
    public var isTemporary: Bool {
        [.cannotConnect, .timedOut, .unavailable, .tooManyRequests, .expired].contains(code)
    }
}

extension KubernetesError {
    /// Reads an answer with a `Status` (API conventions, "Response Status Kind"), or any other that is no success.
    init(status: Int, body: [UInt8], retryAfter: Duration?, request: String?) {
        let document = try? JSONValue(parsing: body)
        self.init(status: status, document: document, request: request)
        if document?["kind"]?.string != "Status" {
            let text = String(decoding: body.prefix(300), as: UTF8.self)
            message = text.isEmpty ? "no further word" : text
        }
        if let retryAfter { self.retryAfter = retryAfter }
    }

    /// Reads a `Status`; the number stands in it as `code` too.
    init(status: Int, document: JSONValue?, request: String?) {
        let reason = document?["reason"]?.string ?? ""
        let code: Code =
            switch (status, reason) {
            case (400, _): .badRequest
            case (401, _): .unauthorized
            case (403, _): .forbidden
            case (404, _): .notFound
            case (405, _): .methodNotAllowed
            case (409, "AlreadyExists"): .alreadyExists
            case (409, _): .conflict
            case (410, _): .expired
            case (422, _): .invalid
            case (429, _): .tooManyRequests
            case (504, "Timeout"): .timedOut
            case (500..., _): .unavailable
            default: .refused
            }
        self.init(code, document?["message"]?.string ?? "no further word", request: request)
        httpStatus = status
        self.reason = reason
        causes = (document?["details"]?["causes"]?.array ?? []).map { cause in
            Cause(
                field: cause["field"]?.string ?? "", reason: cause["reason"]?.string ?? "",
                message: cause["message"]?.string ?? "")
        }
        if let seconds = document?["details"]?["retryAfterSeconds"]?.integer, seconds > 0 {
            retryAfter = .seconds(seconds)
        }
    }
}
