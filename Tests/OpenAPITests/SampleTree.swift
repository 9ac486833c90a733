// Load balancers with everything that can be set, and with nothing that need not be.

internal import JSON
internal import LoadBalancing

/// Trees whose views the tests compare with the document.
enum SampleTree {
    static let id = ResourceID(canonical: "0b2d71a4-3b9c-4c0e-9a55-7a1d4f8e6b21")
    static let other = ResourceID(canonical: "5f0c9d52-9a4e-4f55-8d0a-0c8f6b0e7a13")

    /// One of everything, all fields set.
    static let full = LoadBalancerTree(
        loadBalancer: LoadBalancer(
            core: core(isFull: true), name: "one", description: "first",
            vip: VirtualIP(
                address: "192.0.2.1", subnetID: id, networkID: id, portID: id, qosPolicyID: id,
                securityGroupIDs: [id, other], vnicType: "direct"),
            additionalVIPs: [
                AdditionalVIP(subnetID: id, address: "2001:db8::1", portID: other), AdditionalVIP(subnetID: other),
            ], provider: "amphora", flavorID: id, availabilityZone: "zone"),
        listeners: [
            Listener(
                core: core(isFull: true), loadBalancerID: id, name: "web", description: "front",
                listenerProtocol: .terminatedHTTPS, protocolPort: 65_535, connectionLimit: 10, defaultPoolID: id,
                insertHeaders: ["X-Forwarded-For": "true"],
                tls: ListenerTLS(
                    defaultContainerRef: "a", sniContainerRefs: ["b"], clientAuthentication: .mandatory,
                    clientCAContainerRef: "c", clientCRLContainerRef: "d", ciphers: "A:B", versions: ["TLSv1.3"],
                    alpnProtocols: ["h2"]),
                allowedCIDRs: ["192.0.2.0/24", "2001:db8::/32"], hstsMaxAge: 5, hstsIncludeSubdomains: true,
                hstsPreload: true, errorPages: [503: "<p>soon</p>"])
        ],
        pools: [
            Pool(
                core: core(isFull: true), loadBalancerID: id, name: "pool", description: "back", poolProtocol: .http,
                algorithm: .sourceIPPort,
                sessionPersistence: SessionPersistence(
                    type: .appCookie, cookieName: "SESSION", timeout: 5, granularity: "255.255.0.0"),
                tls: PoolTLS(
                    isEnabled: true, containerRef: "a", caContainerRef: "b", crlContainerRef: "c", ciphers: "A",
                    versions: ["TLSv1.2"], alpnProtocols: ["http/1.1"]))
        ],
        members: [
            Member(
                core: core(isFull: true), loadBalancerID: id, poolID: id, name: "member", address: "2001:db8::2",
                protocolPort: 80, weight: 256, isBackup: true, subnetID: id, monitorAddress: "192.0.2.9",
                monitorPort: 81, vnicType: "direct")
        ],
        healthMonitors: [
            HealthMonitor(
                core: core(isFull: true), loadBalancerID: id, poolID: id, name: "monitor", type: .http, delay: 5,
                timeout: 4, maxRetries: 3, maxRetriesDown: 2, httpMethod: .head, urlPath: "/a?b",
                expectedCodes: "200, 201", httpVersion: 1.1, domainName: "www.example.com")
        ],
        l7Policies: [
            L7Policy(
                core: core(isFull: true), loadBalancerID: id, listenerID: id, name: "policy", description: "way",
                action: .redirectPrefix, redirectPoolID: other, redirectURL: "https://example.com/",
                redirectPrefix: "https://example.com", redirectHTTPCode: 308, position: 2)
        ],
        l7Rules: [
            L7Rule(
                core: core(isFull: true), loadBalancerID: id, policyID: id, type: .header, compareType: .regex,
                key: "Host", value: "a.*", invert: true)
        ])

    /// One of everything, only what must be set.
    static let sparse = LoadBalancerTree(
        loadBalancer: LoadBalancer(
            core: core(isFull: false), name: "", description: "", vip: VirtualIP(), provider: "amphora"),
        listeners: [
            Listener(
                core: core(isFull: false), loadBalancerID: id, listenerProtocol: .tcp, protocolPort: 1,
                connectionLimit: nil)
        ],
        pools: [Pool(core: core(isFull: false), loadBalancerID: id, poolProtocol: .udp, algorithm: .roundRobin)],
        members: [
            Member(
                core: core(isFull: false), loadBalancerID: id, poolID: id, address: "192.0.2.1", protocolPort: 1,
                weight: nil)
        ],
        healthMonitors: [
            HealthMonitor(
                core: core(isFull: false), loadBalancerID: id, poolID: other, type: .ping, delay: 0, timeout: 0,
                maxRetries: 1)
        ],
        l7Policies: [L7Policy(core: core(isFull: false), loadBalancerID: id, listenerID: id, action: .reject)],
        l7Rules: [
            L7Rule(
                core: core(isFull: false), loadBalancerID: id, policyID: id, type: .path, compareType: .equalTo,
                value: "/")
        ])

    private static func core(isFull: Bool) -> ResourceCore {
        var core = ResourceCore(
            id: id, projectID: isFull ? String(repeating: "p", count: 36) : "p",
            createdAt: Timestamp(microseconds: 1_767_225_600_000_000))
        guard isFull else { return core }
        core.adminStateUp = false
        core.provisioningStatus = .error
        core.operatingStatus = .noMonitor
        core.tags = ["", "a,b"]
        core.updatedAt = core.createdAt
        core.statusReason = "It did not work."
        return core
    }
}
