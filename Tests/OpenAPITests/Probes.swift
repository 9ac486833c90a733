// Values at the limits of a schema and just beyond them.

internal import JSON

/// Makes values that fit a schema of a request, and values that do not.
struct Probes {
    let document: Document

    /// Values for which the schema stands and others.
    typealias Values = (inside: [JSONValue], outside: [JSONValue])

    /// The values to try for a schema.
    func values(of schema: JSONValue) -> Values {
        if let choices = schema["anyOf"]?.array, let first = choices.first, first["$ref"] != nil {
            var values = self.values(of: document.resolved(first))
            values.inside.append(.null)
            values.outside.removeAll { $0 == .null }
            return values
        }
        let schema = document.resolved(schema)
        let types = schema["type"]?.string.map { [$0] } ?? schema["type"]?.array?.compactMap(\.string) ?? []
        var values = self.values(of: schema, type: types.first ?? "")
        if types.contains("null") { values.inside.append(.null) } else { values.outside.append(.null) }
        return values
    }

    private func values(of schema: JSONValue, type: String) -> Values {
        if let choices = schema["enum"]?.array {
            return (choices.filter { !$0.isNull }, [type == "string" ? "no such term" : 42, [], [:]])
        }
        switch type {
        case "string": return textValues(schema)
        case "integer": return integerValues(schema)
        case "boolean": return ([true, false], ["perhaps", []])
        case "array": return listValues(schema)
        case "object": return objectValues(schema)
        default: return ([], [])
        }
    }

    private func integerValues(_ schema: JSONValue) -> Values {
        var values: Values = ([], ["many", []])
        if let minimum = schema["minimum"]?.integer {
            values.inside.append(.integer(minimum))
            values.outside.append(.integer(minimum - 1))
        }
        if let maximum = schema["maximum"]?.integer {
            values.inside.append(.integer(maximum))
            values.outside.append(.integer(maximum + 1))
        }
        return values
    }

    private func listValues(_ schema: JSONValue) -> Values {
        let items = values(of: schema["items"] ?? .null)
        return (
            [.array([])] + items.inside.map { .array([$0]) } + [.array(items.inside)],
            ["no list", [:]] + items.outside.map { .array([$0]) }
        )
    }

    private func objectValues(_ schema: JSONValue) -> Values {
        if let further = schema["additionalProperties"], further.object != nil {
            let values = values(of: further)
            return (
                [[:]] + values.inside.map { .object(["X-Forwarded-For": $0]) },
                ["no object", []] + values.outside.map { .object(["X-Forwarded-For": $0]) }
            )
        }
        let least = leastMembers(of: schema)
        var values: Values = ([.object(least)], ["no object", []])
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] {
            values.outside.append(.object(least.filter { $0.key != name }))
        }
        for (name, property) in document.properties(of: schema).sorted(by: { $0.key < $1.key }) {
            let own = self.values(of: property)
            values.inside += own.inside.map { .object(least.merging([name: $0]) { $1 }) }
            values.outside += own.outside.map { .object(least.merging([name: $0]) { $1 }) }
        }
        values.outside.append(.object(least.merging(["no_such_field": 1]) { $1 }))
        return values
    }

    /// The members that an object must have.
    private func leastMembers(of schema: JSONValue) -> [String: JSONValue] {
        let properties = document.properties(of: schema)
        var members: [String: JSONValue] = [:]
        let alternative = schema["anyOf"]?[0]?["required"]?.array ?? []
        for name in ((schema["required"]?.array ?? []) + alternative).compactMap(\.string) {
            members[name] = properties[name].flatMap { values(of: $0).inside.first }
        }
        return members
    }

    private func textValues(_ schema: JSONValue) -> Values {
        if schema["format"]?.string == "uuid" {
            return (["0b2d71a4-3b9c-4c0e-9a55-7a1d4f8e6b21"], ["no identifier", 1])
        }
        if schema["anyOf"] != nil { return (["192.0.2.1", "2001:db8::1"], ["192.0.2.256", "a name", 1]) }
        var values: Values = ([], [1, true, []])
        let maximum = schema["maxLength"]?.integer.map(Int.init)
        if let example = schema["examples"]?[0] {
            values.inside.append(example)
            let known = Self.patterned[example.string ?? ""]
            values.inside += (known?.inside ?? []).map { .string($0) }
            values.outside += (known?.outside ?? ["a pattern without values to try"]).map { .string($0) }
            if schema["minLength"] != nil { values.outside.append("") }
            if let maximum, let long = known?.long {
                values.inside.append(.string(long(maximum)))
                values.outside.append(.string(long(maximum + 1)))
            }
            return values
        }
        let minimum = Int(schema["minLength"]?.integer ?? 0)
        values.inside.append(.string(String(repeating: "ä", count: minimum)))
        if minimum > 0 { values.outside.append(.string(String(repeating: "ä", count: minimum - 1))) }
        if let maximum {
            values.inside.append(.string(String(repeating: "ä", count: maximum)))
            values.outside.append(.string(String(repeating: "ä", count: maximum + 1)))
        }
        return values
    }

    /// Values for texts with a pattern, by the example that the document has for it.
    private static let patterned: [String: (inside: [String], outside: [String], long: (@Sendable (Int) -> String)?)] =
        [
            "https://example.com/": (
                ["http://192.0.2.1:8080/a?b#c", "http://[2001:db8::1]"],
                ["", "example.com", "ftp://example.com/", "HTTP://example.com/", "http://a b/"],
                { "http://a/" + String(repeating: "x", count: $0 - 9) }
            ),
            "/healthy?deep=1": (
                ["/", "/a/b#c"], ["", "healthy", "//example.com/", "/a b"],
                { "/" + String(repeating: "x", count: $0 - 1) }
            ),
            "200-204": (
                ["200", "200, 202,204", "000-999"], ["", "20", "2000", "200-", "200-202,204", "abc"],
                { "200" + String(repeating: " ", count: $0 - 7) + ",200" }
            ),
            "www.example.com": (
                ["a", "_sip._tcp.example.com.", "a--b.c"],
                ["", "-a", "a-", "a..b", "a b", "a_b", String(repeating: "a", count: 64)],
                { String((1...$0).map { $0.isMultiple(of: 60) ? "." : "a" }) }
            ),
            "SESSION": (["a=b"], ["", "a b", "a,b", "a;b", #"a\b"#], { String(repeating: "x", count: $0) }),
            "TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256": (
                ["HIGH:!aNULL+x@y=z.w"], ["a b", "a;b", "ä"], { String(repeating: "A", count: $0) }
            ),
            "<!DOCTYPE html><title>Back soon</title>": (
                ["é", "%[src]\n\"${HOME}"], ["", "a\u{0}"], { String(repeating: "x", count: $0) }
            ),
            "/images": (["a b"], ["a\nb", "a\r"], { String(repeating: "x", count: $0) }),
            "192.0.2.0/24": (["192.0.2.1", "2001:db8::/32"], ["", "a/8", "192.0.2.0/", "192.0.2.0/1000"], nil),
        ]
}
