// Controllers that die, servers that fail, and objects that change at bad moments.

internal import JSON
internal import KubernetesClient
internal import Logging
internal import OctaviaClient
internal import TestSupport
internal import Testing

@testable internal import KubernetesControllers

extension ClusterTests {
    @Suite(.server, .serialized)
    struct FailureTests {
        /// Waits until every Service has exactly one load balancer with the right members, and nothing else is there.
        private func waitForAgreement(_ world: World, _ names: Set<String>, members: Int) async throws {
            let expected = Set(names.map { ServiceWishes.name(world.key($0), world.settings) })
            var differences: [String] = []
            do {
                try await eventually(
                    "load balancers and Services agree", within: .seconds(120), every: .milliseconds(200)
                ) {
                    differences = []
                    let there = try await world.loadBalancers()
                    for name in expected.subtracting(there.map(\.name)) { differences.append("\(name) is missing") }
                    var seen: Set<String> = []
                    for loadBalancer in there {
                        if !expected.contains(loadBalancer.name) || !seen.insert(loadBalancer.name).inserted {
                            differences.append("\(loadBalancer.name) is too many, \(loadBalancer.provisioningStatus)")
                            continue
                        }
                        let tree = try await world.cloud.tree(of: loadBalancer.id)
                        let counts = [tree.listeners.count, tree.pools.count, tree.pools.first?.members.count ?? 0]
                        if counts != [1, 1, members] {
                            differences.append(
                                "\(loadBalancer.name) has listeners, pools and members: \(counts), "
                                    + "\(loadBalancer.provisioningStatus)")
                        }
                    }
                    for name in names where try await world.service(name).status.loadBalancer.ingress.isEmpty {
                        differences.append("Service \(name) has no address")
                    }
                    return differences.isEmpty
                }
            } catch {
                Issue.record("at last: \(differences.sorted().joined(separator: "; "))")
                throw error
            }
        }

        @Test func controllersThatDieAnywhereLeakAndDoubleNothing() async throws {
            try await World.with { world in
                let nodePort = Ports.free()
                try await world.addNode("a", ports: [])
                try await world.addNode("b", ports: [])
                var names: Set<String> = []
                for round in 0..<8 {
                    let controllers = try world.startProgram()
                    let name = "s\(round)"
                    try await world.addService(
                        name, ports: [ServicePort(port: Ports.free(), nodePort: nodePort + round)])
                    names.insert(name)
                    if round % 3 == 2 {
                        try await world.delete("s\(round - 1)")
                        names.remove("s\(round - 1)")
                    }
                    if round == 4 { try await world.removeNode("b") }
                    try await eventually("the controllers see the Service", within: .seconds(60)) {
                        try await !world.service(name).metadata.finalizers.isEmpty
                    }
                    // From before the first call to after the last.
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
                    controllers.signal(9)
                    _ = try await controllers.wait(within: .seconds(10))
                }
                var options = ServiceController.Options()
                options.orphanInterval = .seconds(2)
                try await world.withControllers(options: options) { [names] in
                    try await waitForAgreement(world, names, members: 1)
                    for name in names { try await world.delete(name) }
                    for name in names { try await world.waitUntilGone(name) }
                    #expect(try await world.loadBalancers().isEmpty)
                }
            }
        }

