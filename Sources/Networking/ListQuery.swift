// What a list request asks for.

import LoadBalancing

/// Filters, order and page of a list request (Network API v2.0 reference, "Filtering and column selection",
/// "Pagination", "Sorting").
public struct ListQuery: Sendable, Hashable {
    /// An attribute must have one of these values.
    public struct Filter: Sendable, Hashable {
        public var attribute: String
        public var values: [String]

        public init(_ attribute: String, _ values: [String]) {
            self.attribute = attribute
            self.values = values
        }
    }

    /// One step of the order.
    public struct SortKey: Sendable, Hashable {
        public var attribute: String
        public var isDescending: Bool

        public init(_ attribute: String, isDescending: Bool = false) {
            self.attribute = attribute
            self.isDescending = isDescending
        }
    }

    /// All must hold.
    public var filters: [Filter] = []
    /// Has each of these tags.
    public var tags: [String] = []
    /// Has one of these tags.
    public var tagsAny: [String] = []
    /// Lacks one of these tags.
    public var notTags: [String] = []
    /// Lacks all of these tags.
    public var notTagsAny: [String] = []
    /// Empty: the order of creation.
    public var sort: [SortKey] = []
    /// How many objects at most; `nil` is all.
    public var limit: Int?
    /// The last object of the page before.
    public var marker: String?

    public init() {}

    /// Finds one object.
    init(id: ResourceID) {
        filters = [Filter("id", [id.string])]
    }
}

/// A page of a list.
public struct NetworkPage<Element: Sendable>: Sendable {
    public var items: [Element]
    /// Whether there are further objects after these.
    public var hasMore: Bool
}
