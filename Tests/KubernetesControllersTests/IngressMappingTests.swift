// What Ingresses make of their load balancer.

internal import Foundation
internal import OctaviaClient
internal import TestSupport
internal import Testing

@testable internal import KubernetesClient
@testable internal import KubernetesControllers

struct IngressMappingTests {
    private func matches(_ rule: L7RuleCreate, _ text: String) throws -> Bool {
        switch rule.compareType {
        case .equalTo: text == rule.value
        case .startsWith: text.hasPrefix(rule.value)
        case .regex: try text.firstMatch(of: Regex(rule.value)) != nil
        default: false
        }
    }

    /// The backend of the first route that matches, as the data plane would pick it.
    private func backend(_ routes: IngressRoutes, _ host: String, _ path: String) throws -> String? {
        try routes.routes.first { route in
            try route.rules.allSatisfy { try matches($0, $0.type == .hostName ? host : path) }
        }?.backend.service.name
    }

    /// The examples of the Kubernetes documentation (Ingress, "Path types", "Multiple matches").
    @Test(
        arguments: [
            ([("Prefix", "/")], "/any", 0), ([("Exact", "/foo")], "/foo", 0), ([("Exact", "/foo")], "/bar", nil),
            ([("Exact", "/foo")], "/foo/", nil), ([("Exact", "/foo/")], "/foo", nil), ([("Prefix", "/foo")], "/foo", 0),
            ([("Prefix", "/foo")], "/foo/", 0), ([("Prefix", "/foo/")], "/foo", 0), ([("Prefix", "/foo/")], "/foo/", 0),
            ([("Prefix", "/aaa/bb")], "/aaa/bbb", nil), ([("Prefix", "/aaa/bbb")], "/aaa/bbb", 0),
            ([("Prefix", "/aaa/bbb/")], "/aaa/bbb", 0), ([("Prefix", "/aaa/bbb")], "/aaa/bbb/", 0),
            ([("Prefix", "/aaa/bbb")], "/aaa/bbb/ccc", 0), ([("Prefix", "/aaa/bbb")], "/aaa/bbbxyz", nil),
            ([("Prefix", "/"), ("Prefix", "/aaa")], "/aaa/ccc", 1), ([("Prefix", "/aaa"), ("Prefix", "/")], "/ccc", 1),
            ([("Prefix", "/"), ("Prefix", "/aaa"), ("Prefix", "/aaa/bbb")], "/aaa/bbb", 2),
            ([("Prefix", "/foo"), ("Exact", "/foo")], "/foo", 1), ([("ImplementationSpecific", "/fo")], "/foo", 0),
            ([("Prefix", "/a.b")], "/axb", nil),
        ] as [([(String, String)], String, Int?)])
    func pathsMatchAsTheSpecificationSays(paths: [(String, String)], request: String, expected: Int?) throws {
        let rule = IngressRule(
            host: "foo.com", paths: paths.enumerated().map { path($1.1, $1.0, to: "s\($0)") })
        let routes = IngressRoutes([makeIngress(rules: [rule])])
        #expect(try backend(routes, "foo.com", request) == expected.map { "s\($0)" })
    }

    @Test(arguments: [
        ("*.foo.com", "bar.foo.com", true), ("*.foo.com", "baz.bar.foo.com", false), ("*.foo.com", "foo.com", false),
        ("Foo.com", "foo.com", true), ("foo.com", "foo.com:8080", true), ("foo.com", "fooxcom", false),
        ("foo.com", "foo.com.evil.org", false), ("", "anything", true),
    ])
    func hostsMatchAsTheSpecificationSays(host: String, request: String, isMatch: Bool) throws {
        let routes = IngressRoutes([makeIngress(rules: [IngressRule(host: host, paths: [path("/")])])])
        #expect(try (backend(routes, request, "/") != nil) == isMatch)
    }

    @Test func exactHostsComeBeforeWildcardsBeforeAll() throws {
        let routes = IngressRoutes([
            makeIngress(rules: [
                IngressRule(host: "", paths: [path("/a/very/long/path", to: "all")]),
                IngressRule(host: "*.foo.com", paths: [path("/a/very", to: "wild")]),
                IngressRule(host: "bar.foo.com", paths: [path("/", to: "exact")]),
            ])
        ])
        #expect(try backend(routes, "bar.foo.com", "/a/very/long/path") == "exact")
        #expect(try backend(routes, "x.foo.com", "/a/very/long/path") == "wild")
        #expect(try backend(routes, "y.org", "/a/very/long/path") == "all")
    }

