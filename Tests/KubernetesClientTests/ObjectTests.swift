// Objects: what is read, what is kept, what is written.

import JSON
import KubernetesClient
import Testing

private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

@Suite struct ObjectTests {
    @Test func unknownFieldsSurviveReadingAndWriting() throws {
        let json = try parse(
            """
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop", "selfLink": "/x"},
             "spec": {"type": "LoadBalancer", "trafficDistribution": "PreferClose",
                      "ports": [{"port": 80, "nodePort": 30080, "targetPort": "http", "protocol": "TCP", "weight": 3}]},
             "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1", "ipMode": "VIP", "zone": "a"}]}}}
            """)
        var service = try Service(json: json)
        #expect(service.spec.ports.first?.targetPort == "http")
        #expect(service.status.loadBalancer.ingress.first?.ipMode == "VIP")
        #expect(service.json == json)
        service.spec.ports[0].nodePort = 30081
        #expect(service.json["spec"]?["ports"]?[0]?["weight"] == 3)
        #expect(service.json["spec"]?["ports"]?[0]?["nodePort"] == 30_081)
    }

    @Test func absentNullAndEmptyAreTheSame() throws {
        let service = try Service(
            json: parse(
                #"{"metadata": {"name": "a", "creationTimestamp": null, "labels": {}}, "spec": {"ports": null}, "status": {}}"#
            ))
        #expect(service.metadata.labels.isEmpty && service.spec.ports.isEmpty)
        #expect(service.json == ["metadata": ["name": "a"]])
        #expect(service.spec.allocatesNodePorts)
    }

    @Test(arguments: [
        (#"[]"#, ""), (#"{"metadata": 1}"#, "metadata"), (#"{"spec": {"ports": {}}}"#, "spec.ports"),
        (#"{"spec": {"ports": [{"port": 1}, {"port": "80"}]}}"#, "spec.ports[1].port"),
        (#"{"spec": {"allocateLoadBalancerNodePorts": "no"}}"#, "spec.allocateLoadBalancerNodePorts"),
        (#"{"spec": {"ports": [{"targetPort": true}]}}"#, "spec.ports[0].targetPort"),
        (#"{"metadata": {"labels": {"a": 1}}}"#, "metadata.labels[a]"),
    ])
    func whatIsMalformedIsNamed(text: String, path: String) throws {
        let error = #expect(throws: MalformedObject.self) { try Service(json: parse(text)) }
        #expect(error?.path == path)
    }

    @Test func oldEndpointSlicesAreReadAsNewOnes() throws {
        let slice = try EndpointSlice(
            json: parse(
                """
                {"metadata": {"namespace": "a", "labels": {"kubernetes.io/service-name": "web"}}, "addressType": "IPv4",
                 "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": true},
                   "topology": {"kubernetes.io/hostname": "n1", "topology.kubernetes.io/zone": "z1"}},
                   {"addresses": ["10.0.0.2"], "nodeName": "n2", "conditions": {"ready": false, "serving": true}}]}
                """))
        #expect(slice.service == ObjectKey(namespace: "a", name: "web"))
        #expect(slice.endpoints.map(\.nodeName) == ["n1", "n2"])
        #expect(slice.endpoints[0].zone == "z1")
        #expect(slice.endpoints.map(\.conditions.isReady) == [true, false])
        #expect(slice.endpoints.map(\.conditions.isServing) == [true, true])
        #expect(try EndpointSlice(json: slice.json) == slice)
    }

    @Test func oldIngressesAreReadAsNewOnes() throws {
        let ingress = try Ingress(
            json: parse(
                """
                {"spec": {"backend": {"serviceName": "all", "servicePort": 80}, "rules": [{"host": "a.example", "http":
                 {"paths": [{"path": "/x", "backend": {"serviceName": "web", "servicePort": "http"}}]}}]}}
                """))
        #expect(ingress.spec.defaultBackend == IngressBackend(service: "all", port: 80))
        #expect(ingress.spec.rules[0].http?.paths[0].backend == IngressBackend(service: "web", port: "http"))
        #expect(ingress.spec.rules[0].http?.paths[0].pathType == "")
        #expect(try Ingress(json: ingress.json) == ingress)
    }

    @Test func secretsAreBytesAndStayHidden() throws {
        let secret = try Secret(json: parse(#"{"data": {"tls.key": "aGVs\nbG8="}}"#))
        #expect(secret.data["tls.key"]?.text == "hello")
        #expect(!"\(secret)".contains("hello") && !"\(secret)".contains("aGVs"))
        #expect(throws: MalformedObject.self) { try Secret(json: parse(#"{"data": {"a": "%%%"}}"#)) }
    }

    @Test func timesAreTextsThatOrder() {
        let (whole, fine) = (KubernetesTime.now(), KubernetesTime.nowWithMicroseconds())
        #expect(whole.count == 20 && whole.hasSuffix("Z"))
        #expect(fine.count == 27 && fine.hasSuffix("Z"))
        #expect(fine < KubernetesTime.nowWithMicroseconds())
    }
}

@Suite struct PatchTests {
    @Test func differencesTurnOneStateIntoAnother() throws {
        let old = try parse(#"{"metadata": {"annotations": {"a": "1", "b": "2"}}, "spec": {"list": [1, 2], "x": 1}}"#)
        let new = try parse(#"{"metadata": {"annotations": {"a": "1", "c": "3"}}, "spec": {"list": [1], "x": 1}}"#)
        let expected = try parse(
            #"{"metadata": {"annotations": {"b": null, "c": "3"}, "resourceVersion": "7"}, "spec": {"list": [1]}}"#)
        #expect(Patch.difference(from: old, to: new, resourceVersion: "7") == .merge(expected))
        #expect(Patch.difference(from: old, to: old) == nil)
    }

    @Test func pointersEscape() {
        #expect(Patch.Operation.pointer("metadata", "annotations", "a.b/c~d") == "/metadata/annotations/a.b~1c~0d")
    }
}
