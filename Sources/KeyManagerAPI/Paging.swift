// Pages of lists.

internal import HTTPService
internal import JSON
internal import KeyManager

extension PageRange {
    /// Reads `offset` and `limit`; what is no number counts as absent, as in Barbican.
    init(_ request: APIRequest) {
        self.init(
            offset: request.queryValue("offset").flatMap { Int($0) } ?? 0,
            limit: request.queryValue("limit").flatMap { Int($0) } ?? PageRange.standard)
    }
}

/// A page as an object: the elements, the total and links to its neighbours.
struct PageView<Element: Sendable> {
    let call: Call
    /// The path below `/v1`, and the key of the elements is its last segment.
    let path: String
    let range: PageRange
    let page: KeyManagerPage<Element>

    func response(_ write: (inout JSONWriter, Element) -> Void) -> APIResponse {
        .json { writer in
            writer.arrayMember(path.split(separator: "/").last.map(String.init) ?? path, page.items) {
                writer, element in
                writer.object { write(&$0, element) }
            }
            writer.member("total", page.total)
            guard !page.items.isEmpty else { return }
            if range.offset > 0 { writer.member("previous", link(offset: max(0, range.offset - range.limit))) }
            if page.total - range.offset > range.limit {
                writer.member("next", link(offset: range.offset + range.limit))
            }
        }
    }

    private func link(offset: Int) -> String {
        let others = call.request.query.filter { $0.name != "limit" && $0.name != "offset" }
        let arguments = others.map { "&\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        return "\(call.base)/\(path)?limit=\(range.limit)&offset=\(offset)\(arguments.joined())"
    }

    /// Percent-encodes all but unreserved characters (RFC 3986 section 2.3).
    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
