// What happened to a load balancer; only Ottava tells.

public import LoadBalancing

/// An entry of the timeline of a load balancer.
public struct LoadBalancerEvent: CloudResource, Identifiable {
    public static let key = "event"
    public static let collectionKey = "events"

    public var id: ResourceID
    public var loadBalancerID: ResourceID
    /// `created`, `applied`, `failed`, `operating_status`, …: newer services may have more.
    public var type: String
    /// `loadbalancer`, `listener`, `member`, …
    public var objectType: String
    public var objectID: ResourceID
    /// Who asked; absent for what the service did itself.
    public var userID: String?
    public var requestID: String?
    /// The version of the load balancer's tree that it is about.
    public var generation: Int?
    /// The fields that an update changed.
    public var fields: [String]
    public var duration: Duration?
    public var message: String
    /// How often it happened: repetitions are told a few times and then counted.
    public var occurrences: Int
    public var createdAt: Timestamp?
    /// When it happened last, if more than once.
    public var updatedAt: Timestamp?

    public var name: String { "" }
    public var reference: String { id.string }

    public init(_ answer: AnswerReader) throws(CloudError) {
        id = try answer.id()
        loadBalancerID = try answer.id("loadbalancer_id")
        type = try answer.text("type")
        objectType = try answer.textOrEmpty("object_type")
        objectID = try answer.id("object_id")
        userID = try answer.textIfAny("user_id")
        requestID = try answer.textIfAny("request_id")
        generation = try answer.integerIfAny("generation")
        fields = try answer.strings("fields")
        duration = try answer.integerIfAny("duration").map { .milliseconds($0) }
        message = try answer.textOrEmpty("message")
        occurrences = try answer.integer("occurrences", ifAbsent: 1)
        createdAt = try answer.timeIfAny("created_at")
        updatedAt = try answer.timeIfAny("updated_at")
    }
}

extension ResourceCollection<LoadBalancer> {
    /// What happened to a load balancer, oldest first; for some weeks after its end, too. Only Ottava has this: other
    /// services answer ``CloudError/Code/notFound``.
    public func events(
        _ id: ResourceID, _ filters: Filter..., sortedBy sort: [SortKey] = [], pageSize: Int = 500
    ) -> ResourceList<LoadBalancerEvent> {
        eventCollection(id).list(filters, sortedBy: sort, pageSize: pageSize)
    }

    /// The same as a collection.
    public func eventCollection(_ id: ResourceID) -> ResourceCollection<LoadBalancerEvent> {
        ResourceCollection<LoadBalancerEvent>(service: service, path: "\(path)/\(id)/events")
    }

    /// What happened to a load balancer and what happens from now on; ends with the task that reads it.
    public func followEvents(
        _ id: ResourceID, every interval: Duration = .seconds(1)
    ) -> EventFeed<LoadBalancerEvent> {
        EventFeed(collection: eventCollection(id), interval: interval)
    }
}

/// A list that goes on with what is added to it.
public struct EventFeed<Element: CloudResource>: AsyncSequence, Sendable {
    let collection: ResourceCollection<Element>
    let interval: Duration

    /// The same, read as another type.
    public func reading<Other: CloudResource>(as type: Other.Type) -> EventFeed<Other> {
        EventFeed<Other>(collection: collection.reading(as: type), interval: interval)
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(feed: self) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let feed: EventFeed
        private var page: ArraySlice<Element> = []
        private var last: String?
        private var isFirst = true

        init(feed: EventFeed) {
            self.feed = feed
        }

        public mutating func next() async throws -> Element? {
            while page.isEmpty {
                if !isFirst { try await Task.sleep(for: feed.interval) }
                isFirst = false
                var list = feed.collection.list()
                list.firstMarker = last
                do {
                    page = try await list.all()[...]
                } catch let error as CloudError where error.code == .badRequest && last != nil {
                    // The event that was last is not kept any more.
                    last = nil
                }
            }
            let element = page.removeFirst()
            last = element.reference
            return element
        }
    }
}
