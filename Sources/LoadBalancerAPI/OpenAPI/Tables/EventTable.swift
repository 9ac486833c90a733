// The fields of entries of timelines.

internal import LoadBalancing
internal import OctaviaWire

extension OpenAPI.Resource {
    static let event = OpenAPI.Resource(
        name: "Event", key: EventView.key, collectionKey: EventView.collectionKey, linksKey: EventView.linksKey,
        fields: [
            .id,
            .init("loadbalancer_id", .uuid, "The load balancer, which may be gone.", answer: .always),
            .init("project_id", .text(), "The project of the load balancer.", answer: .always),
            .init("type", .choice(LoadBalancerEvent.Kind.self), "What kind of thing happened.", answer: .always),
            .init(
                "object_type", .choice(ResourceKind.allCases.map(\.fieldName)), "The kind of object that it is about.",
                answer: .always),
            .init("object_id", .uuid, "The object that it is about.", answer: .always),
            .init("user_id", .text(), "Who asked; `null` for what the service did itself.", answer: .nullable),
            .init("request_id", .text(), "The request that asked.", answer: .nullable),
            .init("generation", .count, "The version of the tree that it is about.", answer: .nullable),
            .init("fields", .list(of: .text()), "The fields that an update changed.", answer: .always),
            .init("duration", .count, "How long it took, in milliseconds.", answer: .nullable),
            .init("message", .text(), "A sentence for people.", answer: .always),
            .init(
                "occurrences", .count, "How often it happened: repetitions are told a few times and then counted.",
                answer: .always),
            .init("created_at", .timestamp, "When it happened first, in UTC.", answer: .always),
            .init("updated_at", .timestamp, "When it happened last, if more than once, in UTC.", answer: .nullable),
        ])
}
