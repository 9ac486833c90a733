// The `links` of resources and lists.

internal import HTTPService
internal import JSON

/// Absolute addresses below `/identity/v3`, by the name under which the client reached the server.
struct Links {
    private let root: String

    init(_ request: APIRequest) {
        root = "\(request.baseURL)/\(IdentityService.pathPrefix)/v3"
    }

    /// The address of a path whose segments are given unescaped.
    func url(_ segments: String...) -> String {
        root + segments.map { "/" + Self.escaped($0) }.joined()
    }

    /// The address of the request itself.
    static func ownURL(of request: APIRequest) -> String {
        let path = ([IdentityService.pathPrefix] + request.path).map { "/" + escaped($0) }.joined()
        let query = request.query.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
        return request.baseURL + path + (query.isEmpty ? "" : "?" + query)
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}

extension JSONWriter {
    /// Writes `"links": {"self": …}`.
    mutating func selfLink(_ url: String) {
        objectMember("links") { $0.member("self", url) }
    }
}

extension APIResponse {
    /// A whole list, which has neither next nor previous page.
    static func list<Element>(
        _ key: String, _ elements: [Element], for request: APIRequest,
        _ write: (inout JSONWriter, Element) -> Void
    ) -> APIResponse {
        .json { writer in
            writer.arrayMember(key, elements) { writer, element in
                writer.object { write(&$0, element) }
            }
            writer.objectMember("links") { writer in
                writer.nullMember("next")
                writer.nullMember("previous")
                writer.member("self", Links.ownURL(of: request))
            }
        }
    }
}
