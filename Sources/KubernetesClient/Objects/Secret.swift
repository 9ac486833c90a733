// Secrets (core/v1).

public import JSON

/// Confidential bytes.
public struct Secret: KubernetesObject {
    public var metadata = ObjectMeta()
    /// Such as `kubernetes.io/tls`, which has keys `tls.crt` and `tls.key`.
    public var type = ""
    public var data: [String: Base64Bytes] = [:]
    /// Written only: texts that the server moves to `data`.
    public var stringData: [String: String] = [:]
    public var immutable: Bool?
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Secret"
    public static let resources = [ResourceType(version: "v1", name: "secrets")]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("type", &type)
        try mapper.field("data", &data)
        try mapper.field("stringData", &stringData)
        try mapper.field("immutable", &immutable)
    }
}
