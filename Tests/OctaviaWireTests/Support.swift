// What the tests of the wire layer share.

import JSON
import LoadBalancing
import OctaviaWire
import Testing

let someID = "11111111-1111-4111-8111-111111111111"
let otherID = "22222222-2222-4222-8222-222222222222"

/// The fault that a closure throws, if it throws one.
func fault(_ body: () throws -> Void) -> OctaviaFault? {
    do {
        try body()
        return nil
    } catch {
        return error as? OctaviaFault
    }
}

/// One kind of request: how to decode it and a body that is just enough.
struct RequestKind: Sendable, CustomTestStringConvertible {
    var testDescription: String
    let argument: String
    let key: String
    let minimum: [String: JSONValue]
    let decode: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, argument: String, key: String, minimum: [String: JSONValue] = [:],
        decode: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.testDescription = name
        self.argument = argument
        self.key = key
        self.minimum = minimum
        self.decode = decode
    }

    /// The minimum with some fields changed.
    func body(_ changes: [String: JSONValue] = [:]) -> [UInt8] {
        JSONWriter.bytes(of: JSONValue.object([key: .object(minimum.merging(changes) { $1 })]))
    }

    /// The fault text for the minimum with some fields changed; nil when it is accepted.
    func refusal(_ changes: [String: JSONValue]) -> String? {
        fault { try decode(body(changes)) }?.message
    }

    static let all = [
        loadBalancerCreate, loadBalancerUpdate, listenerCreate, listenerUpdate, poolCreate, poolUpdate, memberCreate,
        memberUpdate, monitorCreate, monitorUpdate, policyCreate, policyUpdate, ruleCreate, ruleUpdate, quota,
    ]
    static let creates = [
        loadBalancerCreate, listenerCreate, poolCreate, memberCreate, monitorCreate, policyCreate, ruleCreate,
    ]

    static let loadBalancerCreate = RequestKind(
        "POST loadbalancer", argument: "load_balancer", key: "loadbalancer", minimum: ["vip_subnet_id": .string(someID)]
    ) { _ = try LoadBalancerCreate(body: $0) }
    static let loadBalancerUpdate = RequestKind(
        "PUT loadbalancer", argument: "load_balancer", key: "loadbalancer"
    ) { _ = try LoadBalancerUpdate(body: $0) }
    static let listenerCreate = RequestKind(
        "POST listener", argument: "listener_", key: "listener",
        minimum: ["loadbalancer_id": .string(someID), "protocol": "HTTP", "protocol_port": 80]
    ) { _ = try ListenerCreate(body: $0) }
    static let listenerUpdate = RequestKind("PUT listener", argument: "listener_", key: "listener") {
        _ = try ListenerUpdate(body: $0)
    }
    static let poolCreate = RequestKind(
        "POST pool", argument: "pool_", key: "pool",
        minimum: ["loadbalancer_id": .string(someID), "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"]
    ) { _ = try PoolCreate(body: $0) }
    static let poolUpdate = RequestKind("PUT pool", argument: "pool_", key: "pool") { _ = try PoolUpdate(body: $0) }
    static let memberCreate = RequestKind(
        "POST member", argument: "member_", key: "member", minimum: ["address": "192.0.2.1", "protocol_port": 80]
    ) { _ = try MemberCreate(body: $0) }
    static let memberUpdate = RequestKind("PUT member", argument: "member_", key: "member") {
        _ = try MemberUpdate(body: $0)
    }
    static let monitorCreate = RequestKind(
        "POST healthmonitor", argument: "health_monitor_", key: "healthmonitor",
        minimum: ["pool_id": .string(someID), "type": "HTTP", "delay": 5, "timeout": 3, "max_retries": 2]
    ) { _ = try HealthMonitorCreate(body: $0) }
    static let monitorUpdate = RequestKind("PUT healthmonitor", argument: "health_monitor_", key: "healthmonitor") {
        _ = try HealthMonitorUpdate(body: $0)
    }
    static let policyCreate = RequestKind(
        "POST l7policy", argument: "l7policy_", key: "l7policy",
        minimum: ["listener_id": .string(someID), "action": "REJECT"]
    ) { _ = try L7PolicyCreate(body: $0) }
    static let policyUpdate = RequestKind(
        "PUT l7policy", argument: "l7policy_", key: "l7policy", minimum: ["name": "a"]
    ) { _ = try L7PolicyUpdate(body: $0) }
    static let ruleCreate = RequestKind(
        "POST rule", argument: "rule_", key: "rule",
        minimum: ["type": "PATH", "compare_type": "EQUAL_TO", "value": "/"]
    ) { _ = try L7RuleCreate(body: $0) }
    static let ruleUpdate = RequestKind("PUT rule", argument: "l7rule_", key: "rule") {
        _ = try L7RuleUpdate(body: $0)
    }
    static let quota = RequestKind("PUT quota", argument: "quotas", key: "quota") { _ = try QuotaUpdate(body: $0) }
}

/// Decodes the minimum of a kind of request with some fields changed.
func decode<Request>(
    _ kind: RequestKind, _ changes: [String: JSONValue] = [:], as decode: ([UInt8]) throws -> Request
) throws -> Request {
    try decode(kind.body(changes))
}

/// Text of that many characters of more than one byte.
func text(_ count: Int) -> JSONValue { .string(String(repeating: "é", count: count)) }
