// Services (core/v1).

public import JSON

/// A name and an address for pods.
public struct Service: KubernetesObject {
    public var metadata = ObjectMeta()
    public var spec = ServiceSpec()
    public var status = ServiceStatus()
    public var otherFields: [String: JSONValue] = [:]

    public static let kind = "Service"
    public static let resources = [ResourceType(version: "v1", name: "services")]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("metadata", &metadata)
        try mapper.field("spec", &spec)
        try mapper.field("status", &status)
    }
}

/// What a Service should be.
public struct ServiceSpec: JSONRecord {
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`; the server fills it in.
    public var type = ""
    public var ports: [ServicePort] = []
    public var selector: [String: String] = [:]
    public var clusterIP = ""
    public var clusterIPs: [String] = []
    public var externalIPs: [String] = []
    /// `IPv4`, `IPv6`, or both, the first one first.
    public var ipFamilies: [String] = []
    /// `SingleStack`, `PreferDualStack` or `RequireDualStack`.
    public var ipFamilyPolicy = ""
    /// `None` or `ClientIP`.
    public var sessionAffinity = ""
    public var sessionAffinityConfig = SessionAffinityConfig()
    public var loadBalancerIP = ""
    public var loadBalancerSourceRanges: [String] = []
    /// Who serves it, if not the cluster's default (since 1.24).
    public var loadBalancerClass = ""
    /// Absent is true (since 1.24).
    public var allocateLoadBalancerNodePorts: Bool?
    /// `Cluster` or `Local`.
    public var externalTrafficPolicy = ""
    public var internalTrafficPolicy = ""
    /// With policy `Local`: the port at which nodes say whether they have ready pods; 0 if there is none.
    public var healthCheckNodePort = 0
    public var publishNotReadyAddresses = false
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    /// Whether nodes shall listen on ports for the load balancer.
    public var allocatesNodePorts: Bool { allocateLoadBalancerNodePorts ?? true }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("type", &type)
        try mapper.field("ports", &ports)
        try mapper.field("selector", &selector)
        try mapper.field("clusterIP", &clusterIP)
        try mapper.field("clusterIPs", &clusterIPs)
        try mapper.field("externalIPs", &externalIPs)
        try mapper.field("ipFamilies", &ipFamilies)
        try mapper.field("ipFamilyPolicy", &ipFamilyPolicy)
        try mapper.field("sessionAffinity", &sessionAffinity)
        try mapper.field("sessionAffinityConfig", &sessionAffinityConfig)
        try mapper.field("loadBalancerIP", &loadBalancerIP)
        try mapper.field("loadBalancerSourceRanges", &loadBalancerSourceRanges)
        try mapper.field("loadBalancerClass", &loadBalancerClass)
        try mapper.field("allocateLoadBalancerNodePorts", &allocateLoadBalancerNodePorts)
        try mapper.field("externalTrafficPolicy", &externalTrafficPolicy)
        try mapper.field("internalTrafficPolicy", &internalTrafficPolicy)
        try mapper.field("healthCheckNodePort", &healthCheckNodePort)
        try mapper.field("publishNotReadyAddresses", &publishNotReadyAddresses)
    }
}

/// One port of a Service.
public struct ServicePort: JSONRecord {
    public var name = ""
    /// `TCP`, `UDP` or `SCTP`; the server fills it in.
    public var `protocol` = ""
    /// The protocol above it, such as `http` or `kubernetes.io/h2c`.
    public var appProtocol = ""
    public var port = 0
    /// The port of the pods, or its name.
    public var targetPort: IntOrString?
    /// The port of all nodes; 0 if there is none.
    public var nodePort = 0
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(
        name: String = "", protocol: String = "TCP", port: Int, targetPort: IntOrString? = nil, nodePort: Int = 0
    ) {
        self.name = name
        self.protocol = `protocol`
        self.port = port
        self.targetPort = targetPort
        self.nodePort = nodePort
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("name", &name)
        try mapper.field("protocol", &`protocol`)
        try mapper.field("appProtocol", &appProtocol)
        try mapper.field("port", &port)
        try mapper.field("targetPort", &targetPort)
        try mapper.field("nodePort", &nodePort)
    }
}

/// Settings of session affinity.
public struct SessionAffinityConfig: JSONRecord {
    public var clientIP = ClientIPConfig()
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("clientIP", &clientIP)
    }
}

/// Settings of affinity by the client's address.
public struct ClientIPConfig: JSONRecord {
    /// 1 to 86400.
    public var timeoutSeconds: Int?
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("timeoutSeconds", &timeoutSeconds)
    }
}

/// What a Service is.
public struct ServiceStatus: JSONRecord {
    public var loadBalancer = LoadBalancerStatus()
    public var conditions: [Condition] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("loadBalancer", &loadBalancer)
        try mapper.field("conditions", &conditions)
    }
}

/// The addresses of a load balancer; those of Services and Ingresses have the same form.
public struct LoadBalancerStatus: JSONRecord {
    public var ingress: [LoadBalancerIngress] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("ingress", &ingress)
    }
}

/// One address of a load balancer.
public struct LoadBalancerIngress: JSONRecord {
    public var ip = ""
    public var hostname = ""
    /// `VIP`: nodes may send packets past the load balancer; `Proxy`: they may not (since 1.29).
    public var ipMode = ""
    public var ports: [PortStatus] = []
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public init(ip: String = "", hostname: String = "", ipMode: String = "") {
        self.ip = ip
        self.hostname = hostname
        self.ipMode = ipMode
    }

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("ip", &ip)
        try mapper.field("hostname", &hostname)
        try mapper.field("ipMode", &ipMode)
        try mapper.field("ports", &ports)
    }
}

/// What became of one port.
public struct PortStatus: JSONRecord {
    public var port = 0
    public var `protocol` = ""
    /// A reason in CamelCase, such as `MixedProtocolNotSupported`.
    public var error = ""
    public var otherFields: [String: JSONValue] = [:]

    public init() {}

    public mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject) {
        try mapper.field("port", &port)
        try mapper.field("protocol", &`protocol`)
        try mapper.field("error", &error)
    }
}
