import JSON
import LoadBalancing
import OctaviaWire
import Testing

/// Load balancers that are created with a tree below them.
@Suite struct NestedCreateTests {
    private func create(_ listeners: JSONValue = [], pools: JSONValue = []) throws -> LoadBalancerCreate {
        try decode(.loadBalancerCreate, ["listeners": listeners, "pools": pools], as: LoadBalancerCreate.init(body:))
    }

    private func message(_ listener: [String: JSONValue], pools: JSONValue = []) -> String? {
        let base: [String: JSONValue] = ["protocol": "HTTP", "protocol_port": 80]
        return fault { _ = try create([.object(base.merging(listener) { $1 })], pools: pools) }?.message
    }

    @Test("A whole tree")
    func tree() throws {
        let request = try create(
            [
                [
                    "protocol": "HTTP", "protocol_port": "80", "name": "l",
                    "default_pool": [
                        "name": "p", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN",
                        "members": [["address": "192.0.2.1", "protocol_port": 8080, "weight": 5]],
                        "healthmonitor": [
                            "type": "HTTP", "delay": 1, "timeout": 1, "max_retries": 1, "http_version": "1.1",
                            "domain_name": "a.b",
                        ],
                        "session_persistence": ["type": "APP_COOKIE"],
                    ],
                    "l7policies": [
                        [
                            "action": "REDIRECT_TO_POOL", "redirect_pool": ["name": "q"], "position": 1,
                            "rules": [["type": "PATH", "compare_type": "STARTS_WITH", "value": "/a"]],
                        ],
                        ["action": "REJECT", "rules": nil, "redirect_pool": nil],
                    ],
                ]
            ],
            pools: [["name": "q", "protocol": "HTTP", "lb_algorithm": "SOURCE_IP"], ["name": "r"], [:]])
        let listener = try #require(request.listeners.first)
        #expect(listener.loadBalancerID == nil)
        #expect(listener.name == "l" && listener.protocolPort == 80)
        let pool = try #require(listener.defaultPool)
        #expect(!pool.isReference && pool.poolProtocol == .http && pool.members.first?.weight == 5)
        #expect(pool.healthMonitor?.httpVersion == 1.1 && pool.healthMonitor?.poolID == nil)
        #expect(pool.sessionPersistence == SessionPersistence(type: .appCookie))
        #expect(listener.l7Policies.count == 2)
        #expect(listener.l7Policies[0].redirectPool?.isReference == true)
        #expect(listener.l7Policies[0].redirectPool?.name == "q")
        #expect(listener.l7Policies[0].rules.first?.compareType == .startsWith)
        #expect(listener.l7Policies[1].redirectPool == nil && listener.l7Policies[1].rules.isEmpty)
        #expect(request.pools.map(\.name) == ["q", "r", nil])
        #expect(request.pools.map(\.isReference) == [false, false, false])
        #expect(request.pools[1].poolProtocol == nil)
    }

    @Test("What makes a reference")
    func references() throws {
        func isReference(_ pool: JSONValue) throws -> Bool? {
            try create([["protocol": "HTTP", "protocol_port": 80, "default_pool": pool]]).listeners[0].defaultPool?
                .isReference
        }
        #expect(try isReference(["name": "a"]) == true)
        #expect(try isReference(["name": "a", "admin_state_up": true, "tls_enabled": false]) == true)
        #expect(try isReference([:]) == true)
        #expect(try isReference(["name": "a", "description": ""]) == false)
        #expect(try isReference(["name": "a", "protocol": nil]) == false)
        #expect(try isReference(["name": "a", "members": []]) == false)
        #expect(try isReference(nil) == nil)
    }

    @Test("Keys that nested objects do not know")
    func unknown() {
        let path = "Unknown attribute for argument load_balancer.loadbalancer.listeners"
        #expect(message(["loadbalancer_id": .string(someID)]) == path + ": loadbalancer_id")
        #expect(message(["default_pool": ["foo": 1]]) == path + ".default_pool: foo")
        #expect(message(["default_pool": ["listener_id": nil]]) == path + ".default_pool: listener_id")
        #expect(message(["default_pool": ["loadbalancer_id": nil]]) == path + ".default_pool: loadbalancer_id")
        #expect(message(["default_pool": ["members": [["foo": 1]]]]) == path + ".default_pool.members: foo")
        #expect(
            message(["default_pool": ["healthmonitor": ["pool_id": .string(someID)]]])
                == path + ".default_pool.healthmonitor: pool_id")
        #expect(
            message(["default_pool": ["session_persistence": ["foo": 1]]])
                == path + ".default_pool.session_persistence: foo")
        #expect(
            message(["l7policies": [["action": "REJECT", "redirect_pool_id": nil]]])
                == path + ".l7policies: redirect_pool_id")
        #expect(message(["l7policies": [["listener_id": nil]]]) == path + ".l7policies: listener_id")
        #expect(
            message(["l7policies": [["action": "REJECT", "rules": [["name": "a"]]]]]) == path
                + ".l7policies.rules: name")
        #expect(
            message(["l7policies": [["action": "REJECT", "redirect_pool": ["foo": 1]]]])
                == path + ".l7policies.redirect_pool: foo")
        #expect(
            message([:], pools: [["listener_id": nil]])
                == "Unknown attribute for argument load_balancer.loadbalancer.pools: listener_id")
    }

    @Test("Limits hold inside too")
    func limits() {
        #expect(message(["protocol_port": 65_536])?.contains("lower or equal to 65535") == true)
        #expect(message(["l7policies": nil])?.contains("attribute l7policies. Value: 'None'") == true)
        #expect(message(["l7policies": []]) == nil)
        #expect(message(["l7policies": [nil]])?.contains("Value should be an object") == true)
        #expect(message(["l7policies": [[:]]])?.contains("attribute action. Value: 'None'. Mandatory") == true)
        #expect(message(["default_pool": []])?.contains("Value should be an object") == true)
        #expect(
            message(["default_pool": ["members": [["address": "x", "protocol_port": 1]]]])?.contains("IPv4") == true)
        #expect(message(["default_pool": ["healthmonitor": ["type": "HTTP"]]])?.contains("attribute delay") == true)
        #expect(message(["default_pool": ["healthmonitor": nil, "members": nil]]) == nil)
        #expect(message([:], pools: [1])?.contains("Value should be an object") == true)
        #expect(message([:], pools: ["name": "a"])?.contains("Value not a valid list") == true)
    }
}
