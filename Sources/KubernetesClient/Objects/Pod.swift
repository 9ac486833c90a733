// Pods (core/v1), as far as load balancing needs them.

public import JSON

/// A group of containers with one address.
public struct Pod: KubernetesObject {
    public var metadata = ObjectMeta()
    public var spec = PodSpec()
    public var status = PodStatus()
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Pod"
    public static let resources = [ResourceType(version: "v1", name: "pods")]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("spec", &spec)
        try mapper.field("status", &status)
    }
}

/// What a pod should be.
public struct PodSpec: JSONRecord {
    public var nodeName = ""
    public var readinessGates: [PodReadinessGate] = []
    public var containers: [Container] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("nodeName", &nodeName)
        try mapper.field("readinessGates", &readinessGates)
        try mapper.field("containers", &containers)
    }
}

/// A condition without which a pod is not ready.
public struct PodReadinessGate: JSONRecord {
    public var conditionType = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(conditionType: String) {
        self.conditionType = conditionType
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("conditionType", &conditionType)
    }
}

/// One container of a pod.
public struct Container: JSONRecord {
    public var name = ""
    public var image = ""
    public var ports: [ContainerPort] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("name", &name)
        try mapper.field("image", &image)
        try mapper.field("ports", &ports)
    }
}

/// A port of a container.
public struct ContainerPort: JSONRecord {
    public var name = ""
    public var containerPort = 0
    /// Empty is TCP.
    public var `protocol` = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("name", &name)
        try mapper.field("containerPort", &containerPort)
        try mapper.field("protocol", &`protocol`)
    }
}

/// What a pod is.
public struct PodStatus: JSONRecord {
    public var phase = ""
    public var podIP = ""
    public var podIPs: [PodIP] = []
    public var conditions: [Condition] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("phase", &phase)
        try mapper.field("podIP", &podIP)
        try mapper.field("podIPs", &podIPs)
        try mapper.field("conditions", &conditions)
    }
}

/// One address of a pod.
public struct PodIP: JSONRecord {
    public var ip = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("ip", &ip)
    }
}
