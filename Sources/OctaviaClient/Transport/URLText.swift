// Taking URLs apart and putting them together, as text.

/// A URL, split at the places that matter here.
struct URLText: Sendable, Hashable {
    var scheme: String
    /// Host and port.
    var authority: String
    /// Empty, or with a slash at its begin and none at its end.
    var path: String

    init(_ text: String) {
        let body: Substring
        if let range = text.firstRange(of: "://") {
            scheme = String(text[..<range.lowerBound])
            body = text[range.upperBound...]
        } else {
            scheme = ""
            body = Substring(text)
        }
        let end = body.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? body.endIndex
        authority = String(body[..<end])
        var path = body[end...].prefix { $0 != "?" && $0 != "#" }
        while path.hasSuffix("/") { path.removeLast() }
        self.path = String(path)
    }

    var host: String { authority }
    var string: String { scheme.isEmpty ? authority + path : "\(scheme)://\(authority)\(path)" }

    /// Whether a request can be sent there.
    var isComplete: Bool { (scheme == "http" || scheme == "https") && !authority.isEmpty && !authority.hasPrefix(":") }

    /// The last part of the path, such as `v3`.
    var lastSegment: Substring? { path.split(separator: "/").last }

    /// Whether the URL ends in a version: `v3`, `v2.0`.
    var endsInVersion: Bool {
        guard let last = lastSegment, last.first == "v", last.count > 1 else { return false }
        return last.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
    }

    /// The URL without a version at its end.
    var withoutVersion: URLText {
        guard endsInVersion, let slash = path.lastIndex(of: "/") else { return self }
        var copy = self
        copy.path = String(path[..<slash])
        return copy
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hexadecimal = String(byte, radix: 16, uppercase: true)
                result += "%" + (hexadecimal.utf8.count == 1 ? "0" : "") + hexadecimal
            }
        }
        return result
    }

    /// A query with its question mark; empty when there are no arguments.
    static func query(_ arguments: [(String, String)]) -> String {
        guard !arguments.isEmpty else { return "" }
        return "?" + arguments.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }
}
