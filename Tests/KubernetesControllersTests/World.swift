// A real cluster without kubelets, a real server, and nodes that are loopback addresses.

internal import JSON
internal import KubernetesClient
internal import Logging
internal import OctaviaClient
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import KubernetesControllers

/// All suites that start servers, one after the other.
@Suite(.serialized, .enabled(if: KubernetesServer.isInstalled), .timeLimit(.minutes(15)))
enum ClusterTests {}

/// Gives a suite a server, which its tests find in ``ServerProcess/current``.
struct ServerTrait: SuiteTrait, TestTrait, TestScoping {
    var environment: [String: String] = [:]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await ServerProcess.with(environment: environment) { server in
            try await ServerProcess.$current.withValue(server) { try await body() }
        }
    }
}

extension Trait where Self == ServerTrait {
    /// A server for the suite.
    static var server: ServerTrait { ServerTrait() }
    /// A server without data plane.
    static var noOpServer: ServerTrait { ServerTrait(environment: ["OTTAVA_NO_OP": "true"]) }
}

/// Counts the calls of a client of the cloud.
final class CallCounter: Sendable {
    private let calls = Mutex<[String]>([])

    /// The calls so far, such as `POST loadbalancers`.
    var all: [String] { calls.withLock { $0 } }
    /// Calls that change load balancers.
    var writes: [String] { all.filter { !$0.hasPrefix("GET") } }

    func reset() { calls.withLock { $0 = [] } }

    var logger: Logger {
        var logger = Logger(label: "calls") { [self] _ in Handler(counter: self) }
        logger.logLevel = .debug
        return logger
    }

    private struct Handler: LogHandler {
        let counter: CallCounter
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.message == "answer", let method = event.metadata?["method"], let url = event.metadata?["url"],
                let path = "\(url)".split(separator: "/lbaas/").dropFirst().first
            else { return }
            counter.calls.withLock { $0.append("\(method) \(path)") }
        }
    }
}

/// What one test works with: names of its own in the cluster and in the cloud.
final class World: Sendable {
    let kubernetes: KubernetesServer
    let server: ServerProcess
    let cluster: Cluster
    /// For looking at the cloud; controllers have their own.
    let cloud: Cloud
    let namespace: String
    let settings: LoadBalancerSettings
    private let nodes = Mutex<[String: [HTTPBackend]]>([:])
    private let programs = Mutex<[ChildProcess]>([])
    private static let lastAddress = Mutex(0)

    private init(
        _ kubernetes: KubernetesServer, _ server: ServerProcess, _ change: (inout LoadBalancerSettings) -> Void
    ) throws {
        self.kubernetes = kubernetes
        self.server = server
        cluster = try Cluster(.load(kubeconfig: kubernetes.kubeconfig))
        cloud = try Cloud(server.configuration())
        let name = "t\(UInt32.random(in: 0 ... .max))"
        namespace = name
        var settings = LoadBalancerSettings()
        settings.clusterName = name
        settings.clusterID = name
        settings.isInternal = true
        change(&settings)
        self.settings = settings
    }

    /// Runs something in a world of its own, and takes away what it made.
    static func with(
        _ change: (inout LoadBalancerSettings) -> Void = { _ in }, _ body: (World) async throws -> Void
    ) async throws {
        let server = try #require(ServerProcess.current)
        try await KubernetesServer.alone { kubernetes in
            let world = try World(kubernetes, server, change)
            var namespace = Namespace()
            namespace.metadata = ObjectMeta(name: world.namespace)
            try await world.cluster.create(namespace)
            do {
                try await body(world)
            } catch {
                try? await world.cleanUp()
                throw error
            }
            try await world.cleanUp()
        }
    }

    private func cleanUp() async throws {
        for program in programs.withLock({ $0 }) { await program.stop() }
        let nothing: Patch = .merge(["metadata": ["finalizers": .array([])]])
        for service in try await cluster.list(Service.self, namespace: namespace).items {
            _ = try? await cluster.patch(Service.self, service.key, nothing)
            try? await cluster.delete(Service.self, service.key)
        }
        for ingress in try await cluster.list(Ingress.self, namespace: namespace).items {
            _ = try? await cluster.patch(Ingress.self, ingress.key, nothing)
            try? await cluster.delete(Ingress.self, ingress.key)
        }
        for name in nodes.withLock({ Array($0.keys) }) { try? await cluster.delete(Node.self, ObjectKey(name: name)) }
        for loadBalancer in try await loadBalancers() {
            try? await cloud.loadBalancers.delete(loadBalancer.id, cascade: true)
        }
        await cloud.shutdown()
        await cluster.shutdown()
    }

