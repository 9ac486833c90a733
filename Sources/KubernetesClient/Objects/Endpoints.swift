// Endpoints (core/v1), which EndpointSlices replace.

public import JSON

/// The addresses of the pods of a Service, all in one object.
public struct Endpoints: KubernetesObject {
    public var metadata = ObjectMeta()
    public var subsets: [EndpointSubset] = []
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Endpoints"
    public static let resources = [ResourceType(version: "v1", name: "endpoints")]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("subsets", &subsets)
    }
}

/// Addresses with the same ports.
public struct EndpointSubset: JSONRecord {
    /// Those that are ready.
    public var addresses: [EndpointAddress] = []
    public var notReadyAddresses: [EndpointAddress] = []
    public var ports: [EndpointPort] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("addresses", &addresses)
        try mapper.field("notReadyAddresses", &notReadyAddresses)
        try mapper.field("ports", &ports)
    }
}

/// The address of a pod.
public struct EndpointAddress: JSONRecord {
    public var ip = ""
    public var hostname = ""
    public var nodeName = ""
    public var targetRef: ObjectReference?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("ip", &ip)
        try mapper.field("hostname", &hostname)
        try mapper.field("nodeName", &nodeName)
        try mapper.field("targetRef", &targetRef)
    }
}

/// One port of endpoints.
public struct EndpointPort: JSONRecord {
    /// That of the Service's port.
    public var name = ""
    /// `TCP`, `UDP` or `SCTP`; empty is TCP.
    public var `protocol` = ""
    /// Absent stands for all ports.
    public var port: Int?
    public var appProtocol = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(name: String = "", protocol: String = "TCP", port: Int) {
        self.name = name
        self.protocol = `protocol`
        self.port = port
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("name", &name)
        try mapper.field("protocol", &`protocol`)
        try mapper.field("port", &port)
        try mapper.field("appProtocol", &appProtocol)
    }
}
