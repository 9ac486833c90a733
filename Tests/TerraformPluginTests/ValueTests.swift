// All kinds of Terraform's values, through MessagePack and back.

import JSON
import MessagePack
import Testing

@testable import TerraformPlugin

@Suite struct ValueTests {
    private func number(_ text: String) throws -> Value { .number(try #require(Number(text: text))) }

    private func roundTrip(_ value: Value, _ type: ValueType) throws -> Value {
        try Value(MessagePackValue(bytes: value.packed.bytes), type)
    }

    @Test func everyKindSurvives() throws {
        let object = ValueType.object(["name": .string, "size": .number, "parts": .list(.bool)])
        let examples: [(Value, ValueType)] = [
            (.null, .string), ("", .string), ("Grüße", .string), (true, .bool), (-5, .number),
            (["a", nil, .unknown], .list(.string)), (["b", "a"], .set(.string)),
            (["x": 1, "y": nil], .map(.number)), (["name": "n", "size": 3, "parts": [true, false]], object),
            (.unknown, object), (.list([.unknown, ["name": "n", "size": .unknown, "parts": nil]]), .list(object)),
        ]
        for (value, type) in examples { #expect(try roundTrip(value, type) == value) }
    }

    @Test(arguments: [
        "0", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616",
        "123456789012345678901234567890.123456789012345678901234567890", "0.1", "-1.25", "1e300", "1e-300", "0.5",
    ])
    func numbersKeepAllDigits(_ text: String) throws {
        let value = try number(text)
        #expect(try roundTrip(value, .number) == value)
    }

    @Test func numbersAreEqualHoweverTheyAreWritten() throws {
        #expect(try number("1.50") == number("15e-1"))
        #expect(try number("100") == .integer(100))
        #expect(try number("-0") == .integer(0))
        #expect(Number(2.5) == Number(text: "2.5"))
        #expect(Number(text: "1.2.3") == nil)
        #expect(Number(text: "") == nil)
        #expect(Number(text: "-") == nil)
        #expect(Number(text: "0x10") == nil)
        #expect(Number(text: "1e3")?.integer == 1000)
        #expect(Number(text: "0.001")?.description == "0.001")
        #expect(Number(text: "12.75")?.description == "12.75")
    }

    /// What is no fraction of powers of two must go as text, or Terraform sees another number.
    @Test func fractionsThatMachinesRoundAreWrittenAsText() throws {
        #expect(try number("0.1").packed == .string("0.1"))
        #expect(try number("0.5").packed == .number(0.5))
        #expect(try number("18446744073709551616").packed == .string("18446744073709551616"))
    }

    @Test func anyExtensionIsUnknown() throws {
        #expect(try Value(.extension(type: 0, [0]), .string) == .unknown)
        #expect(try Value(.extension(type: 99, [1, 2, 3]), .string) == .unknown)
        #expect(try Value(.extension(type: 12, [0xc1]), .string) == .unknown)
        #expect(Value.unknown.packed.bytes == [0xd4, 0, 0])
    }

    @Test func refinementsAreKept() throws {
        var refinements = Refinements()
        refinements.isNull = false
        refinements.prefix = "10.0."
        refinements.lowerBound = .init(Number(1), isInclusive: true)
        refinements.upperBound = .init(try #require(Number(text: "18446744073709551616")), isInclusive: false)
        refinements.minimumCount = 2
        refinements.maximumCount = 5
        let value = Value.unknown(refinements)
        #expect(try roundTrip(value, .string) == value)
        #expect(value.isUnknown)
        // Keys that are not known yet are skipped.
        let content = MessagePackValue.map([
            .init(.integer(1), .bool(false)), .init(.integer(77), .string("x")),
        ]).bytes
        var notNull = Refinements()
        notNull.isNull = false
        #expect(try Value(.extension(type: 12, content), .string) == .unknown(notNull))
    }

    @Test func whatDoesNotFitIsRefusedWithItsPath() throws {
        let type = ValueType.object(["parts": .list(.object(["size": .number]))])
        let packed = MessagePackValue.object(["parts": .array([.object(["size": .bool(true)])])])
        let error = #expect(throws: ValueMismatch.self) { try Value(packed, type) }
        #expect(error?.description == "parts[0].size: this is no Number")
        #expect(throws: ValueMismatch.self) { try Value(.object(["other": .null]), type) }
        #expect(throws: ValueMismatch.self) { try Value(.string("12x"), .number) }
    }

    /// State of another version: what is gone is left out, what is new is null, texts become numbers.
    @Test func stateIsReadLeniently() throws {
        let type = ValueType.object([
            "size": .number, "on": .bool, "new": .string, "block": .list(.object(["a": .string])),
        ])
        let state: JSONValue = ["size": "12", "on": "true", "gone": 1, "block": ["a": "x"]]
        #expect(
            Value(lenient: state, type) == ["size": 12, "on": true, "new": nil, "block": [["a": "x"]]])
    }

    @Test func jsonHasNoUnknown() {
        #expect(Value.list([.unknown, "a", 1]).json == [nil, "a", 1])
    }
}
