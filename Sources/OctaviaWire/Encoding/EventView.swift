// Entries of timelines as the API shows them. An addition to the original API.

public import JSON
public import LoadBalancing

/// Something that happened to a load balancer.
public struct EventView: ResourceView, Hashable {
    public static let key = "event"
    public static let collectionKey = "events"

    public var event: LoadBalancerEvent

    public init(_ event: LoadBalancerEvent) {
        self.event = event
    }

    public func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.object { writer in
            writer.field("id", event.id, in: fields)
            writer.field("loadbalancer_id", event.loadBalancerID, in: fields)
            writer.field("project_id", event.projectID, in: fields)
            writer.field("type", event.kind.rawValue, in: fields)
            writer.field("object_type", event.objectKind.fieldName, in: fields)
            writer.field("object_id", event.objectID, in: fields)
            writer.field("user_id", event.userID, in: fields)
            writer.field("request_id", event.requestID, in: fields)
            writer.field("generation", event.generation.map { Int($0) }, in: fields)
            if fields.contains("fields") { writer.member("fields", strings: event.fields) }
            writer.field("duration", event.duration.map { Int($0) }, in: fields)
            writer.field("message", event.message, in: fields)
            writer.field("occurrences", Int(event.occurrences), in: fields)
            writer.field("created_at", event.createdAt.iso8601, in: fields)
            writer.field("updated_at", event.updatedAt?.iso8601, in: fields)
        }
    }
}

extension ListSchema {
    /// Timelines of load balancers.
    public static let event = ListSchema(
        fields: [
            "id": .uuid, "type": .text, "object_type": .text, "object_id": .uuid, "user_id": .text,
            "request_id": .text, "generation": .integer, "duration": .integer, "message": .text,
            "occurrences": .integer, "created_at": .time, "updated_at": .time,
        ], hasProjects: false, defaultSort: ["created_at", "id"])
}
