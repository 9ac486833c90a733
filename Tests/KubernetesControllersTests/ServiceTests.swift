// Services of type LoadBalancer on a real API server, with traffic to the nodes.

internal import JSON
internal import KubernetesClient
internal import OctaviaClient
internal import TestSupport
internal import Testing

@testable internal import KubernetesControllers

extension ClusterTests {
    @Suite(.server, .serialized)
    struct ServiceTests {
        @Test func servicesGetAddressesAndFollowNodes() async throws {
            try await World.with { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                let (secondPort, secondNodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort, secondNodePort])
                try await world.addNode("b", ports: [nodePort, secondNodePort])
                let counter = CallCounter()
                try await world.withControllers(counter: counter) {
                    try await world.addService(ports: [ServicePort(name: "one", port: port, nodePort: nodePort)])
                    let address = try await world.address()
                    try await world.waitForAnswers(["a", "b"], address, port)
                    #expect(counter.writes == ["POST loadbalancers"])
                    let service = try await world.service()
                    #expect(service.metadata.finalizers == [ServiceReconciler.finalizer])
                    #expect(service.metadata.annotations[ServiceAnnotation.loadBalancerAddress] == address)
                    try await world.waitForEvent(reason: EventReason.ensured)

                    // Nodes come, go and are marked: one write each.
                    counter.reset()
                    try await world.addNode("c", ports: [nodePort, secondNodePort])
                    try await world.waitForAnswers(["a", "b", "c"], address, port)
                    try await world.removeNode("a")
                    try await world.waitForAnswers(["b", "c"], address, port)
                    try await world.changeNode(
                        "b", ["metadata": ["labels": ["node.kubernetes.io/exclude-from-external-load-balancers": ""]]])
                    try await world.waitForAnswers(["c"], address, port)
                    #expect(counter.writes.count == 3 && counter.writes.allSatisfy { $0.hasPrefix("PUT pools/") })
                    // A node that takes no new pods still serves.
                    counter.reset()
                    try await world.changeNode("c", ["spec": ["unschedulable": true]])
                    try await Task.sleep(for: .milliseconds(500))
                    #expect(world.answers(address, port) == ["c"] && counter.all.isEmpty)

                    // Ports change in place.
                    let second = ServicePort(name: "two", port: secondPort, nodePort: secondNodePort)
                    try await world.changePorts([ServicePort(name: "one", port: port, nodePort: nodePort), second])
                    try await world.waitForAnswers(["c"], address, secondPort)
                    #expect(world.answers(address, port) == ["c"])
                    try await world.changePorts([second])
                    try await eventually("the first port is closed") { world.answer(address, port) == nil }
                    #expect(world.answers(address, secondPort) == ["c"])

                    try await world.delete()
                    try await world.waitUntilGone()
                    #expect(try await world.loadBalancers().isEmpty)
                }
            }
        }

