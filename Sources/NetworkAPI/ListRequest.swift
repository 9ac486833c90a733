// The query of a list request.

internal import HTTPService
internal import Networking

/// Filters, page, order and fields, as a client wrote them.
struct ListRequest {
    let query: ListQuery
    let fields: FieldSelection
    private let request: APIRequest
    private let resource: NetworkResource

    /// The arguments that are no filters.
    private static let reserved: Set<String> = [
        "fields", "limit", "marker", "sort_key", "sort_dir", "page_reverse", "tags", "tags-any", "not-tags",
        "not-tags-any",
    ]

    init(_ request: APIRequest, _ resource: NetworkResource) throws {
        self.request = request
        self.resource = resource
        fields = Self.fields(of: request)
        var query = ListQuery()
        var filters: [String: [String]] = [:]
        for argument in request.query where !Self.reserved.contains(argument.name) {
            filters[argument.name, default: []].append(argument.value)
        }
        query.filters = filters.map { ListQuery.Filter($0.key, $0.value) }
        query.tags = Self.tags(request, "tags")
        query.tagsAny = Self.tags(request, "tags-any")
        query.notTags = Self.tags(request, "not-tags")
        query.notTagsAny = Self.tags(request, "not-tags-any")
        query.marker = request.queryValue("marker").flatMap { $0.isEmpty ? nil : $0 }
        if let text = request.queryValue("limit"), !text.isEmpty {
            guard let limit = Int(text), limit >= 0 else {
                throw NetworkFault.invalid(field: "limit", "'\(text)' is not an integer from 0; 0 is no limit")
            }
            query.limit = limit == 0 ? nil : min(limit, 1_000_000)
        }
        query.sort = try Self.sortKeys(request)
        if let text = request.queryValue("page_reverse"), ["true", "1"].contains(text.lowercased()) {
            throw NetworkFault.invalid(field: "page_reverse", "only paging forward is supported; use sort_dir=desc")
        }
        self.query = query
    }

    /// The fields that a request asks for.
    static func fields(of request: APIRequest) -> FieldSelection {
        let names = request.queryValues("fields").filter { !$0.isEmpty }
        return FieldSelection(names: names.isEmpty ? nil : Set(names))
    }

    private static func tags(_ request: APIRequest, _ name: String) -> [String] {
        request.queryValues(name).flatMap { $0.split(separator: ",").map(String.init) }
    }

    private static func sortKeys(_ request: APIRequest) throws -> [ListQuery.SortKey] {
        let keys = request.queryValues("sort_key")
        let directions = request.queryValues("sort_dir")
        guard keys.count <= 16 else { throw NetworkFault.invalid(field: "sort_key", "at most 16 are allowed") }
        guard directions.count <= keys.count || keys.isEmpty else {
            throw NetworkFault.invalid(field: "sort_dir", "there are more directions than sort_key arguments")
        }
        for direction in directions where direction != "asc" && direction != "desc" {
            throw NetworkFault.invalid(field: "sort_dir", "'\(direction)' is neither asc nor desc")
        }
        return keys.enumerated().map { index, key in
            ListQuery.SortKey(key, isDescending: index < directions.count && directions[index] == "desc")
        }
    }

    /// The URL of the page after the one that ends with that object.
    func nextPage(after id: String) -> String {
        var arguments = request.query.filter { $0.name != "marker" }
        arguments.append(.init("marker", id))
        let query = arguments.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
        return "\(request.baseURL)/network/v2.0/\(resource.path)?\(query)"
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
