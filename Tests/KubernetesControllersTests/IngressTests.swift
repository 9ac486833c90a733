// Ingresses on a real API server, with traffic to the nodes.

internal import JSON
internal import KubernetesClient
internal import OctaviaClient
internal import TestSupport
internal import Testing

@testable internal import KubernetesControllers

/// Certificates of an authority of the test.
struct TestAuthority {
    let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder("ottava-certificates")
        try await run(
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Test -days 2")
    }

    private func run(_ command: String) async throws {
        let result = try await ChildProcess.run("/bin/sh", ["-c", "cd \(folder.path) && \(command)"])
        try #require(result.status == 0, "\(command): \(result.errors)")
    }

    /// The data of a Secret for hosts.
    func certificate(_ hosts: [String], serial: Int) async throws -> [String: Base64Bytes] {
        let names = hosts.map { "DNS:\($0)" }.joined(separator: ",")
        try Files.write("subjectAltName=\(names)\n", to: folder.file("ext"))
        try await run(
            "openssl req -new -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=host && "
                + "openssl x509 -req -in host.csr -CA ca.pem -CAkey ca.key -set_serial \(serial) -days 2 -extfile ext -out host.pem"
        )
        return [
            "tls.crt": Base64Bytes(try #require(Files.text(folder.file("host.pem")))),
            "tls.key": Base64Bytes(try #require(Files.text(folder.file("host.key")))),
        ]
    }

    /// What curl says of requests: status and text of each, one in a line.
    func curl(_ host: String, _ address: String, _ port: Int, _ path: String = "/", count: Int = 1) async throws
        -> [String]
    {
        let result = try await ChildProcess.run(
            "/usr/bin/curl",
            [
                "--silent", "--max-time", "20", "--cacert", folder.file("ca.pem"), "--resolve",
                "\(host):\(port):\(address)",
                "--write-out", " %{http_code}\n", "-H", "Connection: close",
                "https://\(host):\(port)\(path)?n=[1-\(count)]",
            ])
        return result.output.split(separator: "\n").map(String.init)
    }

    /// The serial number of the certificate that is shown for a host, in hexadecimal.
    func serial(_ host: String, _ address: String, _ port: Int) async throws -> String {
        let result = try await ChildProcess.run(
            "/bin/sh",
            [
                "-c",
                "openssl s_client -connect \(address):\(port) -servername \(host) </dev/null 2>/dev/null | openssl x509 -noout -serial",
            ])
        return result.output.split(separator: "=").last.map { $0.filter { !$0.isWhitespace } } ?? ""
    }
}

extension World {
    fileprivate func addIngress(
        _ name: String = "site", annotations: [String: String] = [:], _ change: (inout Ingress) -> Void
    ) async throws {
        var ingress = Ingress()
        ingress.metadata = ObjectMeta(
            namespace: namespace, name: name, annotations: annotations)
        change(&ingress)
        if ingress.spec.ingressClassName == nil { ingress.metadata.annotations[Ingress.classAnnotation] = "openstack" }
        try await cluster.create(ingress)
    }

    fileprivate func ingressAddress(_ name: String = "site") async throws -> String {
        var address = ""
        try await eventually("\(name) has an address", within: .seconds(60)) {
            address = try await cluster.get(Ingress.self, key(name)).status.loadBalancer.ingress.first?.ip ?? ""
            return !address.isEmpty
        }
        return address
    }

    fileprivate func waitForAnswer(
        _ expected: String, _ address: String, _ port: Int, _ path: String = "/", host: String
    ) async throws {
        var last: String?
        do {
            try await eventually(
                "\(host)\(path) is answered by \(expected)", within: .seconds(60), every: .milliseconds(50)
            ) {
                last = answer(address, port, path, host: host)
                return last == expected
            }
        } catch {
            Issue.record("\(host)\(path) was answered at last: \(last ?? "not at all")")
            throw error
        }
    }

    /// A Service with node ports, and its backend on a node of its own.
    fileprivate func addBackend(_ name: String, _ nodePort: Int) async throws {
        try await addService(name, ports: [ServicePort(name: "http", port: 80, nodePort: nodePort)], type: "NodePort")
    }

    fileprivate func deleteIngress(_ name: String = "site") async throws {
        try await cluster.delete(Ingress.self, key(name))
        try await eventually("\(name) is gone", within: .seconds(60)) {
            try await cluster.find(Ingress.self, key(name)) == nil
        }
    }
}

extension ClusterTests {
    @Suite(.server, .serialized)
    struct IngressTests {
        private func settings() -> IngressSettings {
            var settings = IngressSettings()
            settings.httpPort = Ports.free()
            settings.httpsPort = Ports.free()
            return settings
        }

        @Test func hostsAndPathsReachTheirServices() async throws {
            try await World.with { world in
                let ingressSettings = settings()
                let ports = (0..<3).map { _ in Ports.free() }
                // Each port of the node has a backend with the name of its Service.
                let address = try await world.addNode("a", ports: [])
                let backends = try zip(["one", "two", "three"], ports).map {
                    try HTTPBackend($0, address: address, port: $1)
                }
                for (backend, port) in zip(backends, ports) { try await world.addBackend(backend.name, port) }
                let counter = CallCounter()
                try await world.withControllers(counter: counter, ingressSettings: ingressSettings) {
                    try await world.addIngress { ingress in
                        ingress.spec.defaultBackend = IngressBackend(service: "three", port: "http")
                        ingress.spec.rules = [
                            IngressRule(
                                host: "a.test",
                                paths: [
                                    path("/", to: "one"), path("/deep", to: "two"), path("/deep/x", "Exact", to: "one"),
                                ]),
                            IngressRule(host: "*.b.test", paths: [path("/", to: "two", port: "http")]),
                        ]
                    }
                    let address = try await world.ingressAddress()
                    let port = ingressSettings.httpPort
                    try await world.waitForAnswer("one", address, port, host: "a.test")
                    #expect(counter.writes == ["POST loadbalancers"])
                    try await world.waitForAnswer("two", address, port, "/deep", host: "a.test")
                    try await world.waitForAnswer("two", address, port, "/deep/y", host: "a.test")
                    try await world.waitForAnswer("one", address, port, "/deep/x", host: "a.test")
                    try await world.waitForAnswer("one", address, port, "/deeper", host: "A.test:\(port)")
                    try await world.waitForAnswer("two", address, port, host: "x.b.test")
                    try await world.waitForAnswer("three", address, port, host: "y.x.b.test")
                    try await world.waitForEvent("site", reason: EventReason.ingressCreated)
                    #expect(backends[0].lastRequest.contains("x-forwarded-for: 127."))

                    // Rules change in place, in order.
                    try await world.cluster.patch(
                        Ingress.self, world.key("site"),
                        .merge([
                            "spec": [
                                "rules": .array([
                                    IngressRule(
                                        host: "a.test",
                                        paths: [
                                            path("/deep", to: "three"), path("/", to: "two"),
                                            path("/deep/z", to: "one"),
                                        ]
                                    ).json
                                ])
                            ]
                        ]))
                    try await world.waitForAnswer("two", address, port, host: "a.test")
                    try await world.waitForAnswer("three", address, port, "/deep", host: "a.test")
                    try await world.waitForAnswer("one", address, port, "/deep/z", host: "a.test")
                    try await world.waitForAnswer("three", address, port, host: "x.b.test")
                    // A Service that is missing.
                    try await world.delete("one")
                    try await world.waitForAnswer("503", address, port, "/deep/z", host: "a.test")
                    #expect(world.answer(address, port, host: "a.test") == "two")
                    try await world.deleteIngress()
                    #expect(try await world.loadBalancers().isEmpty)
                }
            }
        }

        @Test func ingressesShareALoadBalancer() async throws {
            try await World.with { world in
                let ingressSettings = settings()
                let ports = (0..<2).map { _ in Ports.free() }
                let node = try await world.addNode("a", ports: [])
                let backends = try zip(["one", "two"], ports).map { try HTTPBackend($0, address: node, port: $1) }
                for (backend, port) in zip(backends, ports) { try await world.addBackend(backend.name, port) }
                let group = [IngressAnnotation.group: "g\(world.namespace)"]
                try await world.withControllers(ingressSettings: ingressSettings) {
                    try await world.addIngress("lost") {
                        $0.spec.ingressClassName = "nobody"
                        $0.spec.defaultBackend = IngressBackend(service: "one", port: "http")
                    }
                    try await world.addIngress("first", annotations: group) {
                        $0.spec.rules = [IngressRule(host: "a.test", paths: [path("/", to: "one")])]
                    }
                    try await world.addIngress("second", annotations: group) {
                        $0.spec.rules = [IngressRule(host: "b.test", paths: [path("/", to: "two")])]
                    }
                    let address = try await world.ingressAddress("first")
                    #expect(try await world.ingressAddress("second") == address)
                    let port = ingressSettings.httpPort
                    try await world.waitForAnswer("one", address, port, host: "a.test")
                    try await world.waitForAnswer("two", address, port, host: "b.test")
                    #expect(try await world.loadBalancers().count == 1)
                    try await world.waitForEvent(
                        "lost", reason: EventReason.ingressFailed, containing: "no IngressClass 'nobody'")
                    try await world.deleteIngress("first")
                    try await world.waitForAnswer("503", address, port, host: "a.test")
                    #expect(world.answer(address, port, host: "b.test") == "two")
                    // One that leaves the group gets a load balancer of its own, on ports that are taken only there.
                    try await world.deleteIngress("second")
                    #expect(try await world.loadBalancers().isEmpty)
                }
                withExtendedLifetime(backends) {}
            }
        }

        @Test func certificatesAreRenewedUnderLoad() async throws {
            try await World.with { world in
                let ingressSettings = settings()
                let nodePort = Ports.free()
                try await world.addNode("a", ports: [nodePort])
                try await world.addBackend("web", nodePort)
                let authority = try await TestAuthority()
                defer { authority.folder.remove() }
                let hosts = (0..<50).map { "host\($0).test" }
                var secret = KubernetesClient.Secret()
                secret.metadata = ObjectMeta(namespace: world.namespace, name: "cert")
                secret.type = "kubernetes.io/tls"
                secret.data = try await authority.certificate(hosts, serial: 0x1001)
                let counter = CallCounter()
                try await world.withControllers(counter: counter, ingressSettings: ingressSettings) {
                    // The Secret comes a little after what names it: one call for all that.
                    try await world.addIngress { ingress in
                        ingress.spec.rules = hosts.map { IngressRule(host: $0, paths: [path("/")]) }
                        ingress.spec.tls = [IngressTLS(hosts: hosts, secretName: "cert")]
                    }
                    secret = try await world.cluster.create(secret)
                    let address = try await world.ingressAddress()
                    #expect(counter.writes == ["POST loadbalancers"])
                    let (plain, encrypted) = (ingressSettings.httpPort, ingressSettings.httpsPort)
                    try await eventually("TLS is served", within: .seconds(60)) {
                        try await authority.curl("host7.test", address, encrypted) == ["a 200"]
                    }
                    try await world.waitForAnswer("308", address, plain, "/x?y", host: "host49.test")
                    let before = try #require(try await self.listener(world, encrypted).defaultTLSContainerRef)
                    #expect(try await authority.serial("host0.test", address, encrypted) == "1001")

                    // Renewed while requests come without end.
                    async let load = withThrowingTaskGroup(of: [String].self) { group in
                        for number in 0..<4 {
                            group.addTask {
                                try await authority.curl("host\(number).test", address, encrypted, count: 300)
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    for serial in 0x1002...0x1004 {
                        secret.data = try await authority.certificate(hosts, serial: serial)
                        secret = try await world.cluster.update(secret)
                        try await eventually("certificate \(serial) is shown", within: .seconds(60)) {
                            try await authority.serial("host1.test", address, encrypted) == String(serial, radix: 16)
                        }
                    }
                    for answers in try await load { #expect(answers.count == 300 && Set(answers) == ["a 200"]) }
                    // The old ones are not kept.
                    try await eventually("the first secret is deleted", within: .seconds(20)) {
                        do {
                            _ = try await world.cloud.keyManager.secret(before)
                            return false
                        } catch let error as CloudError { return error.code == .notFound }
                    }
                    // A useless one changes nothing but is told.
                    secret.data["tls.key"] = Base64Bytes("nonsense")
                    _ = try await world.cluster.update(secret)
                    try await world.waitForEvent("site", reason: EventReason.ingressFailed, containing: "tls.key")
                    #expect(try await authority.serial("host2.test", address, encrypted) == "1004")
                    try await world.deleteIngress()
                    #expect(try await world.loadBalancers().isEmpty)
                }
            }
        }

        @Test func certificatesMayComeLate() async throws {
            try await World.with { world in
                let ingressSettings = settings()
                let nodePort = Ports.free()
                try await world.addNode("a", ports: [nodePort])
                try await world.addBackend("web", nodePort)
                let authority = try await TestAuthority()
                defer { authority.folder.remove() }
                let hosts = ["one.test", "two.test"]
                let (plain, encrypted) = (ingressSettings.httpPort, ingressSettings.httpsPort)
                try await world.withControllers(ingressSettings: ingressSettings) {
                    try await world.addIngress { ingress in
                        ingress.spec.rules = hosts.map { IngressRule(host: $0, paths: [path("/")]) }
                        ingress.spec.tls = [IngressTLS(hosts: hosts, secretName: "cert")]
                    }
                    try await world.waitForEvent(
                        "site", reason: EventReason.ingressFailed, containing: "there is no Secret")
                    // Who proves to own a host does it by plain HTTP.
                    let address = try await world.ingressAddress()
                    try await world.waitForAnswer("a", address, plain, host: "two.test")
                    var secret = KubernetesClient.Secret()
                    secret.metadata = ObjectMeta(namespace: world.namespace, name: "cert")
                    secret.type = "kubernetes.io/tls"
                    secret.data = try await authority.certificate(hosts, serial: 0x2001)
                    try await world.cluster.create(secret)
                    try await eventually("TLS is served", within: .seconds(60)) {
                        try await authority.curl("two.test", address, encrypted) == ["a 200"]
                    }
                    try await world.waitForAnswer("308", address, plain, "/x?y", host: "one.test")
                    try await world.deleteIngress()
                    #expect(try await world.loadBalancers().isEmpty)
                }
            }
        }

        private func listener(_ world: World, _ port: Int) async throws -> OctaviaClient.Listener {
            let loadBalancer = try #require(try await world.loadBalancers().first)
            return try #require(
                try await world.cloud.listeners.list(
                    .loadBalancer(loadBalancer.id), .field("protocol_port", equals: port)
                ).all().first)
        }
    }
}
