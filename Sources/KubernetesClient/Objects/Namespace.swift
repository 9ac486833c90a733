// Namespaces (core/v1).

public import JSON

/// A scope for names.
public struct Namespace: KubernetesObject {
    public var metadata = ObjectMeta()
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Namespace"
    public static let resources = [ResourceType(version: "v1", name: "namespaces", isNamespaced: false)]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
    }
}
