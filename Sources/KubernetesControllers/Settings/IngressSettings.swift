// What holds for all Ingresses.

/// Settings of the Ingress controller.
public struct IngressSettings: Sendable, Hashable {
    /// Values of the annotation `kubernetes.io/ingress.class` that are served.
    public var classes: Set<String> = ["openstack", "ottava"]
    /// Classes (`spec.ingressClassName`) whose controller has this name are served.
    public var controllerName = "ottava.dev/ingress"
    /// The port of plain HTTP.
    public var httpPort = 80
    /// The port of HTTP with TLS.
    public var httpsPort = 443
    /// Whether hosts with a certificate redirect plain HTTP to HTTPS, unless their annotation says otherwise.
    public var redirectsToHTTPS = true

    public init() {}
}
