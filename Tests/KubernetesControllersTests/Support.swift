// Small ways to write objects of a cluster down.

internal import JSON
internal import OctaviaClient

@testable internal import KubernetesClient
@testable internal import KubernetesControllers

/// A Service of type LoadBalancer as a cluster would store it.
func makeService(
    _ name: String = "web", annotations: [String: String] = [:],
    ports: [ServicePort] = [ServicePort(port: 80, nodePort: 30_080)], _ change: (inout Service) -> Void = { _ in }
) -> Service {
    var service = Service()
    service.metadata = ObjectMeta(namespace: "shop", name: name, annotations: annotations)
    service.metadata.uid = "3c2f0a3e-7d0c-4ad8-9f6e-0a9de7d8a001"
    service.spec.type = "LoadBalancer"
    service.spec.clusterIP = "10.96.0.10"
    service.spec.ports = ports
    change(&service)
    return service
}

func makeNode(
    _ name: String, _ address: String, labels: [String: String] = [:], _ change: (inout Node) -> Void = { _ in }
) -> Node {
    var node = Node()
    node.metadata = ObjectMeta(name: name, labels: labels)
    node.status.addresses = [NodeAddress(type: "InternalIP", address: address)]
    node.status.conditions = [Condition(type: "Ready", status: "True")]
    change(&node)
    return node
}

/// A slice of a Service's pods.
func makeSlice(_ endpoints: [(address: String, conditions: EndpointConditions)], port: EndpointPort) -> EndpointSlice {
    var slice = EndpointSlice()
    slice.metadata = ObjectMeta(namespace: "shop", name: "web-1", labels: [EndpointSlice.serviceLabel: "web"])
    slice.addressType = "IPv4"
    slice.ports = [port]
    slice.endpoints = endpoints.map { address, conditions in
        var endpoint = Endpoint()
        endpoint.addresses = [address]
        endpoint.conditions = conditions
        return endpoint
    }
    return slice
}

func makeConditions(ready: Bool, serving: Bool? = nil, terminating: Bool? = nil) -> EndpointConditions {
    var conditions = EndpointConditions()
    conditions.ready = ready
    conditions.serving = serving
    conditions.terminating = terminating
    return conditions
}

func makeIngress(
    _ name: String = "site", created: String = "2026-01-01T00:00:00Z", annotations: [String: String] = [:],
    rules: [IngressRule] = [], tls: [IngressTLS] = []
) -> Ingress {
    var ingress = Ingress()
    ingress.metadata = ObjectMeta(namespace: "shop", name: name, annotations: annotations)
    ingress.metadata.creationTimestamp = created
    ingress.spec.rules = rules
    ingress.spec.tls = tls
    return ingress
}

func path(_ path: String, _ type: String = "Prefix", to service: String = "web", port: IntOrString = 80)
    -> HTTPIngressPath
{
    HTTPIngressPath(path: path, pathType: type, backend: IngressBackend(service: service, port: port))
}
