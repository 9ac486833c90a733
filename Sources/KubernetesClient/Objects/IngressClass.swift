// Ingress classes (networking.k8s.io).

public import JSON

/// Says which controller serves an Ingress.
public struct IngressClass: KubernetesObject {
    public var metadata = ObjectMeta()
    public var spec = IngressClassSpec()
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "IngressClass"
    public static let resources = [
        ResourceType(group: "networking.k8s.io", version: "v1", name: "ingressclasses", isNamespaced: false),
        ResourceType(group: "networking.k8s.io", version: "v1beta1", name: "ingressclasses", isNamespaced: false),
    ]

    public init() {}

    /// Marks the class of Ingresses that name none.
    public static let defaultAnnotation = "ingressclass.kubernetes.io/is-default-class"

    public var isDefault: Bool { metadata.annotations[Self.defaultAnnotation] == "true" }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("spec", &spec)
    }
}

/// What a class of Ingresses stands for.
public struct IngressClassSpec: JSONRecord {
    /// Such as `example.com/ingress-controller`.
    public var controller = ""
    public var parameters: JSONValue?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("controller", &controller)
        try mapper.field("parameters", &parameters)
    }
}
