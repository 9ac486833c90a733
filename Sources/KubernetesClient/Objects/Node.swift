// Nodes (core/v1).

public import JSON

/// A machine of the cluster.
public struct Node: KubernetesObject {
    public var metadata = ObjectMeta()
    public var spec = NodeSpec()
    public var status = NodeStatus()
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Node"
    public static let resources = [ResourceType(version: "v1", name: "nodes", isNamespaced: false)]

    public init() {}

    /// Whether the node says that it can run pods.
    public var isReady: Bool { status.conditions.contains { $0.type == "Ready" && $0.isTrue } }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("spec", &spec)
        try mapper.field("status", &status)
    }
}

/// What a node should be.
public struct NodeSpec: JSONRecord {
    /// Cordoned: takes no new pods.
    public var unschedulable = false
    /// The machine in its cloud, such as `openstack:///ID`.
    public var providerID = ""
    public var podCIDR = ""
    public var podCIDRs: [String] = []
    public var taints: [Taint] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("unschedulable", &unschedulable)
        try mapper.field("providerID", &providerID)
        try mapper.field("podCIDR", &podCIDR)
        try mapper.field("podCIDRs", &podCIDRs)
        try mapper.field("taints", &taints)
    }
}

/// A mark that keeps pods away.
public struct Taint: JSONRecord {
    public var key = ""
    public var value = ""
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    public var effect = ""
    public var timeAdded = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(key: String, value: String = "", effect: String) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("key", &key)
        try mapper.field("value", &value)
        try mapper.field("effect", &effect)
        try mapper.field("timeAdded", &timeAdded)
    }
}

/// What a node is.
public struct NodeStatus: JSONRecord {
    public var addresses: [NodeAddress] = []
    public var conditions: [Condition] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("addresses", &addresses)
        try mapper.field("conditions", &conditions)
    }
}

/// One address of a node.
public struct NodeAddress: JSONRecord {
    /// `InternalIP`, `ExternalIP`, `Hostname`, `InternalDNS` or `ExternalDNS`.
    public var type = ""
    public var address = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(type: String, address: String) {
        self.type = type
        self.address = address
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("type", &type)
        try mapper.field("address", &address)
    }
}
