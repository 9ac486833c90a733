// Making resources of requests: single ones, and whole trees for fully populated creates.

internal import LoadBalancing
internal import OctaviaWire

/// Makes resources below one load balancer, applying defaults and rules.
struct TreeFactory {
    let loadBalancer: LoadBalancer
    let generation: Int64
    let tls: TLSSettings
    let now: Timestamp

    init(loadBalancer: LoadBalancer, generation: Int64 = 1, tls: TLSSettings, now: Timestamp) {
        self.loadBalancer = loadBalancer
        self.generation = generation
        self.tls = tls
        self.now = now
    }

    private func core(
        _ adminStateUp: Bool, _ tags: [String], _ operatingStatus: OperatingStatus = .offline
    ) -> ResourceCore {
        ResourceCore(
            id: .random(), projectID: loadBalancer.projectID, adminStateUp: adminStateUp,
            operatingStatus: operatingStatus, tags: tags, createdAt: now, generation: generation)
    }

    // MARK: Single resources

    func listener(
        _ request: ListenerCreate, _ findings: CertificateFindings
    ) throws(OctaviaFault) -> Listener {
        let listener = unchecked(request)
        try ListenerRules.check(listener, findings, tls)
        try ListenerRules.checkTLSLists(listener, tls)
        return listener
    }

    /// A listener whose fields have not been compared with each other yet.
    func unchecked(_ request: ListenerCreate) -> Listener {
        let isTLS = request.listenerProtocol == .terminatedHTTPS
        return Listener(
            core: core(request.adminStateUp, request.tags), loadBalancerID: loadBalancer.id, name: request.name,
            description: request.description, listenerProtocol: request.listenerProtocol,
            protocolPort: request.protocolPort, connectionLimit: request.connectionLimit,
            defaultPoolID: request.defaultPoolID, insertHeaders: request.insertHeaders, timeouts: request.timeouts,
            tls: ListenerTLS(
                defaultContainerRef: request.defaultTLSContainerRef, sniContainerRefs: request.sniContainerRefs,
                clientAuthentication: request.clientAuthentication,
                clientCAContainerRef: request.clientCAContainerRef,
                clientCRLContainerRef: request.clientCRLContainerRef,
                ciphers: request.tlsCiphers ?? (isTLS ? tls.defaultCiphers : nil),
                versions: request.tlsVersions ?? (isTLS ? tls.defaultVersions : nil),
                alpnProtocols: request.alpnProtocols ?? (isTLS ? TLSSettings.defaultALPNProtocols : nil)),
            allowedCIDRs: request.allowedCIDRs, hstsMaxAge: request.hstsMaxAge,
            hstsIncludeSubdomains: request.hstsIncludeSubdomains, hstsPreload: request.hstsPreload,
            errorPages: request.errorPages)
    }

    func pool(_ request: PoolCreate) throws(OctaviaFault) -> Pool {
        guard let poolProtocol = request.poolProtocol, let algorithm = request.algorithm else {
            let field = request.poolProtocol == nil ? "protocol" : "lb_algorithm"
            throw .invalidInput(field: field, value: "None", reason: "Mandatory field missing.")
        }
        var poolTLS = request.tls
        if poolTLS.isEnabled {
            poolTLS.ciphers = poolTLS.ciphers ?? tls.defaultCiphers
            poolTLS.versions = poolTLS.versions ?? tls.defaultVersions
            poolTLS.alpnProtocols = poolTLS.alpnProtocols ?? TLSSettings.defaultALPNProtocols
        }
        let pool = Pool(
            core: core(request.adminStateUp, request.tags), loadBalancerID: loadBalancer.id,
            name: request.name ?? "", description: request.description, poolProtocol: poolProtocol,
            algorithm: algorithm, sessionPersistence: request.sessionPersistence, tls: poolTLS)
        try PoolRules.checkSessionPersistence(pool.sessionPersistence, poolProtocol)
        return pool
    }

    func member(_ request: MemberCreate, pool: Pool, isMonitored: Bool) throws(OctaviaFault) -> Member {
        try MemberRules.checkAddress(request.address)
        return Member(
            core: core(request.adminStateUp, request.tags, isMonitored ? .offline : .noMonitor),
            loadBalancerID: loadBalancer.id, poolID: pool.id, name: request.name, address: request.address,
            protocolPort: request.protocolPort, weight: request.weight, isBackup: request.isBackup,
            subnetID: request.subnetID, monitorAddress: request.monitorAddress, monitorPort: request.monitorPort,
            vnicType: request.requestSRIOV ? "direct" : "normal")
    }

    func healthMonitor(_ request: HealthMonitorCreate, pool: Pool) throws(OctaviaFault) -> HealthMonitor {
        var monitor = HealthMonitor(
            core: core(request.adminStateUp, request.tags), loadBalancerID: loadBalancer.id, poolID: pool.id,
            name: request.name, type: request.type, delay: request.delay, timeout: request.timeout,
            maxRetries: request.maxRetries, maxRetriesDown: request.maxRetriesDown, httpMethod: request.httpMethod,
            urlPath: request.urlPath, expectedCodes: request.expectedCodes, httpVersion: request.httpVersion,
            domainName: request.domainName)
        try HealthMonitorRules.check(monitor, pool: pool)
        HealthMonitorRules.applyDefaults(to: &monitor)
        return monitor
    }

    /// A policy at a position of its listener.
    func policy(_ request: L7PolicyCreate, listener: Listener, position: Int) throws(OctaviaFault) -> L7Policy {
        var policy = L7Policy(
            core: core(request.adminStateUp, request.tags), loadBalancerID: loadBalancer.id, listenerID: listener.id,
            name: request.name, description: request.description, action: request.action, position: position)
        let redirection = try L7Redirection(
            action: request.action, poolID: request.redirectPoolID, url: request.redirectURL,
            prefix: request.redirectPrefix, code: request.redirectHTTPCode)
        redirection.apply(to: &policy)
        return policy
    }

    func rule(_ request: L7RuleCreate, policy: L7Policy) throws(OctaviaFault) -> L7Rule {
        let rule = L7Rule(
            core: core(request.adminStateUp, request.tags), loadBalancerID: loadBalancer.id, policyID: policy.id,
            type: request.type, compareType: request.compareType, key: request.key, value: request.value,
            invert: request.invert)
        try L7RuleRules.check(rule)
        return rule
    }
}

/// Rules of members.
enum MemberRules {
    /// What makes two members the same: the text of the address, and the port.
    struct Identity: Hashable {
        var address: String
        var port: Int

        init(_ request: MemberCreate) {
            address = request.address
            port = request.protocolPort
        }

        init(_ member: Member) {
            address = member.address
            port = member.protocolPort
        }
    }

    /// The address of the cloud's metadata service must not become reachable through a load balancer.
    private static let reserved: Set<String> = ["169.254.169.254"]

    static func checkAddress(_ address: String) throws(OctaviaFault) {
        guard !reserved.contains(address) else {
            throw .invalidOption(value: address, option: "member address")
        }
    }
}

extension OctaviaFault {
    /// A member wants an SR-IOV port, which the flavor does not offer.
    static let directMembersNotAllowed = OctaviaFault(
        400, "The load balancer flavor does not allow SR-IOV member ports.")
}
