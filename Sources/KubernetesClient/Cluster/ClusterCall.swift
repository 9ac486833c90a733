// One request to the API, and its answer.

internal import JSON
internal import NIOHTTP1

/// One request.
struct ClusterCall: Sendable, CustomStringConvertible {
    var method: String
    var path: String
    var query: [(String, String)] = []
    var contentType = "application/json"
    var body: [UInt8]?

    init(_ method: String, _ path: String) {
        self.method = method
        self.path = path
    }

    /// Path and query, percent-encoded (RFC 3986).
    var target: String {
        guard !query.isEmpty else { return path }
        let pairs = query.map { "\(Self.encode($0))=\(Self.encode($1))" }
        return "\(path)?\(pairs.joined(separator: "&"))"
    }

    var description: String { "\(method) \(target)" }

    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}

/// An answer that is a success.
struct ClusterAnswer: Sendable {
    var status: Int
    var body: [UInt8]
    var call: ClusterCall

    func document() throws(KubernetesError) -> JSONValue {
        do {
            return try JSONValue(parsing: body)
        } catch {
            throw KubernetesError(
                .malformedAnswer, "not JSON: \(error)", request: call.description, underlying: error)
        }
    }
}
