// The load balancer that is measured: a listener, a pool, members, a health monitor.

internal import JSON
internal import TestSupport

/// Its parts as the bodies of requests.
struct LoadBalancerTemplate {
    let subnet: String
    let virtualIP = VirtualIP()
    let backends: [HTTPBackend]

    static let monitor: [String: JSONValue] = [
        "type": "HTTP", "delay": 2, "timeout": 1, "max_retries": 1, "max_retries_down": 1,
    ]

    static func member(_ backend: HTTPBackend) -> JSONValue {
        ["address": .string(backend.address), "protocol_port": .integer(Int64(backend.port))]
    }

    var loadBalancer: [String: JSONValue] {
        ["vip_subnet_id": .string(subnet), "vip_address": .string(virtualIP.address)]
    }

    var listener: [String: JSONValue] {
        ["protocol": "HTTP", "protocol_port": .integer(Int64(virtualIP.port))]
    }

    var pool: [String: JSONValue] { ["protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"] }

    var members: JSONValue { .array(backends.map { Self.member($0) }) }

    /// Everything in one body.
    var whole: JSONValue {
        var pool = pool
        pool["name"] = "pool"
        pool["members"] = members
        pool["healthmonitor"] = .object(Self.monitor)
        var listener = listener
        listener["default_pool"] = .object(pool)
        var loadBalancer = loadBalancer
        loadBalancer["listeners"] = [.object(listener)]
        return .object(loadBalancer)
    }
}

/// A load balancer that serves.
struct ServedLoadBalancer {
    let id: String
    let virtualIP: VirtualIP
    let listener: String
    let pool: String
    let members: [String]

    /// Makes it with one call, and waits until it serves.
    init(_ client: KeptClient, _ backends: [HTTPBackend]) async throws {
        let template = LoadBalancerTemplate(subnet: try client.privateSubnet(), backends: backends)
        let created = try client.create(.loadBalancers, template.whole)
        id = created["id"]?.string ?? ""
        listener = created["listeners"]?[0]?["id"]?.string ?? ""
        pool = created["pools"]?[0]?["id"]?.string ?? ""
        members = (created["pools"]?[0]?["members"]?.array ?? []).compactMap { $0["id"]?.string }
        virtualIP = template.virtualIP
        try await virtualIP.waitForAnswer()
        try await client.settle(id)
    }

    var membersCollection: Collection { .members(of: pool) }
}
