// EndpointSlices (discovery.k8s.io): the addresses of a Service's pods, in portions.

public import JSON

/// A portion of the addresses of a Service's pods. What clusters before 1.21 write (v1beta1) is read as v1.
public struct EndpointSlice: KubernetesObject {
    public var metadata = ObjectMeta()
    /// `IPv4`, `IPv6` or `FQDN`.
    public var addressType = ""
    public var endpoints: [Endpoint] = []
    public var ports: [EndpointPort] = []
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "EndpointSlice"
    public static let resources = [
        ResourceType(group: "discovery.k8s.io", version: "v1", name: "endpointslices"),
        ResourceType(group: "discovery.k8s.io", version: "v1beta1", name: "endpointslices"),
    ]
    /// The label that names the Service.
    public static let serviceLabel = "kubernetes.io/service-name"

    public init() {}

    /// The Service whose pods these are.
    public var service: ObjectKey? {
        metadata.labels[Self.serviceLabel].map { ObjectKey(namespace: metadata.namespace, name: $0) }
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("addressType", &addressType)
        try mapper.field("endpoints", &endpoints)
        try mapper.field("ports", &ports)
    }
}

/// A pod behind a Service.
public struct Endpoint: JSONRecord {
    /// Consumers use the first one only.
    public var addresses: [String] = []
    public var conditions = EndpointConditions()
    public var hostname = ""
    public var nodeName = ""
    public var zone = ""
    public var targetRef: ObjectReference?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("addresses", &addresses)
        try mapper.field("conditions", &conditions)
        try mapper.field("hostname", &hostname)
        try mapper.field("nodeName", &nodeName)
        try mapper.field("zone", &zone)
        try mapper.field("targetRef", &targetRef)
        // v1beta1 has node and zone here.
        var topology: [String: String] = [:]
        try mapper.field("topology", &topology)
        if nodeName.isEmpty { nodeName = topology["kubernetes.io/hostname"] ?? "" }
        if zone.isEmpty { zone = topology["topology.kubernetes.io/zone"] ?? "" }
    }
}

/// The state of a pod behind a Service.
public struct EndpointConditions: JSONRecord {
    /// Absent is unknown, to be taken as true. Never true for a pod that is terminating, unless the Service publishes
    /// addresses that are not ready.
    public var ready: Bool?
    /// Like `ready`, but goes on while the pod terminates. Absent: as `ready`.
    public var serving: Bool?
    public var terminating: Bool?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public var isReady: Bool { ready ?? true }
    public var isServing: Bool { serving ?? isReady }
    public var isTerminating: Bool { terminating ?? false }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("ready", &ready)
        try mapper.field("serving", &serving)
        try mapper.field("terminating", &terminating)
    }
}
