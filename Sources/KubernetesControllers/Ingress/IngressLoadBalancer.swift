// The load balancer that Ingresses are to have.

internal import Crypto
internal import KubernetesClient
internal import OctaviaClient

internal import struct LoadBalancing.IPAddress

/// What the mapping of Ingresses looks up in the cluster.
struct IngressSurroundings: Sendable {
    var services: [ObjectKey: Service] = [:]
    var members: [ObjectKey: MemberSource] = [:]
    /// References of certificates in the key manager, by Secret; those that cannot be used are missing.
    var certificates: [ObjectKey: String] = [:]
}

/// Turns the Ingresses of a group into the body of the request that creates their load balancer whole.
struct IngressLoadBalancer {
    let group: IngressGroup
    /// The oldest first.
    let ingresses: [Ingress]
    let wishes: IngressWishes
    let settings: LoadBalancerSettings
    let ingressSettings: IngressSettings
    let surroundings: IngressSurroundings
    private(set) var problems: [ObjectKey: [Problem]] = [:]

    private var name: String { group.loadBalancerName(settings) }

    init(
        _ group: IngressGroup, _ ingresses: [Ingress], _ wishes: IngressWishes, _ settings: LoadBalancerSettings,
        _ ingressSettings: IngressSettings, _ surroundings: IngressSurroundings
    ) {
        self.group = group
        self.ingresses = ingresses
        self.wishes = wishes
        self.settings = settings
        self.ingressSettings = ingressSettings
        self.surroundings = surroundings
    }

    /// The backends that Ingresses name; the Services and members of these are needed.
    static func backends(_ ingresses: [Ingress]) -> Set<ObjectKey> {
        let routes = IngressRoutes(ingresses)
        return Set(routes.routes.map(\.backend.service) + [routes.defaultBackend?.service].compactMap { $0 })
    }

    /// The Secrets with certificates, in the order of the Ingresses.
    static func secrets(_ ingresses: [Ingress]) -> [ObjectKey] {
        var seen: Set<ObjectKey> = []
        return ingresses.flatMap { ingress in
            ingress.spec.tls.filter { !$0.secretName.isEmpty }
                .map { ObjectKey(namespace: ingress.metadata.namespace, name: $0.secretName) }
        }.filter { seen.insert($0).inserted }
    }

    /// What is wanted.
    mutating func wanted() -> LoadBalancerCreate {
        let routes = IngressRoutes(ingresses)
        problems = routes.problems.merging(wishes.problems) { $0 + $1 }
        var loadBalancer = LoadBalancerCreate()
        loadBalancer.name = name
        loadBalancer.description = description
        loadBalancer.provider = settings.provider
        loadBalancer.flavorID = settings.flavorID
        loadBalancer.availabilityZone = settings.availabilityZone
        loadBalancer.tags = [name] + [settings.clusterTag].compactMap { $0 }
        loadBalancer.pools = pools(routes)
        let references = Self.secrets(ingresses).compactMap { surroundings.certificates[$0] }
        let isEncrypted = !references.isEmpty
        loadBalancer.listeners = [plainListener(routes, isEncrypted: isEncrypted)]
        if isEncrypted { loadBalancer.listeners.append(encryptedListener(routes, references)) }
        return loadBalancer
    }

    private var description: String {
        "Kubernetes Ingress \(group) from cluster \(settings.clusterName)".cutTo255
    }

    // MARK: Listeners

    private func listener(_ proto: ListenerProtocol, _ port: Int, _ name: String, _ routes: IngressRoutes)
        -> ListenerCreate
    {
        var listener = ListenerCreate(listenerProtocol: proto, protocolPort: port)
        listener.name = name.cutTo255
        listener.tags = [self.name]
        listener.timeouts = wishes.timeouts
        listener.allowedCIDRs = wishes.sourceRanges
        listener.insertHeaders = ["X-Forwarded-For": "true", "X-Forwarded-Port": "true", "X-Forwarded-Proto": "true"]
        listener.defaultPool = routes.defaultBackend.map { .named(poolName($0)) }
        return listener
    }

    private func policy(_ route: IngressRoute) -> L7PolicyCreate {
        var policy = L7PolicyCreate(action: .redirectToPool)
        policy.name = route.policyName
        policy.redirectPool = .named(poolName(route.backend))
        policy.rules = route.rules
        return policy
    }

    private mutating func plainListener(_ routes: IngressRoutes, isEncrypted: Bool) -> ListenerCreate {
        var plain = listener(.http, ingressSettings.httpPort, isEncrypted ? "\(name)_http" : name, routes)
        let redirected = isEncrypted ? redirectedHosts() : []
        plain.l7Policies = redirected.sorted().map(redirection)
        plain.l7Policies += routes.routes.filter { !redirected.contains($0.host) }.map(policy)
        for index in plain.l7Policies.indices { plain.l7Policies[index].position = index + 1 }
        return plain
    }

    private func encryptedListener(_ routes: IngressRoutes, _ references: [String]) -> ListenerCreate {
        var encrypted = listener(.terminatedHTTPS, ingressSettings.httpsPort, name, routes)
        encrypted.defaultTLSContainerRef = references.first
        encrypted.sniContainerRefs = Array(references.dropFirst())
        encrypted.l7Policies = routes.routes.map(policy)
        for index in encrypted.l7Policies.indices { encrypted.l7Policies[index].position = index + 1 }
        return encrypted
    }

