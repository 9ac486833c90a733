// Services of a cluster: until they answer, until nodes that went are left alone, and many of them.

internal import Foundation
internal import JSON
internal import KubernetesClient
internal import TestSupport

enum KubernetesBenchmark {
    private static let services = 500
    private static let nodes = 100
    private static let runs = 20
    private static let rest = Duration.seconds(20)

    static func run(_ program: String) async throws -> [Measurement] {
        guard KubernetesServer.isInstalled else {
            throw CannotStart(description: "there is no kube-apiserver: run scripts/kube-apiserver")
        }
        return try await KubernetesServer.alone { try await measure(program, $0) }
    }

    private static func measure(_ program: String, _ kubernetes: KubernetesServer) async throws -> [Measurement] {
        let server = try await MeasuredServer(program)
        let controllers = try await Controllers(beside: program, server, kubernetes)
        var configuration = try ClusterConfiguration.load(kubeconfig: kubernetes.kubeconfig)
        configuration.rateLimit = RateLimit(perSecond: 1_000, burst: 1_000)
        let cluster = try Cluster(configuration)
        let results = try await single(cluster) + many(cluster, controllers, server)
        await controllers.child.stop()
        try server.check()
        await cluster.shutdown()
        return results
    }

    /// How many requests to the load balancing API the server has answered.
    private struct Calls {
        var reads = 0
        var writes = 0

        init(of server: MeasuredServer) throws {
            for line in try fetch("127.0.0.1", server.port, "/metrics").text.split(separator: "\n") {
                guard line.hasPrefix("ottava_http_request_duration_seconds_count{"), line.contains("\"/load-balancer"),
                    let count = line.split(separator: " ").last.flatMap({ Double($0) })
                else { continue }
                if line.contains("method=\"GET\"") { reads += Int(count) } else { writes += Int(count) }
            }
        }
    }

    /// The controllers as a process.
    private struct Controllers {
        let child: ChildProcess

