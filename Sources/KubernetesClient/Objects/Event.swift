// Events (core/v1): what happened to an object.

public import JSON

/// Something that happened to an object.
public struct Event: KubernetesObject {
    public var metadata = ObjectMeta()
    public var involvedObject = ObjectReference()
    /// One word in CamelCase.
    public var reason = ""
    public var message = ""
    /// `Normal` or `Warning`.
    public var type = ""
    /// How often it happened.
    public var count = 0
    /// RFC 3339.
    public var firstTimestamp = ""
    /// RFC 3339.
    public var lastTimestamp = ""
    public var source = EventSource()
    public var reportingComponent = ""
    public var reportingInstance = ""
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Event"
    public static let resources = [ResourceType(version: "v1", name: "events")]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("involvedObject", &involvedObject)
        try mapper.field("reason", &reason)
        try mapper.field("message", &message)
        try mapper.field("type", &type)
        try mapper.field("count", &count)
        try mapper.field("firstTimestamp", &firstTimestamp)
        try mapper.field("lastTimestamp", &lastTimestamp)
        try mapper.field("source", &source)
        try mapper.field("reportingComponent", &reportingComponent)
        try mapper.field("reportingInstance", &reportingInstance)
    }
}

/// Who tells of an event.
public struct EventSource: JSONRecord {
    public var component = ""
    public var host = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("component", &component)
        try mapper.field("host", &host)
    }
}
