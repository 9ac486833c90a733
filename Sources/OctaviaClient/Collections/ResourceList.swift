// A list that reads itself page by page.

internal import JSON

/// A list of objects, read from the service while it is being iterated: never more than one page is in memory.
///
/// ```swift
/// for try await listener in cloud.listeners.list(.loadBalancer(id)) { … }
/// ```
/// Each iteration asks anew. Objects that come and go while a list is read may be in it or not.
public struct ResourceList<Element: CloudResource>: AsyncSequence, Sendable {
    let service: ServiceClient
    let path: String
    let filters: [Filter]
    let sort: [SortKey]
    let pageSize: Int
    /// The list begins after this object.
    var firstMarker: String?

    /// Begins to read the list anew.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// All objects at once.
    public func all() async throws -> [Element] {
        var result: [Element] = []
        for try await element in self { result.append(element) }
        return result
    }

    /// Reads the list once.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let list: ResourceList
        private var page: [Element] = []
        private var position = 0
        private var marker: String?
        private var isLastPage = false

        init(_ list: ResourceList) {
            self.list = list
            marker = list.firstMarker
        }

        public mutating func next() async throws -> Element? {
            while position == page.count {
                guard !isLastPage else { return nil }
                try await readPage()
            }
            defer { position += 1 }
            return page[position]
        }

        private mutating func readPage() async throws {
            try Task.checkCancellation()
            var query = list.filters.flatMap(\.arguments)
            if !list.sort.isEmpty {
                let keys = list.sort.map { $0.field + ($0.isDescending ? ":desc" : ":asc") }
                query.append(("sort", keys.joined(separator: ",")))
            }
            if Element.hasPages { query.append(("limit", "\(list.pageSize)")) }
            if let marker { query.append(("marker", marker)) }
            let document = try await list.service.sendForDocument("GET", list.path, query: query)
            guard let array = document[Element.collectionKey]?.array else {
                throw CloudError(
                    .unexpectedAnswer,
                    "unexpected answer to GET \(list.path): there is no list '\(Element.collectionKey)'")
            }
            page = try array.map { try Element(AnswerReader($0, Element.term)) }
            position = 0
            let next = page.last?.reference
            // The links lose the filters: only whether there is one counts. A marker that stays is a loop.
            isLastPage = !Element.hasPages || next == nil || next == marker || !Self.hasNextLink(document)
            marker = next
        }

        private static func hasNextLink(_ document: JSONValue) -> Bool {
            guard let members = document.object else { return false }
            return members.contains { key, value in
                key.hasSuffix("links") && value.array?.contains { $0["rel"]?.string == "next" } == true
            }
        }
    }
}
