// A tree with every kind of resource in it.

import JSON
import LoadBalancing

enum Example {
    static func id(_ number: Int) -> ResourceID {
        let digits = String(number)
        return ResourceID(
            canonical: "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)
    }

    static func core(_ number: Int) -> ResourceCore {
        ResourceCore(
            id: id(number), projectID: "project", provisioningStatus: .active, operatingStatus: .online,
            tags: ["a", "b"], createdAt: Timestamp(microseconds: 1_767_225_600_123_456),
            updatedAt: Timestamp(microseconds: 1_767_225_661_000_000))
    }

    /// The members that all resources have.
    static func coreMembers(_ number: Int) -> [String: JSONValue] {
        [
            "id": .string(id(number).string), "project_id": "project", "tenant_id": "project", "admin_state_up": true,
            "provisioning_status": "ACTIVE", "operating_status": "ONLINE", "tags": ["a", "b"],
            "created_at": "2026-01-01T00:00:00", "updated_at": "2026-01-01T00:01:01",
        ]
    }

    static func reference(_ number: Int) -> JSONValue { ["id": .string(id(number).string)] }

    static let loadBalancer = LoadBalancer(
        core: core(1), name: "lb", description: "d",
        vip: VirtualIP(
            address: "192.0.2.1", subnetID: id(101), networkID: id(102), portID: id(103), securityGroupIDs: [id(104)]),
        additionalVIPs: [AdditionalVIP(subnetID: id(105), address: "2001:db8::1", portID: id(103))],
        provider: "octavia")
    static let listener = Listener(
        core: core(2), loadBalancerID: id(1), name: "l", listenerProtocol: .http, protocolPort: 80,
        defaultPoolID: id(3), insertHeaders: ["X-Forwarded-For": "true"])
    static let pool = Pool(
        core: core(3), loadBalancerID: id(1), name: "p", poolProtocol: .http, algorithm: .roundRobin,
        sessionPersistence: SessionPersistence(type: .httpCookie))
    static let sparePool = Pool(
        core: core(9), loadBalancerID: id(1), poolProtocol: .tcp, algorithm: .sourceIP)
    static let member = Member(
        core: core(4), loadBalancerID: id(1), poolID: id(3), name: "m", address: "192.0.2.4", protocolPort: 8080)
    static let monitor = HealthMonitor(
        core: core(5), loadBalancerID: id(1), poolID: id(3), type: .http, delay: 5, timeout: 3, maxRetries: 2,
        httpMethod: .get, urlPath: "/", expectedCodes: "200", httpVersion: 1.0)
    static let policy = L7Policy(
        core: core(6), loadBalancerID: id(1), listenerID: id(2), action: .redirectToURL, redirectURL: "http://a/",
        redirectHTTPCode: 302, position: 2)
    static let firstPolicy = L7Policy(
        core: core(7), loadBalancerID: id(1), listenerID: id(2), action: .redirectToPool, redirectPoolID: id(9))
    static let rule = L7Rule(
        core: core(8), loadBalancerID: id(1), policyID: id(6), type: .header, compareType: .equalTo, key: "k",
        value: "v")

    static let tree = LoadBalancerTree(
        loadBalancer: loadBalancer, listeners: [listener], pools: [pool, sparePool], members: [member],
        healthMonitors: [monitor], l7Policies: [policy, firstPolicy], l7Rules: [rule])
}
