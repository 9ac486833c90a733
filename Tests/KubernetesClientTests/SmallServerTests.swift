// What a real server does rarely or not at all: faults, small pieces, tokens that end, current types.

import JSON
import KubernetesClient
import TestSupport
import Testing

@Suite struct SmallServerTests {
    private func service(_ name: String) -> Service {
        var service = Service()
        service.metadata = ObjectMeta(namespace: "shop", name: name)
        service.spec.type = "LoadBalancer"
        service.spec.loadBalancerClass = "ottava"
        service.spec.ports = [ServicePort(port: 80)]
        return service
    }

    private let key = ObjectKey(namespace: "shop", name: "web")

    private func with(
        _ server: SmallKubernetesServer, credentials: ClusterCredentials = .none,
        _ body: (Cluster) async throws -> Void
    ) async throws {
        let cluster = try Cluster(ClusterConfiguration(server: server.url, credentials: credentials))
        do {
            try await body(cluster)
            await cluster.shutdown()
        } catch {
            await cluster.shutdown()
            throw error
        }
    }

    @Test func currentTypesKeepTheirFields() async throws {
        let server = try SmallKubernetesServer()
        try await with(server) { cluster in
            var service = try await cluster.create(service("web"))
            #expect(service.spec.loadBalancerClass == "ottava")
            #expect(service.spec.ports[0].nodePort > 0)
            service.status.loadBalancer.ingress = [LoadBalancerIngress(ip: "192.0.2.7", ipMode: "Proxy")]
            service = try await cluster.updateStatus(service)
            #expect(service.status.loadBalancer.ingress.first?.ipMode == "Proxy")
            var slice = EndpointSlice()
            slice.metadata = ObjectMeta(namespace: "shop", name: "web-1", labels: [EndpointSlice.serviceLabel: "web"])
            slice.addressType = "IPv4"
            let created = try await cluster.create(slice)
            #expect(created.service == key)
            #expect(try await cluster.resource(of: EndpointSlice.self).version == "v1")
        }
    }

    @Test func olderVersionsAreFoundByAsking() async throws {
        let server = try SmallKubernetesServer(groups: ["/api/v1", "/apis/discovery.k8s.io/v1beta1"])
        try await with(server) { cluster in
            #expect(try await cluster.resource(of: EndpointSlice.self).version == "v1beta1")
            #expect(try await cluster.list(EndpointSlice.self).items.isEmpty)
            let error = await #expect(throws: KubernetesError.self) { try await cluster.list(Ingress.self) }
            #expect(error?.code == .notFound)
            // Asked once for each version, not at each call.
            _ = try await cluster.list(EndpointSlice.self)
            #expect(server.requests.count { $0 == "GET /apis/discovery.k8s.io/v1" } == 1)
        }
    }

    @Test(arguments: [1, 7, 4096]) func watchesComeInAnyPieces(size: Int) async throws {
        let server = try SmallKubernetesServer()
        server.setPieceSize(size)
        try await with(server) { cluster in
            let informer = Informer<Service>(cluster)
            try await running(informer) {
                try await informer.cache.waitUntilSynced()
                for number in 0..<3 { try await cluster.create(service("web-\(number)")) }
                try await eventually("three Services") { informer.cache.count == 3 }
            }
        }
    }

