// Reading bodies.

internal import HTTPService
internal import JSON
internal import KeyManager

/// The JSON object in a body, checked field by field as Barbican's schemas do; unknown fields are passed over.
struct RequestBody {
    /// The name of the schema in faults.
    let schema: String
    let values: [String: JSONValue]

    /// Reads the body of a request; white space around texts does not count, as in Barbican.
    init(_ request: APIRequest, schema: String) throws(KeyManagerFault) {
        let type = request.header("Content-Type")?.split(separator: ";").first.map { $0.filter { $0 != " " } }
        guard type?.lowercased() == "application/json" else {
            throw KeyManagerFault(
                .unsupportedMediaType, "Unexpected content type. Expected content types are: ['application/json']")
        }
        guard let value = try? request.json() else { throw KeyManagerFault(.invalid, "Malformed JSON") }
        guard Self.isStorable(value) else {
            throw KeyManagerFault(.invalid, "Malformed JSON: it contains the character U+0000.")
        }
        guard let object = Self.trimmed(value).object else {
            throw .invalid(schema: schema, "the body is not of type 'object'", property: "None")
        }
        self.init(object, schema: schema)
    }

    init(_ values: [String: JSONValue], schema: String) {
        self.values = values
        self.schema = schema
    }

    func fail(_ reason: String, _ property: String) -> KeyManagerFault {
        .invalid(schema: schema, reason, property: property)
    }

    private func mismatch(_ value: JSONValue, _ type: String, _ name: String) -> KeyManagerFault {
        let text = String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
        return fail("\(text.prefix(100)) is not of type '\(type)'", name)
    }

    /// A text; `nil` when absent, or null where that is allowed.
    func text(
        _ name: String, _ length: ClosedRange<Int> = 0...255, nullable: Bool = false
    ) throws(KeyManagerFault) -> String? {
        guard let value = values[name] else { return nil }
        if nullable && value.isNull { return nil }
        guard let text = value.string else { throw mismatch(value, "string", name) }
        let count = text.unicodeScalars.count
        guard count <= length.upperBound else { throw fail("the text is longer than \(length.upperBound)", name) }
        guard count >= length.lowerBound else { throw fail("the text is too short", name) }
        return text
    }

    func requiredText(_ name: String, _ length: ClosedRange<Int>) throws(KeyManagerFault) -> String {
        guard let text = try text(name, length) else { throw fail("'\(name)' is a required property", name) }
        return text
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws(KeyManagerFault) -> Word? {
        guard let text = try text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw fail("'\(text)' is not one of [\(words)]", name)
        }
        return word
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(KeyManagerFault) -> Int? {
        guard let value = values[name] else { return nil }
        guard let integer = value.integer else { throw mismatch(value, "integer", name) }
        guard let number = Int(exactly: integer), range.contains(number) else {
            throw fail("\(integer) is not from \(range.lowerBound) to \(range.upperBound)", name)
        }
        return number
    }

    func bool(_ name: String) throws(KeyManagerFault) -> Bool? {
        guard let value = values[name] else { return nil }
        guard let bool = value.bool else { throw mismatch(value, "boolean", name) }
        return bool
    }

    func array(_ name: String) throws(KeyManagerFault) -> [JSONValue]? {
        guard let value = values[name] else { return nil }
        guard let array = value.array else { throw mismatch(value, "array", name) }
        return array
    }

    func object(_ name: String) throws(KeyManagerFault) -> RequestBody? {
        guard let value = values[name] else { return nil }
        guard let object = value.object else { throw mismatch(value, "object", name) }
        return RequestBody(object, schema: schema)
    }

    /// Refuses fields that are not in the list.
    func allow(only names: Set<String>) throws(KeyManagerFault) {
        if let extra = values.keys.sorted().first(where: { !names.contains($0) }) {
            throw fail("Additional properties are not allowed ('\(extra.prefix(100))' was unexpected)", "None")
        }
    }

    private static func trimmed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(TextTrimming.trimmed(text))
        case .array(let elements): .array(elements.map(trimmed))
        case .object(let members): .object(members.mapValues(trimmed))
        case .null, .bool, .integer, .number: value
        }
    }

    /// PostgreSQL keeps no U+0000 in text.
    private static func isStorable(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): !text.utf8.contains(0)
        case .array(let elements): elements.allSatisfy(isStorable)
        case .object(let members): members.allSatisfy { !$0.key.utf8.contains(0) && isStorable($0.value) }
        case .null, .bool, .integer, .number: true
        }
    }
}

/// White space at both ends of texts.
enum TextTrimming {
    static func trimmed(_ text: String) -> String {
        guard text.first?.isWhitespace == true || text.last?.isWhitespace == true else { return text }
        var rest = text[...].drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
