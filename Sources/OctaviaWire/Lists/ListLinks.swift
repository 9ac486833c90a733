// Links from one page of a list to those before and after it.

public import JSON

/// A link to another page of a list.
public struct ListLink: JSONWritable, Sendable, Hashable {
    public var reference: String
    /// `next` or `previous`.
    public var relation: String

    public init(reference: String, relation: String) {
        self.reference = reference
        self.relation = relation
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("href", reference)
            writer.member("rel", relation)
        }
    }
}

/// The links of one page.
public enum ListLinks {
    /// Makes the links of a page, given the ids on it.
    ///
    /// There is a next page whenever this one is full, even if it turns out to be empty, and a previous one whenever
    /// the page began after a marker. As in the reference implementation the links repeat the limit and the keys of the
    /// order but not filters, fields and directions. A list without a limit is complete and gets no next page, unlike
    /// there.
    ///
    /// - Parameter url: the URL of the list without its query.
    public static func links(url: String, query: ListQuery, ids: [String]) -> [ListLink] {
        guard let first = ids.first, let last = ids.last else { return [] }
        var links: [ListLink] = []
        func reference(marker: String, reversed: Bool) -> String {
            var arguments = query.linkArguments + [("marker", marker)]
            if reversed { arguments.append(("page_reverse", "True")) }
            return url + "?" + arguments.map { "\($0.name)=\(escaped($0.value))" }.joined(separator: "&")
        }
        if query.marker != nil {
            links.append(ListLink(reference: reference(marker: first, reversed: true), relation: "previous"))
        }
        if let limit = query.limit, ids.count >= limit {
            links.append(ListLink(reference: reference(marker: last, reversed: false), relation: "next"))
        }
        return links
    }

    /// Escapes what cannot stand in a query (RFC 3986 section 3.4); `:` and `,` can, and separate keys of orders.
    private static func escaped(_ text: String) -> String {
        guard !text.utf8.allSatisfy(isPlain) else { return text }
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            if isPlain(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || "-._~:,".utf8.contains(byte)
    }
}
