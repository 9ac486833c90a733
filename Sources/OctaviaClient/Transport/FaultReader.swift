// From the fault of a service to an error.

internal import JSON

/// Reads the faults of Octavia, Neutron, Barbican, Keystone and of proxies before them.
enum FaultReader {
    static func error(_ answer: HTTPAnswer, _ call: HTTPCall) -> CloudError {
        let message = message(answer) ?? "\(URLText(call.url).host) answered \(answer.status) without a reason"
        var error = CloudError(code(answer.status, message), message)
        error.status = answer.status
        error.requestID = answer.header("x-openstack-request-id") ?? answer.header("x-compute-request-id")
        error.request = "\(call.method) \(call.url)"
        if let text = answer.header("Retry-After"), let seconds = Int64(text), (0...86_400).contains(seconds) {
            error.retryAfter = .seconds(seconds)
        }
        return error
    }

    private static func code(_ status: Int, _ message: String) -> CloudError.Code {
        let isQuota = message.contains("Quota has been met") || message.contains("Quota exceeded")
        switch status {
        case 401: return .unauthorized
        case 403, 413: return isQuota || status == 413 ? .quotaExceeded : .forbidden
        case 404: return .notFound
        case 409 where isQuota: return .quotaExceeded
        case 409:
            // The two forms that Octavia has for "not now".
            return message.contains("is immutable") || message.contains("Invalid state PENDING")
                ? .immutable : .conflict
        case 429: return .tooManyRequests
        case 500...: return .serverFailure
        case 400..<500: return .badRequest
        default: return .unexpectedAnswer
        }
    }

    private static func message(_ answer: HTTPAnswer) -> String? {
        guard let json = try? JSONValue(parsing: answer.body) else { return plainText(answer) }
        let candidates = [
            json["faultstring"], json["NeutronError"]?["message"], json["NeutronError"], json["error"]?["message"],
            json["description"], json["message"], json["title"],
        ]
        return candidates.lazy.compactMap { $0?.string }.first { !$0.isEmpty }
    }

    private static func plainText(_ answer: HTTPAnswer) -> String? {
        let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
        let isMarkup = text.contains("<")
        guard !isMarkup, !text.allSatisfy(\.isWhitespace) else { return nil }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