    @Test func theOlderIngressOfAGroupWins() throws {
        let old = makeIngress("old", rules: [IngressRule(host: "a.org", paths: [path("/", to: "one")])])
        let new = makeIngress(
            "new", created: "2026-02-01T00:00:00Z", rules: [IngressRule(host: "a.org", paths: [path("/", to: "two")])])
        let routes = IngressRoutes([old, new])
        #expect(try backend(routes, "a.org", "/") == "one")
        #expect(routes.problems[new.key]?.count == 1 && routes.problems[old.key] == nil)
    }

    private func surroundings(_ names: String...) -> IngressSurroundings {
        var result = IngressSurroundings()
        for name in names {
            let service = makeService(name) { $0.spec.type = "NodePort" }
            result.services[service.key] = service
            result.members[service.key] = MemberSource(nodes: [makeNode("n1", "192.0.2.1")])
        }
        return result
    }

    private func mapping(
        _ ingresses: [Ingress], _ surroundings: IngressSurroundings
    ) throws -> IngressLoadBalancer {
        let settings = LoadBalancerSettings()
        return IngressLoadBalancer(
            IngressGroup(ingresses[0]), ingresses, try IngressWishes(ingresses, settings), settings, IngressSettings(),
            surroundings)
    }

    @Test func plainIngressesHaveOneListener() throws {
        var ingress = makeIngress(rules: [IngressRule(host: "a.org", paths: [path("/x", to: "web")])])
        ingress.spec.defaultBackend = IngressBackend(service: "main", port: 80)
        var mapping = try mapping([ingress], surroundings("web", "main"))
        let wanted = mapping.wanted()
        #expect(wanted.name == "kube_ingress_kubernetes_shop_site")
        #expect(wanted.listeners.map(\.protocolPort) == [80] && wanted.listeners[0].name == wanted.name)
        #expect(wanted.listeners[0].defaultPool?.name == "main+80".sha256)
        #expect(wanted.listeners[0].l7Policies.map(\.redirectPool?.name) == ["web+80".sha256])
        #expect(Set(wanted.pools.map(\.name)) == ["main+80".sha256, "web+80".sha256])
        #expect(wanted.pools.allSatisfy { $0.members.map(\.protocolPort) == [30_080] })
        #expect(mapping.problems.isEmpty)
    }

    @Test func hostsWithCertificatesAreRedirected() throws {
        let rules = ["a.org", "*.b.org", "c.org"].map { IngressRule(host: $0, paths: [path("/")]) }
        let tls = [IngressTLS(hosts: ["a.org", "*.b.org"], secretName: "cert")]
        let ingress = makeIngress(rules: rules, tls: tls)
        var surroundings = surroundings("web")
        surroundings.certificates[ObjectKey(namespace: "shop", name: "cert")] = "ref"
        var mapping = try mapping([ingress], surroundings)
        let wanted = mapping.wanted()
        #expect(wanted.listeners.map(\.listenerProtocol) == [.http, .terminatedHTTPS])
        #expect(wanted.listeners[1].defaultTLSContainerRef == "ref" && wanted.listeners[1].l7Policies.count == 3)
        let plain = wanted.listeners[0].l7Policies
        #expect(plain.map(\.action) == [.redirectPrefix, .redirectToPool, .redirectToPool])
        #expect(plain[0].redirectPrefix == "https://a.org" && plain[0].redirectHTTPCode == 308)
        #expect(plain.map(\.position) == [1, 2, 3])
        // A wildcard cannot be redirected, and that is said.
        #expect(mapping.problems[ingress.key]?.map(\.weight) == [.note])
        let served = makeIngress(annotations: [IngressAnnotation.redirect: "false"], rules: rules, tls: tls)
        var other = try self.mapping([served], surroundings)
        #expect(other.wanted().listeners[0].l7Policies.allSatisfy { $0.action == .redirectToPool })
    }

    @Test func missingBackendsAreNamed() throws {
        let ingress = makeIngress(rules: [
            IngressRule(host: "a.org", paths: [path("/", to: "gone"), path("/x", to: "web", port: "metrics")])
        ])
        var mapping = try mapping([ingress], surroundings("web"))
        let wanted = mapping.wanted()
        #expect(wanted.pools.count == 2 && wanted.pools.allSatisfy { $0.members.isEmpty })
        let messages = (mapping.problems[ingress.key] ?? []).map(\.message)
        #expect(messages.contains { $0.contains("no Service shop/gone") })
        #expect(messages.contains { $0.contains("no port metrics; it has 80") })
    }