    // MARK: Controllers

    /// Runs both controllers as long as something lasts; at its end they are cut off wherever they are.
    func withControllers<Result: Sendable>(
        cloud configuration: CloudConfiguration? = nil, settings: LoadBalancerSettings? = nil,
        counter: CallCounter = CallCounter(),
        options: ServiceController.Options = ServiceController.Options(),
        ingressSettings: IngressSettings = IngressSettings(),
        _ body: () async throws -> Result
    ) async throws -> Result {
        let controllers = try startControllers(
            cloud: configuration, settings: settings, counter: counter, options: options,
            ingressSettings: ingressSettings)
        do {
            let result = try await body()
            controllers.cancel()
            await controllers.value
            return result
        } catch {
            controllers.cancel()
            await controllers.value
            throw error
        }
    }

    func startControllers(
        cloud configuration: CloudConfiguration? = nil, settings: LoadBalancerSettings? = nil,
        counter: CallCounter = CallCounter(),
        options: ServiceController.Options = ServiceController.Options(),
        ingressSettings: IngressSettings = IngressSettings()
    ) throws -> Task<Void, Never> {
        var configuration = try configuration ?? server.configuration()
        configuration.retries.limit = .seconds(20)
        let cloud = try Cloud(configuration, logger: counter.logger)
        let cluster = try Cluster(.load(kubeconfig: kubernetes.kubeconfig))
        let settings = settings ?? self.settings
        let logger = Logger(label: "controllers") { _ in SwiftLogNoOpLogHandler() }
        return Task {
            let view = ClusterView(
                cluster, scope: .init(includesIngresses: true, includesPods: settings.memberKind == .pods))
            let services = ServiceController(
                view: view, cloud: cloud, settings: settings, options: options, logger: logger)
            let ingresses = IngressController(
                view: view, cloud: cloud, settings: settings, ingressSettings: ingressSettings, options: options,
                logger: logger)
            await withDiscardingTaskGroup { group in
                group.addTask { await view.run() }
                group.addTask { try? await services.run() }
                group.addTask { try? await ingresses.run() }
            }
            await cloud.shutdown()
            await cluster.shutdown()
        }
    }

    /// Starts the program with the same settings, for tests that end it without warning.
    func startProgram() throws -> ChildProcess {
        let log = server.folder.file("controllers-\(UInt32.random(in: 0 ... .max)).log")
        let program = try ChildProcess(
            "\(Files.packageRoot).build/debug/ottava-kubernetes",
            ["--kubeconfig", kubernetes.kubeconfig, "--cloud", "ottava", "--listen", "off"],
            environment: [
                "OS_CLIENT_CONFIG_FILE": "\(server.dataDirectory)/clouds.yaml",
                "OTTAVA_KUBERNETES_CLUSTER_NAME": settings.clusterName,
                "OTTAVA_KUBERNETES_CLUSTER_ID": settings.clusterID, "OTTAVA_KUBERNETES_INTERNAL": "true",
                "OTTAVA_KUBERNETES_LEADER_ELECT": "false",
            ], output: log, errors: log)
        programs.withLock { $0.append(program) }
        return program
    }

    // MARK: Nodes

    static func nextAddress() -> String {
        let number = lastAddress.withLock { number in
            number += 1
            return number
        }
        return "127.5.\(number / 250).\(number % 250 + 1)"
    }

    /// A node with a web server at each of the node ports, which answers with the node's name.
    @discardableResult
    func addNode(_ name: String, ports: [Int], labels: [String: String] = [:]) async throws -> String {
        let address = Self.nextAddress()
        let backends = try ports.map { try HTTPBackend(name, address: address, port: $0) }
        nodes.withLock { $0["\(namespace)-\(name)"] = backends }
        try await cluster.create(makeNode("\(namespace)-\(name)", address, labels: labels))
        return address
    }

    func backends(_ name: String) -> [HTTPBackend] { nodes.withLock { $0["\(namespace)-\(name)"] ?? [] } }

