// What a Service of type LoadBalancer asks for, before nodes and networks are looked at.

internal import KubernetesClient
internal import OctaviaClient

internal import struct LoadBalancing.IPAddress
internal import struct LoadBalancing.IPNetwork

/// The names of annotations of Services; the meaning of most is cloud-provider-openstack's.
enum ServiceAnnotation {
    static let prefix = "loadbalancer.openstack.org/"
    static let internalLoadBalancer = "service.beta.kubernetes.io/openstack-internal-load-balancer"
    static let sourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges"
    static let loadBalancerID = prefix + "load-balancer-id"
    static let loadBalancerAddress = prefix + "load-balancer-address"
}

/// Everything that a Service and the settings say about its load balancer.
struct ServiceWishes: Sendable, Hashable {
    enum ProxyProtocol: Sendable, Hashable { case v1, v2 }

    /// The name of the load balancer, and the tag of what belongs to the Service.
    var name: String
    var description: String
    /// What the owner says, or what was written there when the load balancer was made.
    var loadBalancerID: ResourceID?
    var isInternal = false
    var families: [IPAddress.Family] = [.ipv4]
    var requestedAddress: IPAddress?
    var addresses = AddressSettings()
    var portID: ResourceID?
    var keepsFloatingIP = false
    var nodeSelector: [NodeRequirement] = []
    var connectionLimit = -1
    var algorithm = LoadBalancingAlgorithm.roundRobin
    var proxyProtocol: ProxyProtocol?
    var insertsForwardedFor = false
    var timeouts = ListenerTimeouts()
    var monitor: MonitorSettings?
    var provider: String?
    var flavorID: ResourceID?
    var availabilityZone: String?
    var tlsContainerRef: String?
    var hostname: String?
    /// Networks that may connect; empty is everybody.
    var sourceRanges: [String] = []
    var clusterTag: String?

    /// What is wrong but not too wrong to go on.
    private(set) var problems: [Problem] = []

    /// Whether a Service is to have a load balancer of this controller.
    static func concerns(_ service: Service, _ settings: LoadBalancerSettings) -> Bool {
        guard service.spec.type == "LoadBalancer" else { return false }
        let name = service.spec.loadBalancerClass
        return name.isEmpty ? settings.servesServicesWithoutClass : settings.loadBalancerClasses.contains(name)
    }

    static func name(_ key: ObjectKey, _ settings: LoadBalancerSettings) -> String {
        "kube_service_\(settings.clusterName)_\(key.namespace)_\(key.name)".cutTo255
    }

    static func description(_ key: ObjectKey, _ settings: LoadBalancerSettings) -> String {
        "Kubernetes external service \(key) from cluster \(settings.clusterName)".cutTo255
    }

    /// The name that load balancers had in old times: that of the Service's uid.
    static func legacyName(_ service: Service) -> String {
        String("a\(service.metadata.uid.filter { $0 != "-" })".prefix(32))
    }

    /// - Throws: A ``Problem`` that makes a load balancer impossible.
    init(_ service: Service, _ settings: LoadBalancerSettings) throws(Problem) {
        name = Self.name(service.key, settings)
        description = Self.description(service.key, settings)
        clusterTag = settings.clusterTag
        provider = settings.provider
        var reader = AnnotationReader(service.metadata.annotations, prefix: ServiceAnnotation.prefix)
        loadBalancerID = try reader.id(ServiceAnnotation.loadBalancerID)
        hostname = reader.text("hostname")
        try readAddresses(service, settings, &reader)
        try readListeners(service, settings, &reader)
        readMonitor(service, settings, &reader)
        flavorID = try reader.id("flavor-id") ?? settings.flavorID
        availabilityZone = reader.text("availability-zone") ?? settings.availabilityZone
        nodeSelector = NodeRequirement.all(in: reader.text("node-selector") ?? settings.nodeSelector)
        problems = reader.problems
    }

    private mutating func readAddresses(
        _ service: Service, _ settings: LoadBalancerSettings, _ reader: inout AnnotationReader
    ) throws(Problem) {
        isInternal = reader.flag(ServiceAnnotation.internalLoadBalancer, settings.isInternal)
        if settings.isInternal, !isInternal {
            isInternal = true
            reader.add(
                .warning(
                    EventReason.forcedInternal,
                    "the cluster's settings allow load balancers without floating IP only; this one gets none"))
        }
        var own = AddressSettings()
        own.subnetID = try reader.id("subnet-id")
        own.networkID = try reader.id("network-id")
        own.memberSubnetID = try reader.id("member-subnet-id")
        own.floatingNetworkID = try reader.id("floating-network-id")
        own.floatingSubnetID = try reader.id("floating-subnet-id")
        own.floatingSubnet = reader.text("floating-subnet")
        own.floatingSubnetTags = reader.text("floating-subnet-tags")
        if let name = reader.text("class") {
            guard let preset = settings.classes[name] else {
                let known = settings.classes.keys.sorted().joined(separator: ", ")
                throw .refusal(
                    "annotation \(ServiceAnnotation.prefix)class is '\(name)', but there is no such class; "
                        + (known.isEmpty ? "the settings have none" : "there are \(known)"))
            }
            own = own.over(preset)
        }
        addresses = own.over(settings.addresses)
        portID = try reader.id("port-id")
        keepsFloatingIP = reader.flag("keep-floatingip", false)
        let named = service.spec.ipFamilies.compactMap { text -> IPAddress.Family? in
            switch text {
            case "IPv4": .ipv4
            case "IPv6": .ipv6
            default: nil
            }
        }
        // Clusters without dual stack do not say; the Service's own address does.
        families = named.isEmpty ? [IPAddress(service.spec.clusterIP)?.family ?? .ipv4] : named
        if !service.spec.loadBalancerIP.isEmpty {
            guard let address = IPAddress(service.spec.loadBalancerIP) else {
                throw .refusal("spec.loadBalancerIP is '\(service.spec.loadBalancerIP)', which is no IP address")
            }
            requestedAddress = address
        }
    }

