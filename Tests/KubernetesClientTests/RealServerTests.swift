// The client against a real kube-apiserver.

import JSON
import KubernetesClient
import Logging
import Synchronization
import TestSupport
import Testing

/// Which server answers: the small one must behave like the real one in what tests rely on.
enum ServerKind: CaseIterable, Sendable {
    case real, small
}

@Suite(.enabled(if: KubernetesServer.isInstalled), .serialized)
struct RealServerTests {
    /// Runs something with a cluster and a namespace of its own.
    private func withCluster(
        _ kind: ServerKind = .real, _ body: @escaping @Sendable (Cluster, String) async throws -> Void
    ) async throws {
        switch kind {
        case .real:
            try await KubernetesServer.alone { try await Self.run(body, kubeconfig: $0.kubeconfig) }
        case .small:
            let folder = try TemporaryFolder("ottava-cluster")
            defer { folder.remove() }
            let small = try SmallKubernetesServer()
            try small.writeKubeconfig(to: folder.file("config"))
            try await Self.run(body, kubeconfig: folder.file("config"))
            withExtendedLifetime(small) {}
        }
    }

    private static func run(_ body: (Cluster, String) async throws -> Void, kubeconfig: String) async throws {
        let cluster = try Cluster(.load(kubeconfig: kubeconfig))
        let name = "test-\(Int.random(in: 100_000...999_999))"
        do {
            var namespace = Namespace()
            namespace.metadata.name = name
            try await cluster.create(namespace)
            try await body(cluster, name)
        } catch {
            try? await deleteServices(of: name, cluster)
            await cluster.shutdown()
            throw error
        }
        try await deleteServices(of: name, cluster)
        await cluster.shutdown()
    }

    /// Controllers of later tests on the same server would serve them.
    private static func deleteServices(of namespace: String, _ cluster: Cluster) async throws {
        for service in try await cluster.list(Service.self, namespace: namespace).items {
            if !service.metadata.finalizers.isEmpty {
                try await cluster.patch(Service.self, service.key, .merge(["metadata": ["finalizers": .array([])]]))
            }
            if try await cluster.find(Service.self, service.key) != nil {
                try await cluster.delete(Service.self, service.key)
            }
        }
    }

    private func service(_ namespace: String, _ name: String) -> Service {
        var service = Service()
        service.metadata = ObjectMeta(namespace: namespace, name: name, labels: ["app": name])
        service.spec.type = "LoadBalancer"
        service.spec.ports = [ServicePort(name: "http", port: 80)]
        return service
    }

    @Test func theServerSaysWhoItIs() async throws {
        try await withCluster { cluster, _ in
            #expect(try await cluster.serverVersion().hasPrefix("v1."))
            #expect(await cluster.isReady())
            let slices = try await cluster.resource(of: EndpointSlice.self)
            #expect(["v1", "v1beta1"].contains(slices.version))
            #expect(try await cluster.resource(of: Ingress.self).version == "v1")
        }
    }

    @Test(arguments: ServerKind.allCases) func objectsAreMadeReadAndChanged(kind: ServerKind) async throws {
        try await withCluster(kind) { cluster, namespace in
            let created = try await cluster.create(service(namespace, "web"))
            #expect(created.spec.ports[0].nodePort > 0 && created.spec.ports[0].targetPort == 80)
            #expect(!created.metadata.uid.isEmpty && !created.metadata.creationTimestamp.isEmpty)
            let key = created.key
            #expect(try await cluster.get(Service.self, key) == created)
            #expect(try await cluster.find(Service.self, ObjectKey(namespace: namespace, name: "no")) == nil)

            var error = await #expect(throws: KubernetesError.self) {
                try await cluster.create(service(namespace, "web"))
            }
            #expect(error?.code == .alreadyExists)

            // Status is apart from everything else.
            var changed = created
            changed.metadata.annotations["a"] = "b"
            changed.status.loadBalancer.ingress = [LoadBalancerIngress(ip: "192.0.2.1")]
            do {
                changed = try await cluster.update(changed)
            } catch let error as KubernetesError where error.code == .conflict {
                // A busy server may have carried out what it did not answer in time.
                changed.metadata.resourceVersion = try await cluster.get(Service.self, key).metadata.resourceVersion
                changed = try await cluster.update(changed)
            }
            #expect(changed.metadata.annotations == ["a": "b"])
            #expect(changed.status.loadBalancer.ingress.isEmpty)
            let patched = try await cluster.patch(
                Service.self, key, .merge(["status": ["loadBalancer": ["ingress": [["ip": "192.0.2.1"]]]]]),
                subresource: "status")
            #expect(patched.status.loadBalancer.ingress.map(\.ip) == ["192.0.2.1"])

            // An old version.
            changed.metadata.annotations["a"] = "c"
            let old = changed
            error = await #expect(throws: KubernetesError.self) { try await cluster.update(old) }
            #expect(error?.code == .conflict)
            error = await #expect(throws: KubernetesError.self) {
                try await cluster.patch(
                    Service.self, key,
                    .merge([
                        "metadata": ["resourceVersion": .string(old.metadata.resourceVersion), "labels": ["x": "y"]]
                    ]))
            }
            #expect(error?.code == .conflict)