        @Test func nothingIsAskedWhenNothingHappensAndDriftIsRepaired() async throws {
            try await World.with { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort])
                let counter = CallCounter()
                try await world.addService(ports: [ServicePort(port: port, nodePort: nodePort)])
                try await world.withControllers(counter: counter) {
                    _ = try await world.address()
                    try await world.waitForEvent(reason: EventReason.ensured)
                    counter.reset()
                    // What does not matter to load balancers.
                    try await world.changeService(["metadata": ["labels": ["x": "y"]]])
                    try await world.changeNode("a", ["metadata": ["annotations": ["heart": "beat"]]])
                    try await Task.sleep(for: .seconds(1))
                    #expect(counter.all.isEmpty, "\(counter.all)")
                }
                // Another controller adopts it without a change.
                counter.reset()
                var options = ServiceController.Options()
                options.driftInterval = .seconds(1)
                try await world.withControllers(counter: counter, options: options) {
                    try await eventually("it was looked at") { counter.all.contains { $0.hasPrefix("GET pools") } }
                    #expect(counter.writes.isEmpty, "\(counter.writes)")
                    let tree = try await world.tree()
                    try await world.cloud.listeners.update(tree.listeners[0].listener.id) {
                        $0.connectionLimit = .set(7)
                    }
                    try await world.cloud.members(of: tree.pools[0].pool.id).replace(with: [])
                    try await eventually("the drift is repaired", within: .seconds(30)) {
                        let tree = try await world.tree()
                        return tree.listeners[0].listener.connectionLimit == -1 && tree.pools[0].members.count == 1
                    }
                    // Somebody deleted it.
                    try await world.cloud.loadBalancers.delete(tree.loadBalancer.id, cascade: true)
                    try await eventually("there is another one", within: .seconds(30)) {
                        try await world.loadBalancers().contains { $0.id != tree.loadBalancer.id }
                    }
                    let address = try await world.address()
                    try await world.waitForAnswers(["a"], address, port)
                }
            }
        }

        @Test func policyLocalAvoidsNodesWithoutPods() async throws {
            try await World.with { world in
                let (port, nodePort, healthPort) = (Ports.free(), Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort, healthPort])
                try await world.addNode("b", ports: [nodePort, healthPort])
                world.backends("b")[1].answer(with: 503)
                let prefix = ServiceAnnotation.prefix
                try await world.addService(
                    ports: [ServicePort(port: port, nodePort: nodePort)],
                    annotations: [
                        prefix + "health-monitor-delay": "1", prefix + "health-monitor-timeout": "1",
                        prefix + "health-monitor-max-retries-down": "1",
                    ]
                ) {
                    $0.spec.externalTrafficPolicy = "Local"
                    $0.spec.healthCheckNodePort = healthPort
                }
                try await world.withControllers {
                    let address = try await world.address()
                    try await world.waitForAnswers(["a"], address, port)
                    world.backends("b")[1].answer(with: 200)
                    try await world.waitForAnswers(["a", "b"], address, port)
                    world.backends("a")[1].answer(with: 503)
                    try await world.waitForAnswers(["b"], address, port)
                }
            }
        }

        @Test func sourceRangesAndRequestedAddressesHold() async throws {
            try await World.with { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort])
                let wish = VirtualAddresses.next()
                try await world.addService(ports: [ServicePort(port: port, nodePort: nodePort)]) {
                    $0.spec.loadBalancerIP = wish
                    $0.spec.loadBalancerSourceRanges = ["192.0.2.0/24"]
                }
                try await world.withControllers {
                    #expect(try await world.address() == wish)
                    #expect(world.answer(wish, port) == nil)
                    try await world.changeService(["spec": ["loadBalancerSourceRanges": ["127.0.0.0/8"]]])
                    try await world.waitForAnswers(["a"], wish, port)
                }
            }
        }

        @Test func externalServicesGetFloatingIPs() async throws {
            try await World.with {
                $0.isInternal = false
            } _: { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort])
                let prefix = ServiceAnnotation.prefix
                try await world.addService(ports: [ServicePort(port: port, nodePort: nodePort)])
                try await world.addService(
                    "kept", ports: [ServicePort(port: port, nodePort: nodePort + 1)],
                    annotations: [prefix + "keep-floatingip": "true"])
                try await world.withControllers {
                    let address = try await world.address()
                    let loadBalancer = try await world.tree().loadBalancer
                    #expect(address != loadBalancer.vipAddress)
                    let floating = try await world.cloud.network.floatingIPs.list(
                        .field("floating_ip_address", equals: address)
                    ).all()
                    #expect(floating.first?.portID == loadBalancer.vipPortID)
                    #expect(floating.first?.description.contains("Floating IP for Kubernetes external service") == true)
                    try await world.waitForAnswers(["a"], address, port)
                    // From outside to inside and back.
                    try await world.changeService([
                        "metadata": ["annotations": [ServiceAnnotation.internalLoadBalancer: "true"]]
                    ])
                    try await eventually("it shows its own address", within: .seconds(30)) {
                        try await world.service().status.loadBalancer.ingress.map(\.ip) == [
                            loadBalancer.vipAddress ?? ""
                        ]
                    }
                    let kept = try await world.address(of: "kept")
                    try await world.delete()
                    try await world.delete("kept")
                    try await world.waitUntilGone()
                    try await world.waitUntilGone("kept")
                    let left = try await world.cloud.network.floatingIPs.list().all()
                    #expect(!left.contains { $0.address == address })
                    let detached = try #require(left.first { $0.address == kept })
                    #expect(detached.portID == nil)
                    // It can be asked for again.
                    try await world.addService("again", ports: [ServicePort(port: port, nodePort: nodePort)]) {
                        $0.spec.loadBalancerIP = kept
                    }
                    #expect(try await world.address(of: "again") == kept)
                    try await world.delete("again")
                    try await world.waitUntilGone("again")
                }
            }
        }

        @Test func loadBalancersAreSharedAndLeft() async throws {
            try await World.with {
                $0.isInternal = false
            } _: { world in
                let ports = (0..<4).map { _ in Ports.free() }
                try await world.addNode("a", ports: [ports[2], ports[3]])
                try await world.withControllers {
                    try await world.addService("first", ports: [ServicePort(port: ports[0], nodePort: ports[2])])
                    let address = try await world.address(of: "first")
                    let id = try #require(
                        try await world.service("first").metadata.annotations[ServiceAnnotation.loadBalancerID])
                    let share = [ServiceAnnotation.loadBalancerID: id]
                    try await world.addService(
                        "second", ports: [ServicePort(port: ports[1], nodePort: ports[3])], annotations: share)
                    #expect(try await world.address(of: "second") == address)
                    try await world.waitForAnswers(["a"], address, ports[1])
                    // The same port, and one Service too many.
                    try await world.addService(
                        "third", ports: [ServicePort(port: ports[0], nodePort: ports[2] + 1)], annotations: share)
                    try await world.waitForEvent(
                        "third", reason: EventReason.syncFailed, containing: "already shared by 2 Services")
                    try await world.delete("third")
                    try await world.waitUntilGone("third")
                    try await world.delete("second")
                    try await world.waitUntilGone("second")
                    #expect(world.answers(address, ports[0]) == ["a"])
                    #expect(world.answer(address, ports[1]) == nil)
                    try await world.addService(
                        "fourth", ports: [ServicePort(port: ports[0], nodePort: ports[2] + 2)], annotations: share)
                    try await world.waitForEvent("fourth", reason: EventReason.syncFailed, containing: "\(ports[0])")
                    try await world.delete("fourth")
                    try await world.delete("first")
                    try await world.waitUntilGone("fourth")
                    try await world.waitUntilGone("first")
                    #expect(try await world.loadBalancers().isEmpty)
                }
            }
        }

        @Test func loadBalancersOfCloudProviderOpenStackAreAdopted() async throws {
            try await World.with { world in
                let (port, nodePort) = (Ports.free(), Ports.free())
                try await world.addNode("a", ports: [nodePort])
                try await world.addService(ports: [ServicePort(port: port, nodePort: nodePort)])
                // As it makes them, with the everybody of its own and without the mark of the cluster.
                let name = ServiceWishes.name(world.key("web"), world.settings)
                let subnet = try await world.cloud.network.subnets.find("private-subnet").id
                var pool = PoolCreate(name: "pool_0_\(name)", poolProtocol: .tcp)
                pool.members = [MemberCreate(name: "old", address: "127.5.200.1", protocolPort: nodePort)]
                var listener = ListenerCreate(
                    name: "listener_0_\(name)", listenerProtocol: .tcp, protocolPort: port, defaultPool: pool)
                listener.tags = [name]
                listener.allowedCIDRs = ["0.0.0.0/0"]
                var creation = LoadBalancerCreate(name: name, vip: .subnet(subnet), listeners: [listener])
                creation.description = ServiceWishes.description(world.key("web"), world.settings)
                creation.tags = [name]
                let old = try await world.cloud.loadBalancers.create(creation)
                try await world.cloud.loadBalancers.waitUntilActive(old.id)
                let counter = CallCounter()
                try await world.withControllers(counter: counter) {
                    let address = try await world.address()
                    #expect(address == old.vipAddress)
                    try await world.waitForAnswers(["a"], address, port)
                    // Its mark, and the members.
                    #expect(counter.writes.count == 2, "\(counter.writes)")
                    let tree = try await world.tree()
                    #expect(
                        tree.loadBalancer.id == old.id
                            && tree.loadBalancer.tags.contains("kubernetes-cluster=\(world.namespace)"))
                    // Another name of the cluster is no other load balancer.
                }
                var renamed = world.settings
                renamed.clusterName = "r\(world.namespace)"
                try await world.withControllers(settings: renamed) {
                    try await eventually("it is renamed", within: .seconds(30)) {
                        try await world.cloud.loadBalancers.get(old.id).name
                            == ServiceWishes.name(world.key("web"), renamed)
                    }
                    try await world.delete()
                    try await world.waitUntilGone()
                }
                #expect(try await world.loadBalancers().isEmpty)
            }
        }

        @Test func wrongWishesAreToldAndOthersAreServed() async throws {
            try await World.with { world in
                let ports = (0..<4).map { _ in Ports.free() }
                try await world.addNode("a", ports: [ports[2], ports[3]])
                let prefix = ServiceAnnotation.prefix
                try await world.withControllers {
                    try await world.addService(
                        "wrong", ports: [ServicePort(port: ports[0], nodePort: ports[2])],
                        annotations: [prefix + "subnet-id": "private"])
                    try await world.addService(
                        "absent", ports: [ServicePort(port: ports[0], nodePort: ports[2] + 1)],
                        annotations: [prefix + "flavor-id": "11111111-1111-4111-8111-111111111111"])
                    try await world.addService("right", ports: [ServicePort(port: ports[1], nodePort: ports[3])])
                    try await world.waitForAnswers(["a"], try await world.address(of: "right"), ports[1])
                    try await world.waitForEvent(
                        "wrong", reason: EventReason.syncFailed, containing: "subnet-id is 'private'")
                    try await world.waitForEvent(
                        "absent", reason: EventReason.syncFailed, containing: "11111111-1111-4111-8111-111111111111")
                    #expect(try await world.service("wrong").status.loadBalancer.ingress.isEmpty)
                    // It works as soon as it is right.
                    try await world.changeService(
                        ["metadata": ["annotations": [prefix + "subnet-id": .null]]], of: "wrong")
                    try await world.waitForAnswers(["a"], try await world.address(of: "wrong"), ports[0])
                    // No load balancer any more.
                    try await world.changeService(
                        [
                            "spec": [
                                "type": "ClusterIP", "ports": [["port": .integer(Int64(ports[0])), "nodePort": .null]],
                            ]
                        ], of: "wrong")
                    try await eventually("it is let go", within: .seconds(30)) {
                        try await world.service("wrong").metadata.finalizers.isEmpty
                    }
                    #expect(try await world.service("wrong").status.loadBalancer.ingress.isEmpty)
                    try await world.delete("absent")
                    try await world.waitUntilGone("absent")
                    #expect(try await world.loadBalancers().count == 1)
                }
            }
        }

        @Test func busyAddressesAndQuotasAreToldAndTriedAgain() async throws {
            try await World.with { world in
                let ports = (0..<2).map { _ in Ports.free() }
                let nodePort = Ports.free()
                try await world.addNode("a", ports: [nodePort])
                let admin = try Cloud(world.server.configuration("ottava-admin"))
                try await world.withControllers {
                    try await world.addService("first", ports: [ServicePort(port: ports[0], nodePort: nodePort)])
                    let taken = try await world.address(of: "first")
                    try await world.addService("busy", ports: [ServicePort(port: ports[1], nodePort: nodePort + 1)]) {
                        $0.spec.loadBalancerIP = taken
                    }
                    try await world.waitForEvent("busy", reason: EventReason.syncFailed, containing: taken)
                    #expect(try await world.service("busy").status.loadBalancer.ingress.isEmpty)

                    let project = try #require(try await world.loadBalancers().first?.projectID)
                    try await admin.quotas.update(project) { $0.loadBalancer = .set(1) }
                    try await world.addService("many", ports: [ServicePort(port: ports[1], nodePort: nodePort + 2)])
                    try await world.waitForEvent(
                        "many", reason: EventReason.syncFailed, containing: "raise it or delete what is not needed")
                    #expect(try await world.service("many").status.loadBalancer.ingress.isEmpty)
                    #expect(world.answer(taken, ports[0]) == "a")
                    // Nobody has to touch the Services again.
                    try await admin.quotas.reset(project)
                    _ = try await world.address(of: "many")
                    try await world.delete("first")
                    #expect(try await world.address(of: "busy") == taken)
                    for name in ["many", "busy"] { try await world.delete(name) }
                    for name in ["first", "many", "busy"] { try await world.waitUntilGone(name) }
                    #expect(try await world.loadBalancers().isEmpty)
                }
                await admin.shutdown()
            }
        }

        @Test func podsAreMembersAndAreDrained() async throws {
            try await World.with {
                $0.memberKind = .pods
            } _: { world in
                let (port, podPort) = (Ports.free(), Ports.free())
                let pods = try (0..<2).map { try HTTPBackend("pod-\($0)", address: World.nextAddress(), port: podPort) }
                try await world.addService(ports: [ServicePort(name: "http", port: port, targetPort: "http")])
                var slice = EndpointSlice()
                slice.metadata = ObjectMeta(
                    namespace: world.namespace, name: "web-1", labels: [EndpointSlice.serviceLabel: "web"])
                slice.addressType = "IPv4"
                slice.ports = [EndpointPort(name: "http", port: podPort)]
                slice.endpoints = pods.map { pod in
                    var endpoint = Endpoint()
                    endpoint.addresses = [pod.address]
                    endpoint.conditions.ready = true
                    return endpoint
                }
                slice = try await world.cluster.create(slice)
                try await world.withControllers {
                    let address = try await world.address()
                    try await world.waitForAnswers(["pod-0", "pod-1"], address, port)
                    slice.endpoints[0].conditions.ready = false
                    slice = try await world.cluster.update(slice)
                    try await world.waitForAnswers(["pod-1"], address, port)
                    try await world.cluster.delete(EndpointSlice.self, slice.key)
                    try await eventually("there are no members", within: .seconds(30)) {
                        try await world.tree().pools[0].members.isEmpty
                    }
                }
            }
        }
    }
}
