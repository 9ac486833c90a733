import JSON
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

    @Test(
        "Values",
        arguments: [
            ("null", .null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", 1.5), ("1e3", 1000.0), ("1E+2", 100.0),
            ("-2.5e-1", -0.25), ("1.0", 1.0), ("\"\"", ""), ("[]", []), ("{}", [:]), (" [ 1 , 2 ] ", [1, 2]),
            ("\t{ \"a\" :\r\n[ {} ] } ", ["a": [[:]]]), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u00e9\u20AC\ud83d\ude00""#, "é€😀"), ("\"é😀\"", "é😀"), (#"{"a":1,"a":2}"#, ["a": 2]),
            (#""\u0000""#, "\0"),
        ] as [(String, JSONValue)])
    func values(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        "What is no JSON",
        arguments: [
            "", " ", "nul", "nullx", "True", "NaN", "Infinity", "01", "-", "-01", "+1", ".5", "1.", "1.e2", "1e", "1e+",
            "0x10", "1e999", "-1e999", "'a'", "\"", "\"a", "\"\\\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\u+123""#,
            "\"\n\"", "\"\t\"",
            #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud83d\n""#, "[", "]", "[1", "[1,",
            "[1,]", "[,1]", "[1 2]", "{",
            "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{,}", "1 2",
            "[]]", "\u{FEFF}1", "/**/1",
        ])
    func refused(text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test(
        "What is no UTF-8",
        arguments: [
            [0x80], [0xC3], [0xC3, 0x28], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xFF],
        ] as [[UInt8]])
    func encoding(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [quote] + bytes + [quote]) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [quote] + Array(#"\n"#.utf8) + bytes + [quote]) }
    }

    @Test("Depth is limited")
    func depth() throws {
        let limit = JSONValue.maximumDepth
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(limit))
        #expect(throws: JSONSyntaxError.self) { try parse(nested(limit + 1)) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "{\"a\":", count: 1_000_000)) }
        // Depth is not length.
        #expect(try parse("[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]").array?.count == 1000)
    }

    @Test("Errors say where and what")
    func errors() {
        let error = #expect(throws: JSONSyntaxError.self) { try parse("[1,]") }
        #expect(error?.offset == 3)
        #expect(error?.description == "value expected at byte 3")
    }

    @Test("Views of values")
    func views() throws {
        let value = try parse(#"{"s":"a","i":1,"b":true,"n":null,"l":[1,2]}"#)
        #expect(value["s"]?.string == "a")
        #expect(value["i"]?.integer == 1)
        #expect(value["b"]?.bool == true)
        #expect(value["n"]?.isNull == true)
        #expect(value["l"]?[1] == 2)
        #expect(value["l"]?[2] == nil)
        #expect(value["x"] == nil)
        #expect(value["s"]?["x"] == nil)
        #expect(value.array == nil)
    }
}
