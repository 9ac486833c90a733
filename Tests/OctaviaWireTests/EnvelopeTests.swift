import JSON
import Testing

@testable import OctaviaWire

/// Bodies that are no object in the right envelope.
@Suite struct EnvelopeTests {
    @Test("The minimum is accepted", arguments: RequestKind.all)
    func minimum(kind: RequestKind) throws {
        try kind.decode(kind.body())
    }

    @Test("No body", arguments: RequestKind.all)
    func empty(kind: RequestKind) {
        #expect(fault { try kind.decode([]) } == OctaviaFault(400, "Missing argument: \"\(kind.argument)\""))
    }

    @Test(
        "Text that is not JSON", arguments: RequestKind.all,
        ["{", "nonsense", "{'a':1}", "\u{FEFF}{}", " ", "{\"a\":1e999}", String(repeating: "[", count: 20_000)])
    func syntax(kind: RequestKind, text: String) {
        #expect(fault { try kind.decode(Array(text.utf8)) } == .invalidJSON)
    }

    @Test("Broken UTF-8 and lone surrogates", arguments: RequestKind.all)
    func encoding(kind: RequestKind) {
        let broken: [UInt8] = Array("{\"".utf8) + [0xC3, 0x28] + Array("\":1}".utf8)
        #expect(fault { try kind.decode(broken) } == .invalidJSON)
        for lone in [#"{"\ud800":1}"#, #"{"a":"\udc00"}"#, #"{"a":"\ud800\u0041"}"#] {
            #expect(fault { try kind.decode(Array(lone.utf8)) } == .invalidJSON)
        }
    }

