// Ingresses (networking.k8s.io): HTTP routing by host and path.

public import JSON

/// Routes for HTTP. What clusters before 1.19 write (v1beta1) is read as v1.
public struct Ingress: KubernetesObject {
    public var metadata = ObjectMeta()
    public var spec = IngressSpec()
    public var status = IngressStatus()
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Ingress"
    public static let resources = [
        ResourceType(group: "networking.k8s.io", version: "v1", name: "ingresses"),
        ResourceType(group: "networking.k8s.io", version: "v1beta1", name: "ingresses"),
    ]
    /// What named the class before there was `spec.ingressClassName`.
    public static let classAnnotation = "kubernetes.io/ingress.class"

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("spec", &spec)
        try mapper.field("status", &status)
    }
}

/// What an Ingress should do.
public struct IngressSpec: JSONRecord {
    /// Absent leaves the choice to the annotation and to the default class.
    public var ingressClassName: String?
    /// For requests that no rule matches.
    public var defaultBackend: IngressBackend?
    public var tls: [IngressTLS] = []
    public var rules: [IngressRule] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("ingressClassName", &ingressClassName)
        try mapper.field("defaultBackend", &defaultBackend)
        try mapper.field("tls", &tls)
        try mapper.field("rules", &rules)
        var backend: IngressBackend?
        try mapper.field("backend", &backend)
        defaultBackend = defaultBackend ?? backend
    }
}

/// Hosts and their certificate.
public struct IngressTLS: JSONRecord {
    /// Empty: the certificate says which hosts it is for.
    public var hosts: [String] = []
    public var secretName = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(hosts: [String], secretName: String) {
        self.hosts = hosts
        self.secretName = secretName
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("hosts", &hosts)
        try mapper.field("secretName", &secretName)
    }
}

/// The paths of a host.
public struct IngressRule: JSONRecord {
    /// Empty is every host; `*.` at the start stands for exactly one label.
    public var host = ""
    public var http: HTTPIngressRule?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(host: String = "", paths: [HTTPIngressPath]) {
        self.host = host
        http = HTTPIngressRule(paths: paths)
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("host", &host)
        try mapper.field("http", &http)
    }
}

/// A list of paths.
public struct HTTPIngressRule: JSONRecord {
    public var paths: [HTTPIngressPath] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(paths: [HTTPIngressPath]) {
        self.paths = paths
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("paths", &paths)
    }
}

/// A path and where its requests go.
public struct HTTPIngressPath: JSONRecord {
    /// Empty is every path.
    public var path = ""
    /// `Exact`, `Prefix` or `ImplementationSpecific`; empty is the last.
    public var pathType = ""
    public var backend = IngressBackend()
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(path: String, pathType: String = "Prefix", backend: IngressBackend) {
        self.path = path
        self.pathType = pathType
        self.backend = backend
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("path", &path)
        try mapper.field("pathType", &pathType)
        try mapper.field("backend", &backend)
    }
}

/// Where requests go.
public struct IngressBackend: JSONRecord {
    public var service: IngressServiceBackend?
    /// An object of another kind, which stands in place of a Service.
    public var resource: JSONValue?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    /// A port of a Service, by number or by name.
    public init(service: String, port: IntOrString) {
        self.service = IngressServiceBackend(name: service, port: port)
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("service", &service)
        try mapper.field("resource", &resource)
        var name = ""
        var port: IntOrString?
        try mapper.field("serviceName", &name)
        try mapper.field("servicePort", &port)
        if service == nil, !name.isEmpty { service = IngressServiceBackend(name: name, port: port ?? 0) }
    }
}

/// A port of a Service.
public struct IngressServiceBackend: JSONRecord {
    public var name = ""
    public var port = ServiceBackendPort()
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(name: String, port: IntOrString) {
        self.name = name
        switch port {
        case .int(let number): self.port.number = number
        case .string(let name): self.port.name = name
        }
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("name", &name)
        try mapper.field("port", &port)
    }
}

/// A port of a Service, by name or by number.
public struct ServiceBackendPort: JSONRecord {
    public var name = ""
    /// 0 if the name is meant.
    public var number = 0
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("name", &name)
        try mapper.field("number", &number)
    }
}

/// What became of an Ingress.
public struct IngressStatus: JSONRecord {
    public var loadBalancer = LoadBalancerStatus()
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("loadBalancer", &loadBalancer)
    }
}