            let operations = Patch.json([
                .test(path: "/metadata/annotations/a", value: "b"),
                .add(path: "/metadata/annotations/example.com~1x", value: "1"),
            ])
            let after = try await cluster.patch(Service.self, key, operations)
            #expect(after.metadata.annotations == ["a": "b", "example.com/x": "1"])
            error = await #expect(throws: KubernetesError.self) {
                try await cluster.patch(
                    Service.self, key, .json([.test(path: "/metadata/annotations/a", value: "other")]))
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test(arguments: ServerKind.allCases) func finalizersHoldObjectsBack(kind: ServerKind) async throws {
        try await withCluster(kind) { cluster, namespace in
            var service = service(namespace, "web")
            service.metadata.finalizers = ["service.kubernetes.io/load-balancer-cleanup"]
            service = try await cluster.create(service)
            let error = await #expect(throws: KubernetesError.self) {
                try await cluster.delete(Service.self, service.key, uid: "another")
            }
            #expect(error?.code == .conflict)
            try await cluster.delete(Service.self, service.key, uid: service.metadata.uid)
            service = try await cluster.get(Service.self, service.key)
            #expect(service.metadata.isBeingDeleted)
            try await cluster.patch(Service.self, service.key, .merge(["metadata": ["finalizers": nil]]))
            #expect(try await cluster.find(Service.self, service.key) == nil)
            let gone = await #expect(throws: KubernetesError.self) {
                try await cluster.delete(Service.self, service.key)
            }
            #expect(gone?.code == .notFound)
        }
    }

    @Test(arguments: ServerKind.allCases) func listsComeInPortions(kind: ServerKind) async throws {
        try await withCluster(kind) { cluster, namespace in
            for number in 0..<7 {
                var secret = Secret()
                secret.metadata = ObjectMeta(
                    namespace: namespace, name: "s\(number)", labels: ["even": "\(number % 2 == 0)"])
                secret.data["number"] = Base64Bytes("\(number)")
                try await cluster.create(secret)
            }
            let list = try await cluster.list(Secret.self, namespace: namespace, pageSize: 3)
            #expect(list.items.map(\.metadata.name) == (0..<7).map { "s\($0)" })
            #expect(list.items.compactMap { $0.data["number"]?.text } == (0..<7).map { "\($0)" })
            #expect(Int(list.resourceVersion) ?? 0 > 0)
            #expect(try await cluster.list(Secret.self, namespace: namespace, labels: "even=true").items.count == 4)
            #expect(try await cluster.list(Secret.self, namespace: namespace, labels: "even!=true").items.count == 3)
            #expect(
                try await cluster.list(Secret.self, namespace: namespace, fields: "metadata.name=s3").items.count == 1)
        }
    }

    @Test func brokenRulesAreNamed() async throws {
        try await withCluster { cluster, namespace in
            var wrong = service(namespace, "web")
            wrong.spec.ports[0].port = 70_000
            let service = wrong
            let error = await #expect(throws: KubernetesError.self) { try await cluster.create(service) }
            #expect(error?.code == .invalid)
            #expect(error?.causes.first?.field == "spec.ports[0].port")
        }
    }

    @Test func rightsAreChecked() async throws {
        try await withCluster { cluster, namespace in
            var configuration = cluster.configuration
            configuration.credentials = .token("unknown")
            let stranger = try Cluster(configuration)
            let error = await #expect(throws: KubernetesError.self) { try await stranger.list(Service.self) }
            #expect(error?.code == .unauthorized)
            configuration.credentials = .none
            let anonymous = try Cluster(configuration)
            let other = await #expect(throws: KubernetesError.self) {
                try await anonymous.list(Service.self, namespace: namespace)
            }
            #expect(other?.code == .forbidden)
            configuration.authorities = nil
            let trusting = try Cluster(configuration)
            let untrusted = await #expect(throws: KubernetesError.self) { try await trusting.list(Service.self) }
            #expect(untrusted?.code == .cannotConnect)
            #expect(untrusted?.message.contains("certificate-authority") == true, "\(untrusted?.message ?? "")")
        }
    }

    @Test(arguments: ServerKind.allCases) func watchesTellEveryChangeOnce(kind: ServerKind) async throws {
        try await withCluster(kind) { cluster, namespace in
            let before = try await cluster.list(Service.self, namespace: namespace)
            var service = try await cluster.create(service(namespace, "web"))
            service = try await cluster.patch(
                Service.self, service.key, .merge(["metadata": ["annotations": ["a": "1"]]]))
            try await cluster.delete(Service.self, service.key)
            var told: [String] = []
            let watch = cluster.watch(
                Service.self, namespace: namespace, from: before.resourceVersion, timeout: .seconds(30))
            for try await event in watch {
                switch event {
                case .added(let object): told.append("+ \(object.metadata.annotations.count)")
                case .modified(let object): told.append("~ \(object.metadata.annotations.count)")
                case .deleted(let object): told.append("- \(object.metadata.annotations.count)")
                case .bookmark: continue
                }
                if told.count == 3 { break }
            }
            #expect(told == ["+ 0", "~ 1", "- 1"])
        }
    }

    @Test(arguments: ServerKind.allCases) func informersFollow(kind: ServerKind) async throws {
        try await withCluster(kind) { cluster, namespace in
            try await cluster.create(service(namespace, "before"))
            let informer = Informer<Service>(
                cluster, namespace: namespace, indexers: ["type": { [$0.spec.type] }])
            let run = Task { await informer.run() }
            defer { run.cancel() }
            try await informer.cache.waitUntilSynced()
            #expect(informer.cache.count == 1)
            for number in 0..<20 { try await cluster.create(service(namespace, "s\(number)")) }
            try await eventually("all Services") { informer.cache.objects("type", "LoadBalancer").count == 21 }
            #expect(informer.cache.objects.allSatisfy { $0.metadata.otherFields["managedFields"] == nil })
            for number in 0..<20 {
                try await cluster.delete(Service.self, ObjectKey(namespace: namespace, name: "s\(number)"))
            }
            try await eventually("one Service") { informer.cache.keys.map(\.name) == ["before"] }
            run.cancel()
            await run.value
        }
    }

    @Test func eventsAreWrittenOnceAndCounted() async throws {
        try await withCluster { cluster, namespace in
            let service = try await cluster.create(service(namespace, "web"))
            let recorder = EventRecorder(cluster, component: "test-controller")
            for _ in 0..<3 {
                recorder.record("The quota is used up.", about: service, type: .warning, reason: "SyncFailed")
            }
            recorder.record(String(repeating: "ä", count: 2_000), about: service, reason: "Long")
            // More than one object gets at once.
            for number in 0..<40 { recorder.record("Number \(number)", about: service, reason: "Many") }
            recorder.finish()
            await recorder.run()
            let events = try await cluster.list(
                Event.self, namespace: namespace, fields: "involvedObject.name=web"
            ).items
            let failed = try #require(events.first { $0.reason == "SyncFailed" })
            #expect(failed.count == 3 && failed.type == "Warning" && failed.source.component == "test-controller")
            #expect(failed.involvedObject.kind == "Service" && failed.involvedObject.uid == service.metadata.uid)
            #expect(events.contains { $0.reason == "Long" })
            #expect((15...25).contains(events.count))
        }
    }
}
