// What the identity service refuses, in the form its API gives it.

/// A refusal with the status code, title and message of an Identity API v3 fault.
public struct IdentityFault: Error, Sendable, Hashable {
    /// The HTTP status code, 400–499.
    public var code: Int
    /// The name of the status, such as `Not Found`.
    public var title: String
    /// What is wrong and what would be right.
    public var message: String

    public init(code: Int, title: String, message: String) {
        self.code = code
        self.title = title
        self.message = message
    }

    /// 400: the request does not say what it should.
    public static func badRequest(_ message: String) -> IdentityFault {
        IdentityFault(code: 400, title: "Bad Request", message: message)
    }

    /// 400 for one field: names the field, the value and what is allowed.
    public static func invalid(_ field: String, value: String, allowed: String) -> IdentityFault {
        .badRequest("Invalid input for field '\(field)': '\(shortened(value))' is not allowed; \(allowed).")
    }

    /// 401: always the same text, so that it does not tell which part of a login was wrong.
    public static let unauthorized = IdentityFault.unauthorized(
        "The request you have made requires authentication.")

    /// 401 for a way to log in that this service does not have.
    public static func unauthorized(_ message: String) -> IdentityFault {
        IdentityFault(code: 401, title: "Unauthorized", message: message)
    }

    /// 403: the caller's roles do not allow the action, such as `identity:create_user`.
    public static func forbidden(action: String) -> IdentityFault {
        .forbidden("You are not authorized to perform the requested action: \(action).")
    }

    /// 403 for another reason than the caller's roles.
    public static func forbidden(_ message: String) -> IdentityFault {
        IdentityFault(code: 403, title: "Forbidden", message: message)
    }

    /// 404: no such resource.
    public static func notFound(_ kind: String, _ id: String) -> IdentityFault {
        .notFound("Could not find \(kind): \(shortened(id)).")
    }

    /// 404 in other words.
    public static func notFound(_ message: String) -> IdentityFault {
        IdentityFault(code: 404, title: "Not Found", message: message)
    }

    /// 409: the change contradicts what is stored.
    public static func conflict(storing kind: String, _ reason: String) -> IdentityFault {
        IdentityFault(
            code: 409, title: "Conflict", message: "Conflict occurred attempting to store \(kind) - \(reason).")
    }

    /// 429: more passwords wait to be checked than can be checked soon.
    public static let tooManyLogins = IdentityFault(
        code: 429, title: "Too Many Requests", message: "Too many logins at once; try again in a second.")

    /// A value as messages quote it: at most 120 characters.
    public static func shortened(_ value: String) -> String {
        value.count <= 120 ? value : value.prefix(117) + "..."
    }
}
