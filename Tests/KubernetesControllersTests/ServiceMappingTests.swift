// What a Service makes of its load balancer.

internal import OctaviaClient
internal import Testing

@testable internal import KubernetesClient
@testable internal import KubernetesControllers

struct ServiceMappingTests {
    private func wanted(
        _ service: Service, _ settings: LoadBalancerSettings = LoadBalancerSettings(),
        nodes: [Node] = [makeNode("n1", "192.0.2.1"), makeNode("n2", "192.0.2.2")]
    ) throws -> LoadBalancerCreate {
        var mapping = ServiceLoadBalancer(
            service, try ServiceWishes(service, settings), MemberSource(nodes: nodes, kind: settings.memberKind))
        return mapping.wanted()
    }

    private func problem(_ service: Service, _ settings: LoadBalancerSettings = LoadBalancerSettings()) -> Problem? {
        do {
            _ = try ServiceWishes(service, settings)
            return nil
        } catch {
            return error
        }
    }

    @Test func namesTagsAndMembersAreThoseOfCloudProviderOpenStack() throws {
        let service = makeService(ports: [
            ServicePort(name: "http", port: 80, nodePort: 30_080),
            ServicePort(name: "dns", protocol: "UDP", port: 53, nodePort: 30_053),
        ])
        let loadBalancer = try wanted(service)
        #expect(loadBalancer.name == "kube_service_kubernetes_shop_web")
        #expect(loadBalancer.description == "Kubernetes external service shop/web from cluster kubernetes")
        #expect(loadBalancer.tags == ["kube_service_kubernetes_shop_web"])
        #expect(
            loadBalancer.listeners.map(\.name) == [
                "listener_0_kube_service_kubernetes_shop_web", "listener_1_kube_service_kubernetes_shop_web",
            ])
        #expect(loadBalancer.listeners.map(\.listenerProtocol) == [.tcp, .udp])
        #expect(loadBalancer.listeners.map(\.protocolPort) == [80, 53])
        #expect(loadBalancer.listeners.allSatisfy { $0.tags == ["kube_service_kubernetes_shop_web"] })
        let pool = try #require(loadBalancer.listeners[1].defaultPool)
        #expect(pool.name == "pool_1_kube_service_kubernetes_shop_web" && pool.poolProtocol == .udp)
        #expect(pool.algorithm == .roundRobin && pool.healthMonitor == nil && pool.sessionPersistence == nil)
        #expect(pool.members.map(\.name) == ["n1", "n2"])
        #expect(pool.members.map(\.address) == ["192.0.2.1", "192.0.2.2"])
        #expect(pool.members.map(\.protocolPort) == [30_053, 30_053])
    }

    @Test func longNamesAreCut() throws {
        var settings = LoadBalancerSettings()
        settings.clusterName = String(repeating: "c", count: 300)
        let loadBalancer = try wanted(makeService(), settings)
        #expect(loadBalancer.name.count == 255 && loadBalancer.listeners[0].name.count == 255)
        #expect(loadBalancer.tags[0].count == 255)
    }

    @Test(arguments: [
        (["proxy-protocol": "true"], ListenerProtocol.tcp, PoolProtocol.proxy),
        (["proxy-protocol": "v2"], .tcp, .proxyV2),
        (["x-forwarded-for": "true"], .http, .http),
        (["default-tls-container-ref": "http://127.0.0.1/v1/secrets/a"], .terminatedHTTPS, .http),
        (
            ["default-tls-container-ref": "http://127.0.0.1/v1/secrets/a", "proxy-protocol": "v1"], .terminatedHTTPS,
            .proxy
        ),
        ([:], .tcp, .tcp),
    ])
    func protocolsFollowAnnotations(
        annotations: [String: String], listener: ListenerProtocol, pool: PoolProtocol
    ) throws {
        let service = makeService(
            annotations: Dictionary(uniqueKeysWithValues: annotations.map { (ServiceAnnotation.prefix + $0, $1) }))
        let wanted = try wanted(service).listeners[0]
        #expect(wanted.listenerProtocol == listener && wanted.defaultPool?.poolProtocol == pool)
        #expect(wanted.insertHeaders == (annotations["x-forwarded-for"] == nil ? [:] : ["X-Forwarded-For": "true"]))
        #expect((wanted.defaultTLSContainerRef != nil) == (listener == .terminatedHTTPS))
    }

    @Test func annotationsSetListenersAndMonitors() throws {
        let prefix = ServiceAnnotation.prefix
        let service = makeService(annotations: [
            prefix + "connection-limit": "100", prefix + "timeout-client-data": "1000",
            prefix + "timeout-member-connect": "2000", prefix + "timeout-member-data": "3000",
            prefix + "timeout-tcp-inspect": "4000", prefix + "lb-method": "SOURCE_IP",
            prefix + "enable-health-monitor": "true", prefix + "health-monitor-delay": "9",
            prefix + "health-monitor-timeout": "8", prefix + "health-monitor-max-retries": "7",
            prefix + "health-monitor-max-retries-down": "6",
            prefix + "flavor-id": "11111111-1111-4111-8111-111111111111", prefix + "availability-zone": "east",
            ServiceAnnotation.sourceRanges: "192.0.2.7/24, 198.51.100.0/25",
        ]) { $0.spec.sessionAffinity = "ClientIP" }
        let loadBalancer = try wanted(service)
        let listener = loadBalancer.listeners[0]
        #expect(listener.connectionLimit == 100)
        #expect(
            listener.timeouts
                == ListenerTimeouts(clientData: 1000, memberConnect: 2000, memberData: 3000, tcpInspect: 4000))
        #expect(listener.allowedCIDRs == ["192.0.2.0/24", "198.51.100.0/25"])
        let pool = try #require(listener.defaultPool)
        #expect(pool.algorithm == .sourceIP && pool.sessionPersistence?.type == .sourceIP)
        let monitor = try #require(pool.healthMonitor)
        #expect(monitor.type == .tcp && monitor.delay == 9 && monitor.timeout == 8)
        #expect(monitor.maxRetries == 7 && monitor.maxRetriesDown == 6)
        #expect(loadBalancer.flavorID == ResourceID("11111111-1111-4111-8111-111111111111"))
        #expect(loadBalancer.availabilityZone == "east")
    }

    @Test func policyLocalAsksNodesForTheirPods() throws {
        let service = makeService {
            $0.spec.externalTrafficPolicy = "Local"
            $0.spec.healthCheckNodePort = 30_999
        }
        let pool = try #require(wanted(service).listeners[0].defaultPool)
        let monitor = try #require(pool.healthMonitor)
        #expect(monitor.type == .http && monitor.urlPath == "/healthz" && monitor.expectedCodes == "200")
        #expect(pool.members.map(\.monitorPort) == [30_999, 30_999])
        var without = service
        without.metadata.annotations[ServiceAnnotation.prefix + "enable-health-monitor"] = "false"
        let plain = try #require(wanted(without).listeners[0].defaultPool)
        #expect(plain.healthMonitor == nil && plain.members.allSatisfy { $0.monitorPort == nil })
    }

    @Test func nodesAreMembersByLabelTaintAndSelector() throws {
        let nodes = [
            makeNode("plain", "192.0.2.1"),
            makeNode("excluded", "192.0.2.2", labels: ["node.kubernetes.io/exclude-from-external-load-balancers": ""]),
            makeNode(
                "not-excluded", "192.0.2.3",
                labels: ["node.kubernetes.io/exclude-from-external-load-balancers": "false"]),
            makeNode("going", "192.0.2.4") {
                $0.spec.taints = [Taint(key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule")]
            },
            makeNode("deleted", "192.0.2.5") { $0.metadata.deletionTimestamp = "2026-01-01T00:00:00Z" },
            makeNode("unready", "192.0.2.6") { $0.status.conditions = [] },
            makeNode("cordoned", "192.0.2.7") { $0.spec.unschedulable = true },
            makeNode("external", "") {
                $0.status.addresses = [
                    NodeAddress(type: "Hostname", address: "external"),
                    NodeAddress(type: "ExternalIP", address: "192.0.2.8"),
                ]
            },
            makeNode("edge", "192.0.2.9", labels: ["role": "edge", "zone": "a"]),
        ]
        let all = try #require(wanted(makeService(), nodes: nodes).listeners[0].defaultPool)
        #expect(all.members.map(\.name) == ["cordoned", "edge", "external", "not-excluded", "plain", "unready"])
        let selected = makeService(annotations: [ServiceAnnotation.prefix + "node-selector": "role=edge, zone"])
        #expect(try wanted(selected, nodes: nodes).listeners[0].defaultPool?.members.map(\.name) == ["edge"])
    }

    @Test func portsWithoutNodePortHaveNoMembers() throws {
        let service = makeService(ports: [ServicePort(port: 80)])
        var mapping = ServiceLoadBalancer(
            service, try ServiceWishes(service, LoadBalancerSettings()),
            MemberSource(nodes: [makeNode("n", "192.0.2.1")]))
        #expect(mapping.wanted().listeners[0].defaultPool?.members == [])
        #expect(mapping.problems.map(\.reason) == [EventReason.withoutMembers])
    }

    @Test func podsThatTerminateAreDrained() throws {
        let port = EndpointPort(name: "http", port: 8080)
        let ready = makeConditions(ready: true)
        let draining = makeConditions(ready: false, serving: true, terminating: true)
        let starting = makeConditions(ready: false, serving: false, terminating: false)
        let service = makeService(ports: [ServicePort(name: "http", port: 80)])
        var settings = LoadBalancerSettings()
        settings.memberKind = .pods
        func members(_ endpoints: [(address: String, conditions: EndpointConditions)]) throws -> [MemberCreate] {
            var mapping = ServiceLoadBalancer(
                service, try ServiceWishes(service, settings),
                MemberSource(endpointSlices: [makeSlice(endpoints, port: port)], kind: .pods))
            return try #require(mapping.wanted().listeners[0].defaultPool).members
        }
        let mixed = try members([("10.0.0.1", ready), ("10.0.0.2", draining), ("10.0.0.3", starting)])
        #expect(mixed.map(\.address) == ["10.0.0.1", "10.0.0.2"] && mixed.map(\.weight) == [1, 0])
        #expect(mixed.allSatisfy { $0.protocolPort == 8080 })
        // With nobody else left those that end serve on.
        #expect(try members([("10.0.0.2", draining)]).map(\.weight) == [1])
    }

    @Test func sourceRangesOfTheSpecificationComeFirst() throws {
        let service = makeService(annotations: [ServiceAnnotation.sourceRanges: "192.0.2.0/24"]) {
            $0.spec.loadBalancerSourceRanges = ["203.0.113.9/28", "203.0.113.0/28"]
        }
        #expect(try wanted(service).listeners[0].allowedCIDRs == ["203.0.113.0/28"])
        let everybody = makeService { $0.spec.loadBalancerSourceRanges = ["0.0.0.0/0", "192.0.2.0/24"] }
        #expect(try wanted(everybody).listeners[0].allowedCIDRs == [])
    }

    @Test func familiesComeFromTheServiceOrItsAddress() throws {
        let settings = LoadBalancerSettings()
        let dual = makeService { $0.spec.ipFamilies = ["IPv6", "IPv4"] }
        #expect(try ServiceWishes(dual, settings).families == [.ipv6, .ipv4])
        let old = makeService { $0.spec.clusterIP = "fd00::1" }
        #expect(try ServiceWishes(old, settings).families == [.ipv6])
    }

    @Test func wrongValuesAreNamedAndDefaultsUsed() throws {
        let prefix = ServiceAnnotation.prefix
        let service = makeService(annotations: [
            prefix + "connection-limit": "many", prefix + "timeout-client-data": "-5",
            prefix + "keep-floatingip": "True",
            prefix + "lb-method": "FASTEST", prefix + "proxy-protocol": "v3",
            prefix + "health-monitor-max-retries": "11",
            prefix + "enable-health-monitor": "true",
        ])
        let wishes = try ServiceWishes(service, LoadBalancerSettings())
        #expect(wishes.problems.count == 6)
        #expect(wishes.problems.contains { $0.reason == EventReason.methodUnknown && $0.message.contains("'FASTEST'") })
        #expect(
            wishes.problems.contains {
                $0.message
                    == "annotation loadbalancer.openstack.org/keep-floatingip is 'True', allowed is 'true' or 'false'; "
                    + "false is used instead"
            })
        #expect(wishes.connectionLimit == -1 && wishes.timeouts.clientData == 50_000 && !wishes.keepsFloatingIP)
        #expect(wishes.algorithm == .roundRobin && wishes.proxyProtocol == nil && wishes.monitor?.maxRetries == 1)
    }

    @Test(arguments: [
        (["class": "gold"], "gold"), (["subnet-id": "private"], "private"), (["load-balancer-id": "web"], "web"),
        (["proxy-protocol": "true", "x-forwarded-for": "true"], "exclude each other"),
        ([ServiceAnnotation.sourceRanges: "192.0.2.0/40"], "192.0.2.0/40"),
        ([ServiceAnnotation.sourceRanges: "2001:db8::/32"], "address family"),
    ])
    func whatCannotBeServedIsRefused(annotations: [String: String], word: String) throws {
        let keys = Dictionary(
            uniqueKeysWithValues: annotations.map { ($0.contains("/") ? $0 : ServiceAnnotation.prefix + $0, $1) })
        let problem = try #require(self.problem(makeService(annotations: keys)))
        #expect(problem.weight == .refusal && problem.message.contains(word), "\(problem)")
    }

    @Test func classesGiveAddresses() throws {
        var settings = LoadBalancerSettings()
        settings.addresses.subnetID = ResourceID("22222222-2222-4222-8222-222222222222")
        settings.addresses.floatingNetworkID = ResourceID("33333333-3333-4333-8333-333333333333")
        var gold = AddressSettings()
        gold.networkID = ResourceID("44444444-4444-4444-8444-444444444444")
        gold.floatingSubnet = "gold-*"
        settings.classes = ["gold": gold]
        let service = makeService(annotations: [ServiceAnnotation.prefix + "class": "gold"])
        let addresses = try ServiceWishes(service, settings).addresses
        #expect(addresses.networkID == gold.networkID && addresses.subnetID == nil)
        #expect(addresses.floatingNetworkID == settings.addresses.floatingNetworkID)
        #expect(addresses.floatingSubnet == "gold-*")
    }

    @Test func internalSettingsForceInternalServices() throws {
        var settings = LoadBalancerSettings()
        settings.isInternal = true
        let service = makeService(annotations: [ServiceAnnotation.internalLoadBalancer: "false"])
        let wishes = try ServiceWishes(service, settings)
        #expect(wishes.isInternal && wishes.problems.map(\.reason) == [EventReason.forcedInternal])
    }

    @Test func classOfServiceDecidesWhoServesIt() {
        var settings = LoadBalancerSettings()
        let plain = makeService()
        let ours = makeService { $0.spec.loadBalancerClass = "ottava" }
        let other = makeService { $0.spec.loadBalancerClass = "example.com/other" }
        let clusterIP = makeService { $0.spec.type = "ClusterIP" }
        #expect(ServiceWishes.concerns(plain, settings) && ServiceWishes.concerns(ours, settings))
        #expect(!ServiceWishes.concerns(other, settings) && !ServiceWishes.concerns(clusterIP, settings))
        settings.servesServicesWithoutClass = false
        #expect(!ServiceWishes.concerns(plain, settings) && ServiceWishes.concerns(ours, settings))
    }

    @Test func statusShowsAddressesOrNames() throws {
        var settings = LoadBalancerSettings()
        settings.showsHostname = true
        func status(_ annotations: [String: String]) throws -> [LoadBalancerIngress] {
            let keys = Dictionary(uniqueKeysWithValues: annotations.map { (ServiceAnnotation.prefix + $0, $1) })
            let wishes = try ServiceWishes(makeService(annotations: keys), settings)
            return ServiceStatusText(wishes: wishes, settings: settings).ingress(["192.0.2.1", "2001:db8::1"])
        }
        #expect(
            try status([:]) == [
                LoadBalancerIngress(ip: "192.0.2.1", ipMode: "VIP"),
                LoadBalancerIngress(ip: "2001:db8::1", ipMode: "VIP"),
            ])
        #expect(try status(["hostname": "web.example.com"]) == [LoadBalancerIngress(hostname: "web.example.com")])
        #expect(try status(["proxy-protocol": "true"]).first == LoadBalancerIngress(hostname: "192.0.2.1.nip.io"))
        settings.showsHostname = false
        #expect(try status(["proxy-protocol": "true"]).first == LoadBalancerIngress(ip: "192.0.2.1", ipMode: "Proxy"))
    }

    @Test(arguments: [
        ("public-*", "public-subnet", true), ("public-*", "private", false), ("!public-*", "private", true),
        ("~^pub.*t$", "public-subnet", true), ("!~^pub", "public-subnet", false), ("?a", "ba", true),
        ("?a", "a", false),
    ])
    func subnetsAreChosenByName(pattern: String, name: String, isMatch: Bool) throws {
        #expect(try SubnetPattern(pattern).matches(name) == isMatch)
    }
}
