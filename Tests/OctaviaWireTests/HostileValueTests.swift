import JSON
import Testing

@testable import OctaviaWire

/// Values that no client sends by mistake: each is accepted or refused with 400, and none stops the process.
@Suite struct HostileValueTests {
    static let values: [JSONValue] = [
        nil, true, 0, -1, .integer(.max), .integer(.min), 1e308, -1e308, 0.1, -0.0, "", " ", "\0", "\u{202E}", "null",
        "-",
        "+", "+-1", "١", "1_000", "0x10", "99999999999999999999", "-99999999999999999999", "::", ":::", "/", "//",
        "http://[",
        "http://@", "http://:", "1.2.3.4/", "{}", "{", "urn:uuid:", "\u{1F468}\u{200D}\u{1F469}", [], [[]], [nil],
        [[:]], [:],
        ["": ""], ["type": [:]], .string(String(repeating: "a", count: 20_000)),
        .string(String(repeating: "\u{301}", count: 2_000)), .array(Array(repeating: "a", count: 10_000)),
    ]

    @Test(
        arguments: [
            (.loadBalancerCreate, LoadBalancerCreate.fieldNames), (.loadBalancerUpdate, LoadBalancerUpdate.fieldNames),
            (.listenerCreate, ListenerCreate.fieldNames), (.listenerUpdate, ListenerUpdate.fieldNames),
            (.poolCreate, PoolCreate.fieldNames), (.poolUpdate, PoolUpdate.fieldNames),
            (.memberCreate, MemberCreate.fieldNames), (.memberUpdate, MemberUpdate.fieldNames),
            (.monitorCreate, HealthMonitorCreate.fieldNames), (.monitorUpdate, HealthMonitorUpdate.fieldNames),
            (.policyCreate, L7PolicyCreate.fieldNames), (.policyUpdate, L7PolicyUpdate.fieldNames),
            (.ruleCreate, L7RuleCreate.fieldNames), (.ruleUpdate, L7RuleUpdate.fieldNames),
            (.quota, QuotaUpdate.fieldNames),
        ] as [(RequestKind, Set<String>)])
    func everyField(kind: RequestKind, names: Set<String>) {
        for name in names {
            for value in Self.values {
                let result = fault { try kind.decode(kind.body([name: value])) }
                #expect(result == nil || result?.status == 400, "\(name)")
                #expect((result?.message.utf8.count ?? 0) < 5000, "\(name)")
            }
        }
    }
}