    @Test("JSON of another shape", arguments: RequestKind.all)
    func shape(kind: RequestKind) {
        func message(_ text: String) -> String? {
            let result = fault { try kind.decode(Array(text.utf8)) }
            #expect(result?.status == 400)
            return result?.message
        }
        let missing = "Invalid input for field/attribute \(kind.key). Value: 'None'."
        #expect(message("{}") == missing + " Mandatory field missing.")
        #expect(message("{\"\(kind.key)\":null}") == missing + " Value should be an object")
        #expect(message("{\"\(kind.key)\":[]}")?.hasSuffix("Value: '[]'. Value should be an object") == true)
        for (text, shown) in [("[]", "[]"), ("\"x\"", "x"), ("null", "None"), ("1", "1"), ("true", "True")] {
            #expect(
                message(text) == "Invalid input for field/attribute \(kind.argument). Value: '\(shown)'. "
                    + "Value should be an object with the key '\(kind.key)'")
        }
    }

    @Test("Keys that nobody knows", arguments: RequestKind.all)
    func unknown(kind: RequestKind) {
        let outer = JSONWriter.bytes(of: [kind.key: .object(kind.minimum), "foo": 1] as JSONValue)
        #expect(fault { try kind.decode(outer) }?.message == "Unknown attribute for argument \(kind.argument): foo")
        #expect(
            kind.refusal(["foo": nil]) == "Unknown attribute for argument \(kind.argument).\(kind.key): foo")
        #expect(
            kind.refusal(["foo": 1, "bar": 2])
                == "Unknown attributes for argument \(kind.argument).\(kind.key): bar, foo")
        #expect(kind.refusal(["id": .string(someID)])?.hasPrefix("Unknown attribute") == true)
    }

    @Test("A misspelt key is reported before the absence of the right one")
    func misspelt() {
        let body = Array(#"{"member":{"address":"192.0.2.1","protocol_prt":80}}"#.utf8)
        #expect(
            fault { _ = try MemberCreate(body: body) }?.message
                == "Unknown attribute for argument member_.member: protocol_prt")
    }

    @Test("Of repeated keys the last wins")
    func repeated() throws {
        let body = Array(#"{"pool":{"name":"a","name":"b"}}"#.utf8)
        #expect(try PoolUpdate(body: body).name == .set("b"))
    }

    /// `{"x":1}` is a valid value of no field: if one is not read, this finds it.
    @Test("Every known key is read")
    func everyKeyIsRead() {
        let tables: [(RequestKind, Set<String>)] = [
            (.loadBalancerCreate, LoadBalancerCreate.fieldNames), (.loadBalancerUpdate, LoadBalancerUpdate.fieldNames),
            (.listenerCreate, ListenerCreate.fieldNames), (.listenerUpdate, ListenerUpdate.fieldNames),
            (.poolCreate, PoolCreate.fieldNames), (.poolUpdate, PoolUpdate.fieldNames),
            (.memberCreate, MemberCreate.fieldNames), (.memberUpdate, MemberUpdate.fieldNames),
            (.monitorCreate, HealthMonitorCreate.fieldNames), (.monitorUpdate, HealthMonitorUpdate.fieldNames),
            (.policyCreate, L7PolicyCreate.fieldNames), (.policyUpdate, L7PolicyUpdate.fieldNames),
            (.ruleCreate, L7RuleCreate.fieldNames), (.ruleUpdate, L7RuleUpdate.fieldNames),
            (.quota, QuotaUpdate.fieldNames),
        ]
        for (kind, names) in tables {
            for name in names {
                let message = kind.refusal([name: ["x": 1]])
                #expect(message != nil && message?.contains(name) == true, "\(kind.testDescription) \(name)")
            }
        }
        let nested: [(String, Set<String>, (JSONValue) -> JSONValue)] = [
            ("listeners", ListenerCreate.nestedFieldNames, { ["listeners": [$0]] }),
            ("pools", PoolCreate.nestedFieldNames, { ["pools": [$0]] }),
            ("members", MemberCreate.fieldNames, { ["pools": [["members": [$0]]]] }),
            ("healthmonitor", HealthMonitorCreate.nestedFieldNames, { ["pools": [["healthmonitor": $0]]] }),
        ]
        let minimums: [String: [String: JSONValue]] = [
            "listeners": RequestKind.listenerCreate.minimum.filter { $0.key != "loadbalancer_id" },
            "members": RequestKind.memberCreate.minimum,
            "healthmonitor": RequestKind.monitorCreate.minimum.filter { $0.key != "pool_id" },
        ]
        for (level, names, wrap) in nested {
            for name in names {
                let object = (minimums[level] ?? [:]).merging([name: ["x": 1]]) { $1 }
                let body = wrap(.object(object)).object ?? [:]
                let message = RequestKind.loadBalancerCreate.refusal(body)
                #expect(message != nil && message?.contains(name) == true, "\(level) \(name)")
            }
        }
    }

    @Test("Fields of POST and answers are unknown to PUT")
    func readOnly() {
        let cases: [(RequestKind, [String])] = [
            (
                .loadBalancerUpdate,
                ["vip_address", "vip_subnet_id", "provider", "flavor_id", "listeners", "project_id"]
            ),
            (.listenerUpdate, ["protocol", "protocol_port", "loadbalancer_id", "default_pool", "tenant_id"]),
            (.poolUpdate, ["protocol", "loadbalancer_id", "listener_id", "members", "healthmonitor_id"]),
            (.memberUpdate, ["address", "protocol_port", "subnet_id", "request_sriov", "description"]),
            (.monitorUpdate, ["type", "pool_id", "description"]), (.policyUpdate, ["listener_id", "rules"]),
            (.ruleUpdate, ["name", "project_id"]), (.quota, ["project_id", "tenant_id"]),
            (.memberCreate, ["description", "vnic_type"]), (.monitorCreate, ["description"]),
            (.policyCreate, ["redirect_pool"]), (.ruleCreate, ["name", "description"]),
        ]
        for (kind, names) in cases {
            for name in names {
                #expect(
                    kind.refusal([name: nil])
                        == "Unknown attribute for argument \(kind.argument).\(kind.key): \(name)")
            }
        }
    }

    @Test("A fault does not send a large value back")
    func longValue() {
        let message = RequestKind.poolCreate.refusal(["protocol": .string(String(repeating: "x", count: 100_000))])
        #expect((message?.count ?? 0) < 1200)
    }
}
