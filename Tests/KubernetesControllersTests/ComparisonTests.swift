// The calls that turn a load balancer into what is wanted.

internal import JSON
internal import Testing

@testable internal import KubernetesClient
@testable internal import KubernetesControllers
@testable internal import OctaviaClient

struct ComparisonTests {
    private static func id(_ number: Int) -> String { "00000000-0000-4000-8000-\(String(100_000_000_000 + number))" }

    private static func object(_ number: Int, _ more: [String: JSONValue]) -> JSONValue {
        let common: [String: JSONValue] = [
            "id": .string(id(number)), "project_id": "p", "admin_state_up": true, "provisioning_status": "ACTIVE",
            "operating_status": "ONLINE",
        ]
        return .object(common.merging(more) { $1 })
    }

    /// A load balancer as the service would show it after it was made.
    private func tree(_ wanted: LoadBalancerCreate) throws -> OctaviaClient.LoadBalancerTree {
        var number = 1
        func next() -> Int {
            number += 1
            return number
        }
        func text(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        let loadBalancer = try OctaviaClient.LoadBalancer(
            AnswerReader(
                Self.object(
                    1,
                    [
                        "name": .string(wanted.name), "description": .string(wanted.description),
                        "tags": text(wanted.tags),
                    ]), "x"))
        var result = OctaviaClient.LoadBalancerTree(loadBalancer: loadBalancer, listeners: [], pools: [])
        var ids: [String: String] = [:]
        for pool in wanted.listeners.compactMap(\.defaultPool).filter({ !$0.isReference }) + wanted.pools {
            let poolNumber = next()
            ids[pool.name ?? ""] = Self.id(poolNumber)
            var fields: [String: JSONValue] = [
                "name": .string(pool.name ?? ""), "protocol": .string(pool.poolProtocol?.rawValue ?? ""),
                "lb_algorithm": .string(pool.algorithm?.rawValue ?? ""), "tags": text(pool.tags),
            ]
            if let persistence = pool.sessionPersistence {
                fields["session_persistence"] = ["type": .string(persistence.type.rawValue)]
            }
            var branch = OctaviaClient.LoadBalancerTree.PoolBranch(
                pool: try OctaviaClient.Pool(AnswerReader(Self.object(poolNumber, fields), "x")), members: [],
                healthMonitor: nil)
            branch.members = try pool.members.map { member in
                try OctaviaClient.Member(
                    AnswerReader(
                        Self.object(
                            next(),
                            [
                                "name": .string(member.name), "address": .string(member.address),
                                "protocol_port": .integer(Int64(member.protocolPort)),
                                "weight": .integer(Int64(member.weight ?? 1)),
                                "monitor_port": member.monitorPort.map { .integer(Int64($0)) } ?? .null,
                            ]), "x"))
            }
            if let monitor = pool.healthMonitor {
                branch.healthMonitor = try OctaviaClient.HealthMonitor(
                    AnswerReader(
                        Self.object(
                            next(),
                            [
                                "name": .string(monitor.name), "type": .string(monitor.type.rawValue),
                                "delay": .integer(Int64(monitor.delay)), "timeout": .integer(Int64(monitor.timeout)),
                                "max_retries": .integer(Int64(monitor.maxRetries)),
                                "max_retries_down": .integer(Int64(monitor.maxRetriesDown)),
                                "url_path": monitor.urlPath.map { .string($0) } ?? .null,
                                "expected_codes": monitor.expectedCodes.map { .string($0) } ?? .null,
                                "http_method": monitor.httpMethod.map { .string($0.rawValue) } ?? .null,
                            ]), "x"))
            }
            result.pools.append(branch)
        }
        for listener in wanted.listeners {
            let fields: [String: JSONValue] = [
                "name": .string(listener.name), "protocol": .string(listener.listenerProtocol.rawValue),
                "protocol_port": .integer(Int64(listener.protocolPort)), "tags": text(listener.tags),
                "connection_limit": .integer(Int64(listener.connectionLimit ?? -1)),
                "allowed_cidrs": text(listener.allowedCIDRs),
                "default_pool_id": listener.defaultPool.flatMap { ids[$0.name ?? ""] }.map { .string($0) } ?? .null,
                "default_tls_container_ref": listener.defaultTLSContainerRef.map { .string($0) } ?? .null,
                "insert_headers": .object(listener.insertHeaders.mapValues { .string($0) }),
            ]
            var branch = OctaviaClient.LoadBalancerTree.ListenerBranch(
                listener: try OctaviaClient.Listener(AnswerReader(Self.object(next(), fields), "x")), l7Policies: [])
            branch.l7Policies = try listener.l7Policies.enumerated().map { index, policy in
                let fields: [String: JSONValue] = [
                    "name": .string(policy.name), "action": .string(policy.action.rawValue),
                    "position": .integer(Int64(index + 1)),
                    "redirect_pool_id": policy.redirectPool.flatMap { ids[$0.name ?? ""] }.map { .string($0) } ?? .null,
                    "redirect_prefix": policy.redirectPrefix.map { .string($0) } ?? .null,
                    "redirect_http_code": policy.redirectHTTPCode.map { .integer(Int64($0)) } ?? .null,
                ]
                return .init(
                    l7Policy: try OctaviaClient.L7Policy(AnswerReader(Self.object(next(), fields), "x")),
                    rules: try policy.rules.map { rule in
                        try OctaviaClient.L7Rule(
                            AnswerReader(
                                Self.object(
                                    next(),
                                    [
                                        "type": .string(rule.type.rawValue),
                                        "compare_type": .string(rule.compareType.rawValue),
                                        "value": .string(rule.value),
                                    ]), "x"))
                    })
            }
            result.listeners.append(branch)
        }
        return result
    }

    private func wanted(_ service: Service, nodes: [String] = ["192.0.2.1", "192.0.2.2"]) throws -> LoadBalancerCreate {
        var mapping = ServiceLoadBalancer(
            service, try ServiceWishes(service, LoadBalancerSettings()),
            MemberSource(nodes: nodes.map { makeNode("n-\($0)", $0) }))
        return mapping.wanted()
    }

    private func compare(
        _ new: LoadBalancerCreate, _ old: OctaviaClient.LoadBalancerTree, isOwn: Bool = true
    ) throws -> LoadBalancerComparison {
        let wishes = try ServiceWishes(makeService(), LoadBalancerSettings())
        return LoadBalancerComparison(
            wanted: new, current: old,
            ownership: ServiceLoadBalancer.ownership(wishes, former: old.loadBalancer.name, isOwn: isOwn))
    }

    private func steps(_ old: Service, _ new: Service, nodes: [String] = ["192.0.2.1", "192.0.2.2"]) throws
        -> [LoadBalancerStep]
    {
        try compare(wanted(new, nodes: nodes), tree(wanted(old))).steps
    }

    @Test func nothingIsDoneWhenNothingDiffers() throws {
        let annotations = [
            ServiceAnnotation.prefix + "x-forwarded-for": "true",
            ServiceAnnotation.prefix + "enable-health-monitor": "true",
        ]
        let service = makeService(annotations: annotations) { $0.spec.sessionAffinity = "ClientIP" }
        #expect(try steps(service, service).isEmpty)
        let local = makeService {
            $0.spec.externalTrafficPolicy = "Local"
            $0.spec.healthCheckNodePort = 30_999
        }
        #expect(try steps(local, local).isEmpty)
    }

    @Test func nodesThatChangeAreOneCall() throws {
        let service = makeService()
        let steps = try steps(service, service, nodes: ["192.0.2.2", "192.0.2.3", "192.0.2.4"])
        guard case .replaceMembers(.existing, let members) = steps.first, steps.count == 1 else {
            Issue.record("\(steps)")
            return
        }
        #expect(members.map(\.address) == ["192.0.2.2", "192.0.2.3", "192.0.2.4"])
        #expect(members.allSatisfy { $0.mentionsName })
    }

    @Test func portsComeWithTheirPoolsAndGoWithThem() throws {
        let one = makeService()
        let two = makeService(ports: [ServicePort(port: 80, nodePort: 30_080), ServicePort(port: 81, nodePort: 30_081)])
        let added = try steps(one, two)
        #expect(added.count == 3, "\(added)")
        guard case .createPool(let pool) = added[0], case .replaceMembers(.made(let name), _) = added[1],
            case .createListener(let listener, .made(let used), _) = added[2]
        else {
            Issue.record("\(added)")
            return
        }
        #expect(pool.name == name && name == used && listener.protocolPort == 81)
        let removed = try steps(two, one)
        guard removed.count == 2, case .deleteListener = removed[0], case .deletePool = removed[1] else {
            Issue.record("\(removed)")
            return
        }
    }

    @Test func anotherProtocolIsAnotherListenerOnTheSamePort() throws {
        let http = makeService(annotations: [ServiceAnnotation.prefix + "x-forwarded-for": "true"])
        let steps = try steps(makeService(), http)
        // The new pool first, then the port changes hands, then the old pool goes.
        guard steps.count == 5, case .createPool = steps[0], case .replaceMembers = steps[1],
            case .deleteListener = steps[2],
            case .createListener = steps[3], case .deletePool = steps[4]
        else {
            Issue.record("\(steps)")
            return
        }
    }

    @Test func monitorsComeChangeAndGo() throws {
        let prefix = ServiceAnnotation.prefix
        let with = makeService(annotations: [prefix + "enable-health-monitor": "true"])
        let slow = makeService(annotations: [
            prefix + "enable-health-monitor": "true", prefix + "health-monitor-delay": "30",
        ])
        guard case .createHealthMonitor(.existing, let monitor) = try steps(makeService(), with).first else {
            Issue.record("no monitor")
            return
        }
        #expect(monitor.type == .tcp)
        guard case .updateHealthMonitor(_, let update) = try steps(with, slow).first else {
            Issue.record("no update")
            return
        }
        #expect(update.delay == .set(30) && update.timeout == .keep)
        guard case .deleteHealthMonitor = try steps(with, makeService()).first else {
            Issue.record("no deletion")
            return
        }
    }

    @Test func listenersOfOthersAreLeftAlone() throws {
        let name = "kube_service_kubernetes_shop_web"
        var foreign = try wanted(makeService("other", ports: [ServicePort(port: 90, nodePort: 30_090)]))
        foreign.listeners += try wanted(makeService("web-2", ports: [ServicePort(port: 91, nodePort: 30_091)]))
            .listeners
        let mine = try wanted(makeService())
        let added = try compare(mine, tree(foreign), isOwn: false)
        #expect(added.takenPorts.isEmpty && added.steps.count == 4)
        guard case .updateLoadBalancer(let update) = added.steps[0] else {
            Issue.record("\(added.steps)")
            return
        }
        #expect(update.name == .keep && update.tags == .set(["kube_service_kubernetes_shop_other", name]))
        // A port that is taken is said and not touched.
        let taken = try compare(
            wanted(makeService(ports: [ServicePort(port: 90, nodePort: 30_080)])), tree(foreign), isOwn: false)
        #expect(taken.takenPorts == [90])
        // Going leaves the others.
        var both = foreign
        both.listeners += mine.listeners
        var nothing = LoadBalancerCreate()
        nothing.name = both.name
        let left = try compare(nothing, tree(both), isOwn: false)
        guard left.steps.count == 2, case .deleteListener = left.steps[0], case .deletePool = left.steps[1] else {
            Issue.record("\(left.steps)")
            return
        }
    }

    @Test func everybodyIsEverybodyHoweverItIsWritten() throws {
        var old = try wanted(makeService())
        old.listeners[0].allowedCIDRs = ["0.0.0.0/0"]
        #expect(try compare(wanted(makeService()), tree(old)).steps.isEmpty)
        let limited = makeService { $0.spec.loadBalancerSourceRanges = ["192.0.2.0/24"] }
        guard case .updateListener(_, let update, nil) = try compare(wanted(limited), tree(old)).steps.first else {
            Issue.record("no update")
            return
        }
        #expect(update.allowedCIDRs == .set(["192.0.2.0/24"]))
    }

    private func policies(_ paths: [(String, String)]) throws -> LoadBalancerCreate {
        let ingress = makeIngress(rules: [IngressRule(host: "a.org", paths: paths.map { path($0.0, to: $0.1) })])
        let settings = LoadBalancerSettings()
        var surroundings = IngressSurroundings()
        for name in ["one", "two"] {
            surroundings.services[ObjectKey(namespace: "shop", name: name)] = makeService(name)
        }
        var mapping = IngressLoadBalancer(
            IngressGroup(ingress), [ingress], try IngressWishes([ingress], settings), settings, IngressSettings(),
            surroundings)
        return mapping.wanted()
    }

    @Test func policiesAreInsertedChangedAndRemovedInPlace() throws {
        func steps(_ old: [(String, String)], _ new: [(String, String)]) throws -> [LoadBalancerStep] {
            LoadBalancerComparison(
                wanted: try policies(new), current: try tree(policies(old)), ownership: IngressLoadBalancer.ownership
            ).steps
        }
        let base = [("/", "one"), ("/a", "two"), ("/b/c", "one")]
        #expect(try steps(base, base).isEmpty)
        let inserted = try steps(base, base + [("/b", "two")])
        guard inserted.count == 1, case .createPolicy(_, let creation) = inserted[0] else {
            Issue.record("\(inserted)")
            return
        }
        // The longest path comes first: /b/c, then /a and /b, then /.
        #expect(creation.policy.position == 3 && creation.policy.rules.count == 2)
        let retargeted = try steps(base, [("/", "two"), ("/a", "two"), ("/b/c", "one")])
        guard retargeted.count == 1, case .updatePolicy(_, _, .existing) = retargeted[0] else {
            Issue.record("\(retargeted)")
            return
        }
        let removed = try steps(base, [("/", "one"), ("/b/c", "one")])
        guard removed.count == 2, case .deletePolicy = removed[0], case .deletePool = removed[1] else {
            Issue.record("\(removed)")
            return
        }
    }

    @Test func policiesAreMadeBeforeOthersGo() throws {
        let steps = LoadBalancerComparison(
            wanted: try policies([("/x", "one"), ("/y", "one")]),
            current: try tree(policies([("/a", "one"), ("/b", "one")])),
            ownership: IngressLoadBalancer.ownership
        ).steps
        guard steps.count == 4, case .createPolicy(_, let first) = steps[0],
            case .createPolicy(_, let second) = steps[1],
            case .deletePolicy = steps[2], case .deletePolicy = steps[3]
        else {
            Issue.record("\(steps)")
            return
        }
        // In front of those that go.
        #expect(first.policy.position == 1 && second.policy.position == 2)
    }

    @Test func aPolicyForTheSameRequestsIsChangedInOneCall() throws {
        let old = try policies([("/a", "one"), ("/b", "one")])
        var new = old
        new.listeners[0].l7Policies[1].name = "HTTPS a.org"
        new.listeners[0].l7Policies[1].action = .redirectPrefix
        new.listeners[0].l7Policies[1].redirectPool = nil
        new.listeners[0].l7Policies[1].redirectPrefix = "https://a.org"
        let steps = LoadBalancerComparison(
            wanted: new, current: try tree(old), ownership: IngressLoadBalancer.ownership
        ).steps
        guard steps.count == 1, case .updatePolicy(_, let update, nil) = steps[0] else {
            Issue.record("\(steps)")
            return
        }
        #expect(update.name == .set("HTTPS a.org") && update.action == .set(.redirectPrefix))
        #expect(update.redirectPrefix == .set("https://a.org") && update.position == .keep)
    }

    @Test func theFormerNameIsNoTagOfAnotherUser() throws {
        let old = try wanted(makeService())
        var new = old
        new.name = "kube_service_new_shop_web"
        new.tags = [new.name, "kubernetes-cluster=u"]
        guard case .updateLoadBalancer(let update) = try compare(new, tree(old)).steps.last else {
            Issue.record("no update at the end")
            return
        }
        #expect(update.name == .set(new.name) && update.tags == .set(new.tags))
    }

    @Test func orphansAreKnownByEverythingAboutThem() throws {
        var settings = LoadBalancerSettings()
        settings.clusterID = "u"
        var creation = LoadBalancerCreate()
        creation.name = "kube_service_kubernetes_shop_web"
        creation.description = "Kubernetes external service shop/web from cluster kubernetes"
        creation.tags = [creation.name, "kubernetes-cluster=u"]
        func service(_ change: (inout LoadBalancerCreate) -> Void) throws -> ObjectKey? {
            var creation = creation
            change(&creation)
            return OrphanCollector.service(of: try tree(creation).loadBalancer, settings)
        }
        #expect(try service { _ in } == ObjectKey(namespace: "shop", name: "web"))
        #expect(try service { $0.tags.removeLast() } == nil)
        #expect(try service { $0.tags.append("kube_service_kubernetes_shop_other") } == nil)
        #expect(try service { $0.description = "" } == nil)
        #expect(try service { $0.name = "kube_service_kubernetes_b_shop_web" } == nil)
    }
}