    private func running(
        _ informer: Informer<Service>, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await informer.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    @Test func watchesGoOnWhereTheyEnded() async throws {
        let server = try SmallKubernetesServer()
        try await with(server) { cluster in
            let informer = Informer<Service>(cluster)
            try await running(informer) {
                try await informer.cache.waitUntilSynced()
                try await cluster.create(service("a"))
                try await eventually("the first") { informer.cache.count == 1 }
                server.endWatches()
                try await cluster.create(service("b"))
                try await eventually("the second") { informer.cache.count == 2 }
                #expect(server.requests.count { $0.contains("limit=") } == 1)
            }
        }
    }

    @Test func versionsThatAreTooOldHaveEverythingListedAgain() async throws {
        let server = try SmallKubernetesServer()
        try await with(server) { cluster in
            try await cluster.create(service("a"))
            try await cluster.create(service("b"))
            let informer = Informer<Service>(cluster)
            let changes = informer.cache.changes()
            try await running(informer) {
                try await eventually("two") { informer.cache.count == 2 }
                server.pauseWatches()
                try await cluster.delete(Service.self, ObjectKey(namespace: "shop", name: "a"))
                try await cluster.create(service("c"))
                server.forgetHistory()
                server.resumeWatches()
                try await eventually("b and c") { Set(informer.cache.keys.map(\.name)) == ["b", "c"] }
                #expect(server.requests.count { $0.contains("limit=") } >= 2)
            }
            var told: [String] = []
            for await change in changes {
                switch change {
                case .added(let object): told.append("+\(object.metadata.name)")
                case .updated: told.append("~")
                case .deleted(let object): told.append("-\(object.metadata.name)")
                }
            }
            #expect(told.sorted() == ["+a", "+b", "+c", "-a"])
        }
    }

    @Test(arguments: [
        #"{"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "etcd is gone"}}"#,
        #"{"type": "ADDED", "object": {"metadata": 1}}"#, "no JSON", "[]", "{}",
    ])
    func strangeLinesDoNoHarm(line: String) async throws {
        let server = try SmallKubernetesServer()
        server.injectLine(line)
        try await with(server) { cluster in
            let informer = Informer<Service>(cluster)
            try await running(informer) {
                try await informer.cache.waitUntilSynced()
                try await cluster.create(service("a"))
                try await eventually("the Service") { informer.cache.count == 1 }
            }
        }
    }

    @Test func callsComeBackWhenTheServerAsksForIt() async throws {
        let server = try SmallKubernetesServer()
        server.fail(.status(429, retryAfter: 1), .status(503, retryAfter: 0))
        try await with(server) { cluster in
            let list = try await cluster.list(Service.self)
            #expect(list.items.isEmpty)
            #expect(server.requests.count == 3)
            server.fail(.status(503))
            var error = await #expect(throws: KubernetesError.self) { try await cluster.list(Service.self) }
            #expect(error?.code == .unavailable && error?.isTemporary == true)
            server.fail(.close)
            error = await #expect(throws: KubernetesError.self) { try await cluster.list(Service.self) }
            #expect(error?.code == .cannotConnect)
        }
    }

    @Test func tokensAreReadAgain() async throws {
        let server = try SmallKubernetesServer()
        let folder = try TemporaryFolder("ottava-token")
        defer { folder.remove() }
        try Files.write("first\n", to: folder.file("token"))
        server.accept(tokens: ["first"])
        try await with(server, credentials: .tokenFile(folder.file("token"))) { cluster in
            _ = try await cluster.list(Service.self)
            try Files.write("second\n", to: folder.file("token"))
            server.accept(tokens: ["second"])
            _ = try await cluster.list(Service.self)
            server.accept(tokens: [])
            let error = await #expect(throws: KubernetesError.self) { try await cluster.list(Service.self) }
            #expect(error?.code == .unauthorized)
        }
    }

    @Test func pluginsAreRunAgainWhenTheirTokenEnds() async throws {
        let server = try SmallKubernetesServer()
        let folder = try TemporaryFolder("ottava-plugin")
        defer { folder.remove() }
        try Files.write(
            """
            echo run >>"\(folder.file("runs"))"
            case $KUBERNETES_EXEC_INFO in *ExecCredential*) ;; *) exit 1 ;; esac
            echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
              "status": {"token": "'"$PREFIX$(wc -l <"\(folder.file("runs"))")"'"}}'
            """, to: folder.file("plugin"))
        let plugin = ExecPlugin(
            command: "sh", arguments: [folder.file("plugin")], environment: ["PREFIX": "token-"])
        server.accept(tokens: ["token-1"])
        try await with(server, credentials: .exec(plugin)) { cluster in
            _ = try await cluster.list(Service.self)
            _ = try await cluster.list(Service.self)
            server.accept(tokens: ["token-2"])
            _ = try await cluster.list(Service.self)
        }
        #expect(Files.text(folder.file("runs")) == "run\nrun\n")
        let missing = ExecPlugin(command: "no-such-plugin-here", installHint: "Install it from the shop.")
        try await with(server, credentials: .exec(missing)) { cluster in
            let error = await #expect(throws: KubernetesError.self) { try await cluster.list(Service.self) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains("Install it from the shop.") == true)
        }
    }

    @Test(arguments: ["", ".", "..", "a/b", "../../nodes/x"])
    func namesCannotLeadElsewhere(name: String) async throws {
        let server = try SmallKubernetesServer()
        try await with(server) { cluster in
            let error = await #expect(throws: KubernetesError.self) {
                try await cluster.get(Secret.self, ObjectKey(namespace: "shop", name: name))
            }
            #expect(error?.code == .invalid)
            #expect(server.requests.isEmpty)
        }
    }
}
