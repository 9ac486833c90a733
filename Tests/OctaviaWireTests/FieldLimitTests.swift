import JSON
import Testing

@testable import OctaviaWire

/// The value just inside and just outside of every limit.
@Suite struct FieldLimitTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let kinds: [RequestKind]
        let field: String
        let good: [JSONValue]
        let bad: [(JSONValue, String)]
        var testDescription: String { "\(kinds.map(\.testDescription).joined(separator: ", ")): \(field)" }

        init(_ kinds: [RequestKind], _ field: String, good: [JSONValue], bad: [(JSONValue, String)]) {
            self.kinds = kinds
            self.field = field
            self.good = good
            self.bad = bad
        }
    }

    static let tooLong = "Value should have a maximum character requirement of"
    static let notText = "Value should be string"
    static let notUUID = "Value should be UUID format"
    static let notIP = "Value should be IPv4 or IPv6 format"
    static let notBool = "Value not an unambiguous boolean"

    static func low(_ limit: Int) -> String { "Value should be greater or equal to \(limit)" }
    static func high(_ limit: Int) -> String { "Value should be lower or equal to \(limit)" }

    static func integer(_ kinds: [RequestKind], _ field: String, _ limits: ClosedRange<Int>) -> Case {
        let (from, to) = (limits.lowerBound, limits.upperBound)
        return Case(
            kinds, field,
            good: [.integer(Int64(from)), .integer(Int64(to)), .string(" \(to) "), .number(Double(from))],
            bad: [
                (.integer(Int64(from - 1)), low(from)), (.integer(Int64(to + 1)), high(to)),
                (.string("\(to + 1)"), high(to)), (1e300, high(to)), (-1e300, low(from)), (.integer(.max), high(to)),
                ("99999999999999999999999", high(to)), ("x", "integer"), ("", "integer"), ("80.0", "integer"),
                ([1], "integer"), ([:], "integer"),
            ])
    }

    static func text(_ kinds: [RequestKind], _ field: String, _ limit: Int) -> Case {
        Case(
            kinds, field, good: [OctaviaWireTests.text(limit), "", " a "],
            bad: [
                (OctaviaWireTests.text(limit + 1), "\(tooLong) \(limit)"), (1, notText), (true, notText),
                ([], notText), ("a\u{0}b", "U+0000"),
            ])
    }

    static func uuid(_ kinds: [RequestKind], _ field: String) -> Case {
        Case(
            kinds, field, good: [.string(someID), .string(someID.filter { $0 != "-" }.uppercased())],
            bad: [("x", notUUID), ("", notUUID), (1, notUUID), (.string(someID + "0"), notUUID)])
    }

    static func address(_ kinds: [RequestKind], _ field: String) -> Case {
        Case(
            kinds, field, good: ["192.0.2.1", "2001:DB8::1", "::ffff:192.0.2.1"],
            bad: [
                ("192.0.2.01", notIP), ("192.0.2", notIP), ("192.0.2.1/32", notIP), ("host", notIP),
                (" 192.0.2.1", notIP), ("fe80::1%eth0", notIP), (1, notIP),
            ])
    }

    static func bool(_ kinds: [RequestKind], _ field: String) -> Case {
        Case(
            kinds, field,
            good: [true, false, 0, 1, 1e300, "true", "t", "yes", "y", "on", "1", "false", "f", "no", "n", "off", "0"],
            bad: [
                ("True", notBool), (2.5, notBool), (0.0, notBool), ("", notBool), ("maybe", notBool), ([], notBool),
                ([:], notBool),
            ])
    }

    static func choice(_ kinds: [RequestKind], _ field: String, _ terms: [String]) -> Case {
        Case(
            kinds, field, good: terms.map(JSONValue.string),
            bad: [
                (.string(terms[0].lowercased()), "Value should be one of: " + terms.joined(separator: ", ")),
                ("", "Value should be one of"), (1, "Value should be one of"),
            ])
    }

    @Test(
        "Inside and outside of the limits",
        arguments: [
            shared, loadBalancers, references, tls, listenerCases, poolCases, memberCases, monitorCases, policyCases,
            ruleCases, quotaCases,
        ].flatMap(\.self))
    func limits(of item: Case) {
        for kind in item.kinds {
            for value in item.good {
                #expect(kind.refusal([item.field: value]) == nil, "\(kind.testDescription) \(item.field) \(value)")
            }
            for (value, reason) in item.bad {
                let message = kind.refusal([item.field: value])
                #expect(
                    message?.contains(reason) == true,
                    "\(kind.testDescription) \(item.field) \(value): \(message ?? "accepted")")
            }
        }
    }

    @Test("Required fields must be given and not null", arguments: RequestKind.creates)
    func required(kind: RequestKind) {
        for name in kind.minimum.keys
        where name != "vip_subnet_id" && !(kind.key == "pool" && name == "loadbalancer_id") {
            let expected = "Invalid input for field/attribute \(name). Value: 'None'. Mandatory field missing."
            #expect(kind.refusal([name: nil]) == expected)
            let without = JSONWriter.bytes(of: [kind.key: .object(kind.minimum.filter { $0.key != name })] as JSONValue)
            #expect(fault { try kind.decode(without) }?.message == expected)
        }
    }

    @Test("Fields of updates that cannot be null")
    func notNull() {
        let cases: [(RequestKind, [String])] = [
            (.poolUpdate, ["lb_algorithm", "tls_enabled"]), (.monitorUpdate, ["delay", "timeout", "max_retries"]),
            (.ruleUpdate, ["type", "compare_type", "value"]),
        ]
        for (kind, names) in cases {
            for name in names { #expect(kind.refusal([name: nil]) == "None is not a valid option for \(name)") }
        }
    }

    @Test("Texts of faults, complete")
    func texts() {
        #expect(
            RequestKind.listenerCreate.refusal(["protocol_port": 0])
                == "Invalid input for field/attribute protocol_port. Value: '0'. Value should be greater or equal to 1")
        #expect(
            RequestKind.poolCreate.refusal(["lb_algorithm": "round"])
                == "Invalid input for field/attribute lb_algorithm. Value: 'round'. Value should be one of: "
                + "ROUND_ROBIN, LEAST_CONNECTIONS, SOURCE_IP, SOURCE_IP_PORT")
        #expect(
            RequestKind.listenerCreate.refusal(["tags": ["a", ["b": nil]]])
                == "Invalid input for field/attribute tags. Value: '{'b': None}'. Value should be string")
    }
}
