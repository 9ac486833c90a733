// The program with the rights of the manifests: starts, works, hands over, stops.

import JSON
import KubernetesClient
import TestSupport
import Testing

@Suite(.enabled(if: KubernetesServer.isInstalled), .serialized)
struct ProgramTests {
    /// One process of the controllers.
    private struct Controller {
        var child: ChildProcess
        var port: Int
        var logFile: String

        var log: String { Files.text(logFile) ?? "" }

        func page(_ path: String) -> (status: Int, text: String) {
            guard let answer = try? fetch("127.0.0.1", port, path) else { return (0, "") }
            return (answer.status, answer.text)
        }
    }

    private static var program: String { "\(Files.packageRoot).build/debug/ottava-kubernetes" }

    private func start(_ number: Int, _ ottava: ServerProcess, _ server: KubernetesServer) throws -> Controller {
        func file(_ name: String) -> String { ottava.folder.file("controller-\(number).\(name)") }
        try server.writeKubeconfig(to: file("kubeconfig"), token: KubernetesServer.controllerToken)
        let port = Ports.free()
        let child = try ChildProcess(
            Self.program,
            ["--kubeconfig", file("kubeconfig"), "--cloud", "ottava", "--listen", "127.0.0.1:\(port)"],
            environment: [
                "OS_CLIENT_CONFIG_FILE": "\(ottava.dataDirectory)/clouds.yaml",
                "OTTAVA_KUBERNETES_LEASE_NAMESPACE": "ottava-system", "OTTAVA_KUBERNETES_INTERNAL": "true",
            ], output: file("out"), errors: file("log"))
        return Controller(child: child, port: port, logFile: file("log"))
    }

    private func service(_ name: String) -> Service {
        var service = Service()
        service.metadata = ObjectMeta(namespace: "default", name: name)
        service.spec.type = "LoadBalancer"
        service.spec.ports = [ServicePort(name: "http", port: Ports.free())]
        return service
    }

    @Test func servicesGetAddressesWhoeverLeads() async throws {
        try await KubernetesServer.alone { try await servicesGetAddressesWhoeverLeads(on: $0) }
    }

    private func servicesGetAddressesWhoeverLeads(on server: KubernetesServer) async throws {
        try await Manifests.applyAll(server)
        let cluster = try Cluster(.load(kubeconfig: server.kubeconfig))
        try await ServerProcess.with { ottava in
            var controllers: [Controller] = []
            func address(of key: ObjectKey) async throws -> String? {
                try await cluster.get(Service.self, key).status.loadBalancer.ingress.first?.ip
            }
            do {
                controllers.append(try start(1, ottava, server))
                let first = controllers[0]
                try await eventually("the first is ready", within: .seconds(180)) {
                    first.page("/readyz").status == 200
                }
                #expect(first.page("/healthz").status == 200)
                let one = try await cluster.create(service("program-one"))
                try await eventually("an address", within: .seconds(180)) { try await address(of: one.key) != nil }
                try await eventually("metrics tell of the work", within: .seconds(60)) {
                    let page = first.page("/metrics").text
                    return [
                        "ottava_kubernetes_leader 1", "ottava_kubernetes_synced 1",
                        "ottava_kubernetes_queue_length{controller=\"ingress\"} 0",
                        "ottava_kubernetes_sync_duration_seconds_count{controller=\"service\",outcome=\"done\"} ",
                        "process_resident_memory_bytes ",
                    ].allSatisfy(page.contains)
                }
                try await eventually("the event", within: .seconds(60)) {
                    try await cluster.list(
                        Event.self, namespace: "default", fields: "involvedObject.name=program-one"
                    ).items.contains { $0.reason == "EnsuredLoadBalancer" }
                }

                controllers.append(try start(2, ottava, server))
                let second = controllers[1]
                try await eventually("the second stands by", within: .seconds(180)) {
                    second.page("/readyz").status == 200
                }
                try await eventually("the second does not lead", within: .seconds(60)) {
                    second.page("/metrics").text.contains("ottava_kubernetes_leader 0")
                }
                first.child.signal(15)
                #expect(try await first.child.wait(within: .seconds(20)) == 0)
                try await eventually("the second leads, without waiting for the lease to end", within: .seconds(12)) {
                    second.page("/metrics").text.contains("ottava_kubernetes_leader 1")
                }
                let two = try await cluster.create(service("program-two"))
                try await eventually("an address", within: .seconds(180)) { try await address(of: two.key) != nil }
                for service in [one, two] { try await cluster.delete(Service.self, service.key) }
                try await eventually("both are gone", within: .seconds(180)) {
                    let left = [
                        try await cluster.find(Service.self, one.key), try await cluster.find(Service.self, two.key),
                    ]
                    return try left.allSatisfy { $0 == nil } && ottava.demo().list(.loadBalancers).isEmpty
                }
                second.child.signal(15)
                #expect(try await second.child.wait(within: .seconds(20)) == 0)
                for controller in controllers {
                    #expect(!controller.log.contains("403"), "rights are missing: \(controller.log.suffix(2_000))")
                }
            } catch {
                for controller in controllers { print("A controller's log:\n\(controller.log.suffix(4_000))") }
                for controller in controllers { await controller.child.stop() }
                throw error
            }
        }
        await cluster.shutdown()
    }

    @Test(arguments: [
        (["--kubeconfig", "/nowhere"], "/nowhere"), (["--members", "containers"], "members"),
        (["--cloud-config", "/nowhere"], "cloudConfig"), (["--no-such-option"], "--no-such-option"),
    ])
    func mistakesEndTheProgramWithAClearWord(arguments: [String], word: String) async throws {
        let environment: [String: String?] = [
            "OS_AUTH_URL": "http://127.0.0.1:1", "OS_USERNAME": "a", "OS_PASSWORD": "b", "OS_PROJECT_NAME": "c",
            "OS_CLOUD": nil,
        ]
        let result = try await ChildProcess.run(Self.program, arguments, environment: environment)
        #expect(result.status == 64)
        #expect(result.errors.contains(word), "\(result.errors)")
    }
}