    private mutating func readListeners(
        _ service: Service, _ settings: LoadBalancerSettings, _ reader: inout AnnotationReader
    ) throws(Problem) {
        connectionLimit = reader.number("connection-limit", -1, -1...2_147_483_647)
        algorithm = settings.algorithm
        if let method = reader.text("lb-method") {
            if let known = LoadBalancingAlgorithm(rawValue: method) {
                algorithm = known
            } else {
                let all = LoadBalancingAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
                reader.add(
                    .warning(
                        EventReason.methodUnknown,
                        "annotation \(ServiceAnnotation.prefix)lb-method is '\(method)', allowed are \(all); "
                            + "\(algorithm.rawValue) is used instead"))
            }
        }
        switch reader.text("proxy-protocol") {
        case nil, "false": proxyProtocol = nil
        case "true", "v1": proxyProtocol = .v1
        case "v2": proxyProtocol = .v2
        case let value?: reader.ignore("proxy-protocol", value, "'true', 'false', 'v1' or 'v2'", "false")
        }
        insertsForwardedFor = reader.flag("x-forwarded-for", false)
        if insertsForwardedFor, proxyProtocol != nil {
            throw .refusal(
                "annotations proxy-protocol and x-forwarded-for of \(ServiceAnnotation.prefix) exclude each other; "
                    + "remove one")
        }
        let limits = 0...86_400_000
        timeouts = ListenerTimeouts(
            clientData: reader.number("timeout-client-data", 50_000, limits),
            memberConnect: reader.number("timeout-member-connect", 5_000, limits),
            memberData: reader.number("timeout-member-data", 50_000, limits),
            tcpInspect: reader.number("timeout-tcp-inspect", 0, limits))
        tlsContainerRef = reader.text("default-tls-container-ref") ?? settings.tlsContainerRef
        var ranges = service.spec.loadBalancerSourceRanges
        if ranges.isEmpty { ranges = reader.text(ServiceAnnotation.sourceRanges)?.commaSeparated ?? [] }
        sourceRanges = try Self.networks(ranges, of: families)
    }

    /// Networks with cleared host bits. Everybody is no network.
    private static func networks(
        _ texts: [String], of families: [IPAddress.Family]
    ) throws(Problem) -> [String] {
        var networks: [IPNetwork] = []
        for text in texts {
            guard let network = IPNetwork(text.trimmingSpaces()) else {
                throw .refusal("the source range '\(text)' is no network such as 192.0.2.0/24; nobody is let in by it")
            }
            if families.contains(network.address.family) { networks.append(network) }
        }
        guard texts.isEmpty || !networks.isEmpty else {
            throw .refusal(
                "none of the source ranges \(texts.joined(separator: ", ")) is of the address family of the Service")
        }
        let isEverybody = families.allSatisfy { family in
            networks.contains { $0.prefixLength == 0 && $0.address.family == family }
        }
        if isEverybody { return [] }
        var seen: Set<IPNetwork> = []
        return networks.filter { seen.insert($0).inserted }.map(\.description)
    }

    private mutating func readMonitor(
        _ service: Service, _ settings: LoadBalancerSettings, _ reader: inout AnnotationReader
    ) {
        // Nodes without pods do not answer with policy Local: without a monitor they would swallow requests.
        let isNeeded = service.asksNodesForHealth && settings.memberKind == .nodePorts
        guard reader.flag("enable-health-monitor", settings.createsHealthMonitors || isNeeded) else { return }
        var monitor = settings.monitor
        monitor.delay = reader.number("health-monitor-delay", monitor.delay, 1...2_147_483_647)
        monitor.timeout = reader.number("health-monitor-timeout", monitor.timeout, 1...2_147_483_647)
        monitor.maxRetries = reader.number("health-monitor-max-retries", monitor.maxRetries, 1...10)
        monitor.maxRetriesDown = reader.number("health-monitor-max-retries-down", monitor.maxRetriesDown, 1...10)
        if monitor.timeout > monitor.delay {
            reader.ignore(
                "health-monitor-timeout", "\(monitor.timeout)", "at most the delay of \(monitor.delay) seconds",
                "\(monitor.delay)")
            monitor.timeout = monitor.delay
        }
        self.monitor = monitor
    }
}

extension Service {
    /// Whether nodes say at a port of their own whether they have ready pods.
    var asksNodesForHealth: Bool { spec.externalTrafficPolicy == "Local" && spec.healthCheckNodePort != 0 }
}