    @Test func classesDecideWhoseIngressesTheyAre() {
        var ours = IngressClass()
        ours.metadata = ObjectMeta(name: "front")
        ours.spec.controller = "ottava.dev/ingress"
        var other = IngressClass()
        other.metadata = ObjectMeta(name: "nginx")
        other.spec.controller = "k8s.io/ingress-nginx"
        func concerns(_ annotation: String?, _ name: String?, isDefault: Bool = false) -> Bool {
            var ingress = makeIngress(annotations: annotation.map { [Ingress.classAnnotation: $0] } ?? [:])
            ingress.spec.ingressClassName = name
            var ours = ours
            if isDefault { ours.metadata.annotations[IngressClass.defaultAnnotation] = "true" }
            return IngressSelection(settings: IngressSettings(), classes: [ours, other]).concerns(ingress)
        }
        #expect(concerns("openstack", nil) && concerns(nil, "front") && concerns(nil, nil, isDefault: true))
        #expect(!concerns("nginx", "front") && !concerns(nil, "nginx") && !concerns(nil, nil) && !concerns(nil, "none"))
        let selection = IngressSelection(settings: IngressSettings(), classes: [ours, other])
        func missing(_ annotation: String?, _ name: String?) -> String? {
            var ingress = makeIngress(annotations: annotation.map { [Ingress.classAnnotation: $0] } ?? [:])
            ingress.spec.ingressClassName = name
            return selection.missingClass(ingress)
        }
        #expect(missing(nil, "none") == "none")
        #expect(missing(nil, "nginx") == nil && missing(nil, nil) == nil && missing("traefik", "none") == nil)
    }

    // MARK: Certificates

    private func secret(_ key: String, _ certificate: String) -> KubernetesClient.Secret {
        var secret = KubernetesClient.Secret()
        secret.metadata = ObjectMeta(namespace: "shop", name: "cert")
        secret.data = ["tls.crt": Base64Bytes(certificate), "tls.key": Base64Bytes(key)]
        return secret
    }

    @Test(arguments: ["ec", "ec-sec1", "rsa", "rsa-pkcs1", "ed25519"])
    func certificatesBecomeArchivesThatOpenSSLReads(kind: String) async throws {
        let folder = try TemporaryFolder("ottava-pkcs12")
        defer { folder.remove() }
        let algorithm =
            switch kind {
            case "ec", "ec-sec1": "openssl ecparam -name prime256v1 -genkey -noout -out raw.pem"
            case "ed25519": "openssl genpkey -algorithm ed25519 -out raw.pem"
            default: "openssl genrsa -traditional -out raw.pem 2048"
            }
        let convert =
            kind == "ec" || kind == "rsa"
            ? "openssl pkcs8 -topk8 -nocrypt -in raw.pem -out key.pem" : "cp raw.pem key.pem"
        try await run(
            "\(algorithm) && \(convert) && openssl req -x509 -new -key key.pem -subj /CN=a.org -days 2 -out cert.pem",
            folder)
        let (key, certificate) = (
            try #require(Files.text(folder.file("key.pem"))), try #require(Files.text(folder.file("cert.pem")))
        )
        let stored = try CertificateSecret(secret(key, certificate + certificate))
        try Data(try stored.bundle.bytes()).write(to: URL(filePath: folder.file("bundle.p12")))
        try await run("openssl pkcs12 -in bundle.p12 -passin pass: -nodes -out all.pem", folder)
        let all = try #require(Files.text(folder.file("all.pem")))
        #expect(all.components(separatedBy: "BEGIN CERTIFICATE").count == 3)
        try await run(
            "openssl pkey -in all.pem -pubout -out 1.pub && openssl x509 -in all.pem -pubkey -noout -out 2.pub && cmp 1.pub 2.pub",
            folder)
    }

    private func run(_ command: String, _ folder: TemporaryFolder) async throws {
        let result = try await ChildProcess.run("/bin/sh", ["-c", "cd \(folder.path) && \(command)"])
        try #require(result.status == 0, "\(command): \(result.errors)")
    }

    @Test func uselessSecretsSayWhatIsWrong() {
        func message(_ secret: KubernetesClient.Secret) -> String {
            do {
                _ = try CertificateSecret(secret)
                return ""
            } catch {
                return error.message
            }
        }
        var empty = KubernetesClient.Secret()
        empty.metadata = ObjectMeta(namespace: "shop", name: "cert")
        #expect(message(empty).contains("has no keys tls.crt and tls.key"))
        #expect(message(secret("", "nonsense")).contains("tls.crt is no certificate"))
    }
}
