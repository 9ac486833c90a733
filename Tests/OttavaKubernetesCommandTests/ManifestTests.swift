// The manifests and the program, as an operator meets them: a real kube-apiserver, a real Ottava, real rights.

import JSON
import KubernetesClient
import TestSupport
import Testing

@Suite(.enabled(if: KubernetesServer.isInstalled), .serialized)
struct ManifestTests {
    @Test func theServerTakesAllManifests() async throws {
        try await KubernetesServer.alone { try await Manifests.applyAll($0) }
    }

    @Test func rightsAreThoseThatAreNeededAndNoMore() async throws {
        try await KubernetesServer.alone { server in
            try await Manifests.applyAll(server)
            var configuration = try ClusterConfiguration.load(kubeconfig: server.kubeconfig)
            configuration.credentials = .token(ClusterToken(KubernetesServer.controllerToken))
            let cluster = try Cluster(configuration)
            try await eventually("the rights hold", within: .seconds(30)) {
                (try? await cluster.list(Service.self)) != nil
            }
            _ = try await cluster.list(Node.self)
            _ = try await cluster.list(EndpointSlice.self)
            _ = try await cluster.list(Ingress.self)
            _ = try await cluster.list(IngressClass.self)
            _ = try await cluster.list(KubernetesClient.Secret.self, fields: "type=kubernetes.io/tls")
            _ = try await cluster.get(Namespace.self, ObjectKey(name: "kube-system"))
            var service = Service()
            service.metadata = ObjectMeta(namespace: "default", name: "not-mine")
            service.spec.ports = [ServicePort(port: 80)]
            var node = Node()
            node.metadata.name = "not-mine"
            var secret = KubernetesClient.Secret()
            secret.metadata = ObjectMeta(namespace: "default", name: "not-mine")
            var lease = Lease()
            lease.metadata = ObjectMeta(namespace: "kube-system", name: "ottava-kubernetes")
            let refused: [@Sendable () async throws -> Void] = [
                { [service] in try await cluster.create(service) },
                { try await cluster.delete(Service.self, ObjectKey(namespace: "default", name: "kubernetes")) },
                { [node] in try await cluster.create(node) },
                { [secret] in try await cluster.create(secret) },
                { try await cluster.delete(Ingress.self, ObjectKey(namespace: "default", name: "x")) },
                { [lease] in try await cluster.create(lease) },
                { _ = try await cluster.list(Pod.self) },
                { _ = try await cluster.list(Namespace.self) },
            ]
            for (index, call) in refused.enumerated() {
                let error = await #expect(throws: KubernetesError.self, "call \(index)") { try await call() }
                #expect(error?.code == .forbidden, "call \(index): \(error.map { "\($0)" } ?? "")")
            }
            await cluster.shutdown()
        }
    }
}