    func removeNode(_ name: String) async throws {
        try await cluster.delete(Node.self, ObjectKey(name: "\(namespace)-\(name)"))
    }

    func changeNode(_ name: String, _ patch: JSONValue) async throws {
        try await cluster.patch(Node.self, ObjectKey(name: "\(namespace)-\(name)"), .merge(patch))
    }

    // MARK: Services

    @discardableResult
    func addService(
        _ name: String = "web", ports: [ServicePort], annotations: [String: String] = [:],
        type: String = "LoadBalancer",
        _ change: (inout Service) -> Void = { _ in }
    ) async throws -> Service {
        var service = Service()
        service.metadata = ObjectMeta(namespace: namespace, name: name, annotations: annotations)
        service.spec.type = type
        service.spec.ports = ports
        service.spec.selector = ["app": name]
        change(&service)
        return try await cluster.create(service)
    }

    func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

    func service(_ name: String = "web") async throws -> Service { try await cluster.get(Service.self, key(name)) }

    func changeService(_ patch: JSONValue, of name: String = "web") async throws {
        try await cluster.patch(Service.self, key(name), .merge(patch))
    }

    func changePorts(_ ports: [ServicePort]) async throws {
        try await changeService(["spec": ["ports": .array(ports.map(\.json))]])
    }

    /// Waits for the address of a Service.
    func address(of name: String = "web") async throws -> String {
        var address = ""
        try await eventually("\(name) has an address", within: .seconds(60)) {
            address = try await service(name).status.loadBalancer.ingress.first?.ip ?? ""
            return !address.isEmpty
        }
        return address
    }

    func delete(_ name: String = "web") async throws { try await cluster.delete(Service.self, key(name)) }

    func waitUntilGone(_ name: String = "web") async throws {
        try await eventually("\(name) is gone", within: .seconds(60)) {
            try await cluster.find(Service.self, key(name)) == nil
        }
    }

    func events(_ name: String = "web", reason: String) async throws -> [Event] {
        try await cluster.list(Event.self, namespace: namespace, fields: "involvedObject.name=\(name)").items
            .filter { $0.reason == reason }
    }

    func waitForEvent(_ name: String = "web", reason: String, containing text: String = "") async throws {
        try await eventually("\(name) has an event \(reason) \(text)", within: .seconds(60)) {
            try await events(name, reason: reason).contains { $0.message.contains(text) }
        }
    }

    // MARK: The cloud

    /// The load balancers of this world.
    func loadBalancers() async throws -> [OctaviaClient.LoadBalancer] {
        try await cloud.loadBalancers.list().all().filter {
            $0.name.contains(settings.clusterName) || $0.tags.contains { $0.contains(settings.clusterName) }
        }
    }

    func tree(_ name: String = "web") async throws -> OctaviaClient.LoadBalancerTree {
        let found = try await cloud.loadBalancers.find(ServiceWishes.name(key(name), settings))
        return try await cloud.tree(of: found.id)
    }

    /// Who answers; absent for no answer.
    func answer(_ address: String, _ port: Int, _ path: String = "/", host: String? = nil) -> String? {
        guard let connection = try? HTTPConnection(to: address, port: port, limit: .seconds(3)),
            let answer = try? connection.request(
                "GET", path, headers: [("Connection", "close")] + (host.map { [("Host", $0)] } ?? []))
        else { return nil }
        return answer.status == 200 ? answer.text : "\(answer.status)"
    }

    /// Who answers to a number of requests.
    func answers(_ address: String, _ port: Int, count: Int = 12) -> Set<String> {
        Set((0..<count).compactMap { _ in answer(address, port) })
    }

    func waitForAnswers(_ expected: Set<String>, _ address: String, _ port: Int) async throws {
        var last: Set<String> = []
        do {
            try await eventually("answers of \(expected.sorted())", within: .seconds(60), every: .milliseconds(50)) {
                last = answers(address, port)
                return last == expected
            }
        } catch {
            Issue.record("answered at last: \(last.sorted())")
            throw error
        }
    }
}

extension ServerProcess {
    /// The configuration of an account, as the server wrote it.
    func configuration(_ cloud: String = "ottava") throws -> CloudConfiguration {
        try CloudConfiguration.load(
            cloud: cloud, environment: ["OS_CLIENT_CONFIG_FILE": "\(dataDirectory)/clouds.yaml"],
            workingDirectory: folder.path)
    }
}