    /// Hosts whose plain requests are sent to HTTPS. Redirections have a fixed host, so that wildcards cannot have one.
    private mutating func redirectedHosts() -> Set<String> {
        var hosts: Set<String> = []
        for ingress in ingresses where IngressWishes.redirects(ingress, ingressSettings) {
            for tls in ingress.spec.tls {
                let secret = ObjectKey(namespace: ingress.metadata.namespace, name: tls.secretName)
                guard surroundings.certificates[secret] != nil else { continue }
                let named = tls.hosts.isEmpty ? ingress.spec.rules.map(\.host) : tls.hosts
                for host in named.map({ $0.lowercased() }) {
                    guard !host.isEmpty, !host.hasPrefix("*") else {
                        problems[ingress.key, default: []].append(
                            .note(
                                EventReason.ingressRuleIgnored,
                                "plain HTTP of \(host.isEmpty ? "all hosts" : host) is not redirected to HTTPS: only "
                                    + "single hosts can be; it is served as it is"))
                        continue
                    }
                    hosts.insert(host)
                }
            }
        }
        return hosts
    }

    private func redirection(_ host: String) -> L7PolicyCreate {
        var policy = L7PolicyCreate(action: .redirectPrefix)
        policy.name = "HTTPS \(host)".cutTo255
        let port = ingressSettings.httpsPort == 443 ? "" : ":\(ingressSettings.httpsPort)"
        policy.redirectPrefix = "https://\(host)\(port)"
        policy.redirectHTTPCode = 308
        policy.rules = [IngressRoute.hostRule(host)]
        return policy
    }

    // MARK: Pools

    /// As octavia-ingress-controller names them; a group may have Services of several namespaces.
    private func poolName(_ backend: BackendReference) -> String {
        switch group {
        case .single: "\(backend.service.name)+\(backend.port)".sha256
        case .named: "\(backend.service)+\(backend.port)".sha256
        }
    }

    private mutating func pools(_ routes: IngressRoutes) -> [PoolCreate] {
        var users: [BackendReference: ObjectKey] = [:]
        var order: [BackendReference] = []
        for route in routes.routes where users.updateValue(route.ingress, forKey: route.backend) == nil {
            order.append(route.backend)
        }
        if let backend = routes.defaultBackend, users[backend] == nil {
            users[backend] = ingresses.first { $0.spec.defaultBackend?.service != nil }?.key
            order.append(backend)
        }
        return order.map { backend in
            var pool = PoolCreate()
            pool.name = poolName(backend)
            pool.poolProtocol = .http
            pool.algorithm = settings.algorithm
            pool.tags = [name]
            pool.description = "\(backend.service):\(backend.port)".cutTo255
            do throws(Problem) {
                pool.members = try members(backend)
            } catch {
                if let user = users[backend] { problems[user, default: []].append(error) }
            }
            if settings.createsHealthMonitors {
                var monitor = HealthMonitorCreate(
                    type: .tcp, delay: settings.monitor.delay, timeout: settings.monitor.timeout,
                    maxRetries: settings.monitor.maxRetries)
                monitor.maxRetriesDown = settings.monitor.maxRetriesDown
                pool.healthMonitor = monitor
            }
            return pool
        }
    }

    private func members(_ backend: BackendReference) throws(Problem) -> [MemberCreate] {
        guard let service = surroundings.services[backend.service] else {
            throw .warning(
                EventReason.ingressRuleIgnored,
                "there is no Service \(backend.service); its requests are answered with 503")
        }
        guard let port = service.spec.ports.first(where: { $0.name == backend.port || "\($0.port)" == backend.port })
        else {
            let known = service.spec.ports.map { $0.name.isEmpty ? "\($0.port)" : "\($0.port) (\($0.name))" }
            throw .warning(
                EventReason.ingressRuleIgnored,
                "Service \(backend.service) has no port \(backend.port); it has \(known.joined(separator: ", "))")
        }
        let source = surroundings.members[backend.service] ?? MemberSource()
        let families: [IPAddress.Family] = [.ipv4, .ipv6]
        switch source.kind {
        case .pods:
            return source.podMembers(
                portName: port.name, transport: "TCP", families: families, subnet: settings.addresses.memberSubnetID)
        case .nodePorts:
            guard port.nodePort != 0 else {
                throw .warning(
                    EventReason.ingressRuleIgnored,
                    "port \(backend.port) of Service \(backend.service) has no node port; give the Service type NodePort"
                )
            }
            return source.nodeMembers(
                NodeRequirement.all(in: settings.nodeSelector), port: port.nodePort, families: families,
                monitorPort: nil,
                subnet: settings.addresses.memberSubnetID, isIngress: true)
        }
    }

    /// Everything in a load balancer of this name is the controller's.
    static var ownership: Ownership { Ownership(ownsListener: { _ in true }, ownsPool: { _ in true }) }
}

extension String {
    /// Its hash in hexadecimal.
    var sha256: String { SHA256.hash(data: Array(utf8)).hexadecimal }
}
