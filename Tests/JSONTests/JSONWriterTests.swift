import JSON
import TestSupport
import Testing

@Suite struct JSONWriterTests {
    private func text(_ value: some JSONWritable) -> String {
        String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
    }

    @Test(
        "Values",
        arguments: [
            (.null, "null"), (true, "true"), (-5, "-5"), (.integer(.min), "-9223372036854775808"), (1.0, "1.0"),
            (1.1, "1.1"), (.number(.infinity), "null"), (.number(.nan), "null"), ("é\"\\/", #""é\"\\/""#),
            ("\u{0}\u{1F}\n\r\t\u{7F}", "\"\\u0000\\u001f\\n\\r\\t\u{7F}\""), ([], "[]"),
            ([1, [], "a"], #"[1,[],"a"]"#),
            ([:], "{}"), (["b": 1, "a": [:]], #"{"a":{},"b":1}"#),
        ] as [(JSONValue, String)])
    func values(value: JSONValue, expected: String) {
        #expect(text(value) == expected)
    }

    @Test("Members of all kinds, with commas only between them")
    func members() {
        let bytes = JSONWriter.object { writer in
            writer.member("s", "a")
            writer.member("n", nil as String?)
            writer.member("b", false)
            writer.member("i", 5)
            writer.member("l", 5 as Int64)
            writer.member("d", 1.5)
            writer.nullMember("z")
            writer.member("j", [1] as JSONValue)
            writer.member("t", strings: ["x", "y"])
            writer.objectMember("o") { _ in }
            writer.arrayMember("a", [1, 2]) { writer, number in writer.object { $0.member("v", number) } }
            writer.key("k")
            writer.value("end")
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"s":"a","n":null,"b":false,"i":5,"l":5,"d":1.5,"z":null,"j":[1],"t":["x","y"],"o":{},"#
                + #""a":[{"v":1},{"v":2}],"k":"end"}"#)
    }

    @Test("What is written is read back", arguments: 0..<300 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = randomValue(depth: 5, using: &generator)
        #expect(try JSONValue(parsing: JSONWriter.bytes(of: value)) == value)
    }

    private func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: return .number(Double.random(in: -1e12...1e12, using: &generator) + 0.5)
        case 4, 5: return .string(randomText(using: &generator))
        case 6:
            let count = Int.random(in: 0..<6, using: &generator)
            return .array((0..<count).map { _ in randomValue(depth: depth - 1, using: &generator) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                members[randomText(using: &generator)] = randomValue(depth: depth - 1, using: &generator)
            }
            return .object(members)
        }
    }

    private func randomText(using generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<12, using: &generator) {
            let code = UInt32.random(in: 0...(Bool.random(using: &generator) ? 0x7F : 0x10FFFF), using: &generator)
            if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