        init(beside program: String, _ server: MeasuredServer, _ kubernetes: KubernetesServer) async throws {
            let folder = try CleanUp.makeFolder("ottava-benchmarks")
            let path = URL(filePath: program).deletingLastPathComponent().appending(path: "ottava-kubernetes").path()
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw CannotStart(
                    description: "there is no \(path): swift build -c release --product ottava-kubernetes")
            }
            child = try ChildProcess(
                path, ["--kubeconfig", kubernetes.kubeconfig, "--cloud", "ottava"],
                environment: [
                    "OS_CLIENT_CONFIG_FILE": server.cloudsFile, "OTTAVA_KUBERNETES_INTERNAL": "true",
                    "OTTAVA_KUBERNETES_LEADER_ELECT": "false", "OTTAVA_KUBERNETES_LISTEN": "off",
                    "OTTAVA_KUBERNETES_REQUESTS_PER_SECOND": "1000", "OTTAVA_KUBERNETES_REQUESTS_BURST": "1000",
                    // At rest there is only what happens by itself at intervals.
                    "OTTAVA_KUBERNETES_ORPHAN_INTERVAL": "24h",
                ], output: folder.file("stdout"), errors: folder.file("stderr"))
        }
    }

    private static func addNode(_ name: String, _ address: String, _ cluster: Cluster) async throws {
        var node = Node()
        node.metadata = ObjectMeta(name: name)
        node.status.addresses = [NodeAddress(type: "InternalIP", address: address)]
        try await cluster.create(node)
    }

    private static func addService(_ name: String, _ port: Int, _ nodePort: Int, _ cluster: Cluster) async throws
        -> ObjectKey
    {
        var service = Service()
        service.metadata = ObjectMeta(namespace: "default", name: name)
        service.spec.type = "LoadBalancer"
        service.spec.ports = [ServicePort(port: port, nodePort: nodePort)]
        return try await cluster.create(service).key
    }

    /// One Service at a time.
    private static func single(_ cluster: Cluster) async throws -> [Measurement] {
        let nodePort = Ports.free()
        let backends = try ["stays", "goes"].enumerated().map {
            try HTTPBackend($1, address: "127.6.0.\($0 + 1)", port: nodePort)
        }
        try await addNode("stays", backends[0].address, cluster)
        var (creations, removals): ([Duration], [Duration]) = ([], [])
        for run in 0..<runs {
            let port = Ports.free()
            let start = ContinuousClock.now
            let key = try await addService("single-\(run)", port, nodePort, cluster)
            var address = ""
            try await eventually("the Service answers", within: .seconds(60), every: .milliseconds(5)) {
                if address.isEmpty {
                    address = try await cluster.get(Service.self, key).status.loadBalancer.ingress.first?.ip ?? ""
                }
                return !address.isEmpty && (try? fetch(address, port, limit: .seconds(2)))?.status == 200
            }
            creations.append(ContinuousClock.now - start)
            if run % 2 == 0 {
                try await addNode("goes", backends[1].address, cluster)
                let place = address
                try await eventually("the node is used", within: .seconds(60)) {
                    (try? fetch(place, port, limit: .seconds(2)))?.text == "goes"
                }
                let removal = ContinuousClock.now
                try await cluster.delete(Node.self, ObjectKey(name: "goes"))
                var last = removal
                // What it answered last, until it has been silent for a while.
                while ContinuousClock.now - last < .seconds(1) {
                    if (try? fetch(place, port, limit: .seconds(2)))?.text == "goes" { last = .now }
                }
                removals.append(last - removal)
            }
            try await cluster.delete(Service.self, key)
            try await eventually("the Service is gone", within: .seconds(60)) {
                try await cluster.find(Service.self, key) == nil
            }
        }
        try await cluster.delete(Node.self, ObjectKey(name: "stays"))
        return [
            Measurement("Service created → first 200 through its address", creations, goal: .below(1_500)),
            Measurement("node removed → no new connections to it", removals, goal: .below(1_000)),
        ]
    }

    /// Many Services on many nodes.
    private static func many(
        _ cluster: Cluster, _ controllers: Controllers, _ server: MeasuredServer
    ) async throws -> [Measurement] {
        for number in 0..<nodes { try await addNode("n\(number)", "127.7.0.\(number + 1)", cluster) }
        let before = try Calls(of: server)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    for number in stride(from: worker, to: services, by: 8) {
                        _ = try await addService("many-\(number)", 20_000 + number, 40_000 + number, cluster)
                    }
                }
            }
            try await group.waitForAll()
        }
        func served() async throws -> Int {
            try await cluster.list(Service.self, namespace: "default").items.count {
                !$0.status.loadBalancer.ingress.isEmpty
            }
        }
        try await eventually("all have addresses", within: .seconds(600), every: .milliseconds(250)) {
            try await served() == services
        }
        let creation = ContinuousClock.now - start
        let made = try Calls(of: server)
        // Until the last event is written.
        try await Task.sleep(for: .seconds(2))
        let resting = try Calls(of: server)
        let memory = ProcessUsage.residentMegabytes(of: controllers.child.pid)
        let used = ProcessUsage.processorTime(of: controllers.child.pid)
        let window = ContinuousClock.now
        try await Task.sleep(for: rest)
        let share =
            (ProcessUsage.processorTime(of: controllers.child.pid) - used) / (ContinuousClock.now - window) * 100
        let rested = try Calls(of: server)
        let writes = Double(made.writes - before.writes) / Double(services)
        let reads = Double(made.reads - before.reads) / Double(services)
        return [
            Measurement("\(services) Services on \(nodes) nodes: all have addresses", [creation]),
            Measurement("  calls per Service that write", [writes], unit: "calls", goal: .exactly(1)),
            Measurement("  calls per Service that read", [reads], unit: "calls"),
            Measurement("  memory of the controllers", [memory], unit: "MB", goal: .below(150)),
            Measurement("  controllers at rest: of one core", [share], unit: "%"),
            Measurement(
                "  controllers at rest: calls in \(rest / .seconds(1)) s",
                count: rested.reads + rested.writes - resting.reads - resting.writes, goal: .exactly(0)),
        ]
    }
}
