// What is written about requests: everything but secrets.

internal import JSON
internal import Logging

/// Writes a line for each answer at level debug; headers and bodies at level trace.
struct RequestLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    func sending(_ call: HTTPCall) {
        guard logger.logLevel <= .trace else { return }
        logger.trace(
            "request",
            metadata: [
                "method": "\(call.method)", "url": "\(call.url)",
                "headers": "\(Self.shown(call.headers))", "body": "\(Self.shown(call.body ?? []))",
            ])
    }

    func received(_ answer: HTTPAnswer, to call: HTTPCall, after duration: Duration) {
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "method": "\(call.method)", "url": "\(call.url)", "status": "\(answer.status)", "duration": "\(duration)",
        ]
        if let id = answer.header("x-openstack-request-id") { metadata["request_id"] = "\(id)" }
        logger.debug("answer", metadata: metadata)
        guard logger.logLevel <= .trace else { return }
        logger.trace(
            "answer in full",
            metadata: [
                "headers": "\(Self.shown(answer.headers.map { ($0.name, $0.value) }))",
                "body": "\(Self.shown(answer.body))",
            ])
    }

    func failed(_ call: HTTPCall, _ error: any Error, after duration: Duration) {
        logger.debug(
            "no answer",
            metadata: [
                "method": "\(call.method)", "url": "\(call.url)", "error": "\(error)", "duration": "\(duration)",
            ])
    }

    func retrying(_ error: CloudError, after pause: Duration) {
        logger.debug(
            "trying again",
            metadata: ["request": "\(error.request ?? "")", "error": "\(error)", "pause": "\(pause)"])
    }

    func loggedIn(_ token: Token) {
        logger.debug(
            "logged in",
            metadata: [
                "user": "\(token.user.name)", "project": "\(token.project?.name ?? "")",
                "expires": "\(token.expiresAt?.iso8601Zulu ?? "never")",
            ])
    }

    private static let secretHeaders: Set<String> = [
        "x-auth-token", "x-subject-token", "authorization", "set-cookie", "cookie",
    ]
    private static let secretFields: Set<String> = [
        "password", "secret", "payload", "token_id", "private_key", "private_key_passphrase", "passcode",
    ]

    private static func shown(_ headers: [(String, String)]) -> String {
        headers.map { name, value in
            "\(name): \(secretHeaders.contains(name.lowercased()) ? "<hidden>" : value)"
        }.joined(separator: ", ")
    }

    static func shown(_ body: [UInt8]) -> String {
        guard !body.isEmpty else { return "" }
        // What is no JSON may be the payload of a secret.
        guard let value = try? JSONValue(parsing: body) else { return "<\(body.count) bytes>" }
        return String(decoding: JSONWriter.bytes(of: hiding(value, in: "")), as: UTF8.self)
    }

    private static func hiding(_ value: JSONValue, in key: String) -> JSONValue {
        switch value {
        case .object(let members):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { name, member in
                        let isSecret =
                            member.string != nil
                            && (secretFields.contains(name) || (key == "token" && name == "id"))
                        return (name, isSecret ? "<hidden>" : hiding(member, in: name))
                    }))
        case .array(let elements): return .array(elements.map { hiding($0, in: key) })
        default: return value
        }
    }
}
