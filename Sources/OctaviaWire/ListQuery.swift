// What a list request asks for.

public import LoadBalancing

/// Filters, order, page and fields of a list request (API reference, "Filtering and column selection", "Pagination").
public struct ListQuery: Sendable, Equatable {
    /// One condition: a field of the response equals a value.
    public struct Filter: Sendable, Equatable {
        public enum Value: Sendable, Equatable {
            case text(String)
            /// Absent when the client's text is no number: then nothing matches.
            case integer(Int64?)
            case bool(Bool)
            case real(Double?)
            /// A whole second; absent when the client's text is none.
            case time(Timestamp?)
        }

        /// The name of the field in the API, such as `protocol_port`.
        public var field: String
        public var value: Value

        public init(field: String, value: Value) {
            self.field = field
            self.value = value
        }
    }

    /// One key of the order.
    public struct SortKey: Sendable, Equatable {
        public var field: String
        public var isDescending: Bool

        public init(field: String, isDescending: Bool) {
            self.field = field
            self.isDescending = isDescending
        }
    }

    /// Conditions, all of which must hold; `project_id` is not among them.
    public var filters: [Filter] = []
    /// The project that the client asks for; an empty name is that of none.
    public var projectID: String?
    /// All of these tags.
    public var tags: [String] = []
    /// Any of these tags; empty is no condition, as for the next two.
    public var tagsAny: [String] = []
    /// Not all of these tags.
    public var notTags: [String] = []
    /// None of these tags.
    public var notTagsAny: [String] = []
    /// The complete order: ends with `created_at` and `id` ascending unless the client named them.
    public var sort: [SortKey] = []
    /// 1–1000; absent is no limit.
    public var limit: Int?
    /// The id after which the page begins; empty text is none that exists.
    public var marker: String?
    public var isPageReversed = false
    /// Names of the fields that the client wants; none are all of them.
    public var fields: [String] = []
    /// The limit in force and what the client wrote for `sort` or `sort_key`, for the links to other pages.
    public var linkArguments: [(name: String, value: String)] = []

    public init() {}

    public static func == (left: ListQuery, right: ListQuery) -> Bool {
        left.filters == right.filters && left.projectID == right.projectID && left.tags == right.tags
            && left.tagsAny == right.tagsAny && left.notTags == right.notTags && left.notTagsAny == right.notTagsAny
            && left.sort == right.sort && left.limit == right.limit && left.marker == right.marker
            && left.isPageReversed == right.isPageReversed && left.fields == right.fields
    }
}
