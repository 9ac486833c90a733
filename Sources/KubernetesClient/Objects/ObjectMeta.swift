// What every object has: names, labels, annotations, versions.

public import JSON

/// The name of an object within its type. Objects of a cluster have an empty namespace.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var namespace: String
    public var name: String

    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or `name`.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// Metadata of an object (API conventions, "Metadata").
public struct ObjectMeta: JSONRecord {
    public var name = ""
    /// The server appends random characters to it when there is no name.
    public var generateName = ""
    public var namespace = ""
    /// Tells an object from a later one of the same name.
    public var uid = ""
    /// Opaque; equal only for the same state of the object.
    public var resourceVersion = ""
    /// Counts changes of what the object should be; status does not count.
    public var generation = 0
    /// RFC 3339 in UTC, so that text order is time order.
    public var creationTimestamp = ""
    /// RFC 3339; empty unless the object is being deleted.
    public var deletionTimestamp = ""
    public var labels: [String: String] = [:]
    public var annotations: [String: String] = [:]
    public var finalizers: [String] = []
    public var ownerReferences: [OwnerReference] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(
        namespace: String = "", name: String, labels: [String: String] = [:], annotations: [String: String] = [:]
    ) {
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.annotations = annotations
    }

    /// Whether somebody asked to delete the object; it goes when it has no finalizer any more.
    public var isBeingDeleted: Bool { !deletionTimestamp.isEmpty }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("name", &name)
        try mapper.field("generateName", &generateName)
        try mapper.field("namespace", &namespace)
        try mapper.field("uid", &uid)
        try mapper.field("resourceVersion", &resourceVersion)
        try mapper.field("generation", &generation)
        try mapper.field("creationTimestamp", &creationTimestamp)
        try mapper.field("deletionTimestamp", &deletionTimestamp)
        try mapper.field("labels", &labels)
        try mapper.field("annotations", &annotations)
        try mapper.field("finalizers", &finalizers)
        try mapper.field("ownerReferences", &ownerReferences)
    }
}

/// An object on which another one depends.
public struct OwnerReference: JSONRecord {
    public var apiVersion = ""
    public var kind = ""
    public var name = ""
    public var uid = ""
    public var controller: Bool?
    public var blockOwnerDeletion: Bool?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("apiVersion", &apiVersion)
        try mapper.field("kind", &kind)
        try mapper.field("name", &name)
        try mapper.field("uid", &uid)
        try mapper.field("controller", &controller)
        try mapper.field("blockOwnerDeletion", &blockOwnerDeletion)
    }
}

/// Names an object in a field of another one (core/v1 ObjectReference).
public struct ObjectReference: JSONRecord {
    public var apiVersion = ""
    public var kind = ""
    public var namespace = ""
    public var name = ""
    public var uid = ""
    public var resourceVersion = ""
    public var fieldPath = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    /// A reference to an object that was read from the cluster.
    public init<Object: KubernetesObject>(to object: Object) {
        apiVersion = Object.resources[0].apiVersion
        kind = Object.kind
        namespace = object.metadata.namespace
        name = object.metadata.name
        uid = object.metadata.uid
        resourceVersion = object.metadata.resourceVersion
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("apiVersion", &apiVersion)
        try mapper.field("kind", &kind)
        try mapper.field("namespace", &namespace)
        try mapper.field("name", &name)
        try mapper.field("uid", &uid)
        try mapper.field("resourceVersion", &resourceVersion)
        try mapper.field("fieldPath", &fieldPath)
    }
}

/// One observation about an object (API conventions, "Typical status properties").
public struct Condition: JSONRecord {
    public var type = ""
    /// `True`, `False` or `Unknown`.
    public var status = ""
    public var reason = ""
    public var message = ""
    public var lastTransitionTime = ""
    public var observedGeneration = 0
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(type: String, status: String, reason: String = "", message: String = "") {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }

    public var isTrue: Bool { status == "True" }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("type", &type)
        try mapper.field("status", &status)
        try mapper.field("reason", &reason)
        try mapper.field("message", &message)
        try mapper.field("lastTransitionTime", &lastTransitionTime)
        try mapper.field("observedGeneration", &observedGeneration)
    }
}
