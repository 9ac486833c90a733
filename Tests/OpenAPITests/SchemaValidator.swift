// A validator for the part of JSON Schema that the document uses.

internal import JSON
internal import LoadBalancing

/// Checks values against schemas of the document.
struct SchemaValidator {
    let document: Document
    private let patterns = Patterns()

    init(document: Document) {
        self.document = document
    }

    /// Patterns that have been used, because making one takes long.
    private final class Patterns {
        private var known: [String: Regex<AnyRegexOutput>] = [:]

        /// Whether a text has a pattern; a pattern that cannot be understood fits nothing.
        func fits(_ text: String, _ pattern: String) -> Bool {
            guard let regex = known[pattern] ?? (try? Regex(pattern).matchingSemantics(.unicodeScalar)) else {
                return false
            }
            known[pattern] = regex
            return (try? regex.firstMatch(in: text)) != nil
        }
    }

    /// What is wrong with a value, in words; empty if it fits.
    func problems(_ value: JSONValue, _ schema: JSONValue, at path: String = "$") -> [String] {
        var problems: [String] = []
        if let reference = schema["$ref"]?.string {
            guard let target = document.target(of: reference) else { return ["\(path): nothing at \(reference)"] }
            problems += self.problems(value, target, at: path)
        }
        for part in schema["allOf"]?.array ?? [] { problems += self.problems(value, part, at: path) }
        if let choices = schema["anyOf"]?.array {
            let results = choices.map { self.problems(value, $0, at: path) }
            if !results.contains([]) { problems.append("\(path): fits none of \(choices.count): \(results)") }
        }
        if let type = schema["type"] {
            let types = type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
            guard types.contains(where: { Self.isOf(type: $0, value) }) else {
                return problems + ["\(path): \(value) is none of \(types)"]
            }
        }
        if let choices = schema["enum"]?.array, !choices.contains(where: { Self.areEqual($0, value) }) {
            problems.append("\(path): \(value) is none of \(choices)")
        }
        switch value {
        case .string(let text): problems += self.problems(text: text, schema, at: path)
        case .integer(let number):
            if let minimum = schema["minimum"]?.integer, number < minimum { problems.append("\(path): too small") }
            if let maximum = schema["maximum"]?.integer, number > maximum { problems.append("\(path): too large") }
        case .array(let elements):
            guard let items = schema["items"] else { break }
            for (index, element) in elements.enumerated() {
                problems += self.problems(element, items, at: "\(path)[\(index)]")
            }
        case .object(let members): problems += self.problems(members: members, schema, at: path)
        case .null, .bool, .number: break
        }
        return problems
    }

    private func problems(members: [String: JSONValue], _ schema: JSONValue, at path: String) -> [String] {
        var problems: [String] = []
        let properties = schema["properties"]?.object ?? [:]
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where members[name] == nil {
            problems.append("\(path): \(name) is missing")
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let property = properties[name] {
                problems += self.problems(value, property, at: "\(path).\(name)")
            } else if schema["additionalProperties"] == false {
                problems.append("\(path): \(name) is unknown")
            } else if let further = schema["additionalProperties"], further.object != nil {
                problems += self.problems(value, further, at: "\(path).\(name)")
            }
        }
        return problems
    }

    private func problems(text: String, _ schema: JSONValue, at path: String) -> [String] {
        var problems: [String] = []
        let count = Int64(text.unicodeScalars.count)
        if let minimum = schema["minLength"]?.integer, count < minimum { problems.append("\(path): too short") }
        if let maximum = schema["maxLength"]?.integer, count > maximum { problems.append("\(path): too long") }
        if let pattern = schema["pattern"]?.string, !patterns.fits(text, pattern) {
            problems.append("\(path): '\(text)' is not \(pattern)")
        }
        let fits =
            switch schema["format"]?.string {
            case "uuid": ResourceID(text)?.string == text
            case "ipv4": IPAddress(text)?.family == .ipv4
            case "ipv6": IPAddress(text)?.family == .ipv6
            case "uri": text.contains("://")
            case "date-time": text.hasSuffix("Z")
            default: true
            }
        if !fits { problems.append("\(path): '\(text)' has not its format") }
        return problems
    }

    private static func isOf(type: String, _ value: JSONValue) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .integer: type == "integer" || type == "number"
        case .number(let number): type == "number" || type == "integer" && number == number.rounded()
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    private static func areEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.integer(let integer), .number(let number)), (.number(let number), .integer(let integer)):
            Double(integer) == number
        default: left == right
        }
    }
}