        @Test func twoControllersTakeTurnsByLease() async throws {
            try await World.with { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort])
                let settings = LeaderElector.Settings(
                    leaseDuration: .seconds(30), renewDeadline: .seconds(20), retryPeriod: .milliseconds(300))
                func replica(_ name: String) throws -> (LeaderElector, Task<Void, Never>) {
                    let elector = LeaderElector(
                        world.cluster, lease: world.key("controllers"), identity: name, settings: settings)
                    let task = Task<Void, Never> {
                        _ = try? await elector.run {
                            let controllers = try world.startControllers()
                            await withTaskCancellationHandler {
                                await controllers.value
                            } onCancel: {
                                controllers.cancel()
                            }
                        }
                    }
                    return (elector, task)
                }
                let (first, firstTask) = try replica("one")
                try await eventually("the first leads", within: .seconds(60)) { first.isLeader }
                let (second, secondTask) = try replica("two")
                try await world.addService(ports: [ServicePort(port: port, nodePort: nodePort)])
                try await world.waitForAnswers(["a"], try await world.address(), port)
                #expect(!second.isLeader)
                firstTask.cancel()
                try await world.addService("more", ports: [ServicePort(port: Ports.free(), nodePort: Ports.free())])
                _ = try await world.address(of: "more")
                #expect(second.isLeader && !first.isLeader)
                #expect(try await world.loadBalancers().count == 2)
                secondTask.cancel()
                await firstTask.value
                await secondTask.value
            }
        }

        @Test func servicesDeletedWhileTheyAreMadeLeaveNothing() async throws {
            try await World.with { world in
                try await world.addNode("a", ports: [])
                try await world.withControllers {
                    for round in 0..<12 {
                        let name = "s\(round)"
                        try await world.addService(
                            name, ports: [ServicePort(port: Ports.free(), nodePort: Ports.free())])
                        try await Task.sleep(for: .milliseconds(round * 15))
                        try await world.delete(name)
                    }
                    for round in 0..<12 { try await world.waitUntilGone("s\(round)") }
                    var left: [String] = []
                    do {
                        try await eventually("nothing is left", within: .seconds(20)) {
                            left = try await world.loadBalancers().map {
                                "\($0.name) \($0.provisioningStatus.rawValue) \($0.id)"
                            }
                            return left.isEmpty
                        }
                    } catch {
                        Issue.record("left at last: \(left)")
                        throw error
                    }
                }
            }
        }

        @Test func failuresOfTheCloudPass() async throws {
            try await World.with { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort])
                let proxy = try FaultyProxy(to: world.server.port)
                var configuration = try world.server.configuration()
                configuration.endpointOverrides["load-balancer"] = "http://127.0.0.1:\(proxy.port)/load-balancer"
                // The search, then the creation: its answer is lost, so that it must be found again.
                proxy.spoil([
                    .answer(status: 503), .closedBeforeAnswer, .none, .closedAfterRequest, .answer(status: 409),
                    .answer(status: 500), .cutAnswer,
                ])
                try await world.withControllers(cloud: configuration) {
                    try await world.addService(ports: [ServicePort(port: port, nodePort: nodePort)])
                    try await world.waitForAnswers(["a"], try await world.address(), port)
                    #expect(try await world.loadBalancers().count == 1)
                    proxy.spoil([.answer(status: 503), .answer(status: 409), .closedAfterRequest, .answer(status: 502)])
                    try await world.addNode("b", ports: [nodePort])
                    try await world.waitForAnswers(["a", "b"], try await world.address(), port)
                    proxy.spoil([.answer(status: 503), .closedAfterRequest, .answer(status: 409)])
                    try await world.delete()
                    try await world.waitUntilGone()
                    #expect(try await world.loadBalancers().isEmpty)
                }
            }
        }

        @Test func manyServicesGetOneCallEach() async throws {
            try await World.with { world in
                for name in ["a", "b", "c"] { try await world.addNode(name, ports: []) }
                let count = 40
                for number in 0..<count {
                    try await world.addService(
                        "s\(number)", ports: [ServicePort(port: 10_000 + number, nodePort: 31_000 + number)])
                }
                let counter = CallCounter()
                try await world.withControllers(counter: counter) {
                    try await eventually("all have addresses", within: .seconds(120), every: .milliseconds(200)) {
                        try await world.cluster.list(Service.self, namespace: world.namespace).items
                            .allSatisfy { !$0.status.loadBalancer.ingress.isEmpty }
                    }
                    #expect(counter.writes.count == count && Set(counter.writes) == ["POST loadbalancers"])
                    counter.reset()
                    try await world.removeNode("b")
                    try await eventually("all lose the node", within: .seconds(60), every: .milliseconds(200)) {
                        counter.writes.count >= count
                    }
                    try await waitForAgreement(world, Set((0..<count).map { "s\($0)" }), members: 2)
                    #expect(counter.writes.count == count)
                    for number in 0..<count { try await world.delete("s\(number)") }
                    for number in 0..<count { try await world.waitUntilGone("s\(number)") }
                }
            }
        }

        @Test func clustersThatComeBackAreFollowed() async throws {
            try await World.with { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort])
                try await world.addNode("b", ports: [nodePort])
                try await world.addService(ports: [ServicePort(port: port, nodePort: nodePort)])
                try await world.withControllers {
                    let address = try await world.address()
                    try await world.waitForAnswers(["a", "b"], address, port)
                    try world.kubernetes.kill()
                    try await Task.sleep(for: .seconds(1))
                    #expect(world.answers(address, port) == ["a", "b"])
                    try await world.kubernetes.start()
                    try await world.removeNode("a")
                    try await world.waitForAnswers(["b"], address, port)
                    // A version too old to go on from.
                    try world.kubernetes.compact()
                    try await world.addNode("c", ports: [nodePort])
                    try await world.waitForAnswers(["b", "c"], address, port)
                }
            }
        }

        @Test func orphansGoAndForeignLoadBalancersStay() async throws {
            try await World.with { world in
                try await world.addNode("a", ports: [])
                let subnet = try await world.cloud.network.subnets.find("private-subnet").id
                let name = ServiceWishes.name(world.key("gone"), world.settings)
                func make(_ change: (inout LoadBalancerCreate) -> Void) async throws -> ResourceID {
                    var creation = LoadBalancerCreate(name: name, vip: .subnet(subnet))
                    creation.description = ServiceWishes.description(world.key("gone"), world.settings)
                    creation.tags = [name, "kubernetes-cluster=\(world.namespace)"]
                    change(&creation)
                    return try await world.cloud.loadBalancers.create(creation).id
                }
                let orphan = try await make { _ in }
                let others = [
                    try await make { $0.tags = [name] }, try await make { $0.tags[1] = "kubernetes-cluster=other" },
                    try await make { $0.description = "mine" }, try await make { $0.tags.append("kube_service_x_y_z") },
                    try await make { $0.name = "\(name)_more" },
                ]
                var options = ServiceController.Options()
                options.orphanInterval = .milliseconds(500)
                try await world.withControllers(options: options) {
                    try await eventually("the orphan is deleted", within: .seconds(30)) {
                        try await !world.loadBalancers().contains { $0.id == orphan }
                    }
                    try await Task.sleep(for: .seconds(2))
                    #expect(try await Set(world.loadBalancers().map(\.id)) == Set(others))
                }
            }
        }
    }
}
