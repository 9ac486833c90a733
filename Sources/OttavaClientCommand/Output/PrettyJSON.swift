// JSON and YAML for people, with keys in the order given.

internal import JSON

/// An object whose keys keep their order.
typealias OrderedFields = [(name: String, value: JSONValue)]

enum PrettyJSON {
    /// What says which object it is comes first, what is below it last; as services write them.
    private static let rank = Dictionary(
        uniqueKeysWithValues: [
            "id", "name", "operating_status", "provisioning_status", "type", "cookie_name", "persistence_timeout",
            "persistence_granularity", "address", "protocol_port", nil, "listeners", "pools", "health_monitor",
            "members",
        ].enumerated().compactMap { position, name in name.map { ($0, position) } })
    private static let rankOfOthers = 10

    /// The members of an object within another one.
    static func ordered(_ members: [String: JSONValue]) -> OrderedFields {
        func place(_ name: String) -> (Int, String) { (rank[name] ?? rankOfOthers, name) }
        return members.sorted { place($0.key) < place($1.key) }.map { ($0.key, $0.value) }
    }

    static func list(_ rows: [OrderedFields]) -> String {
        guard !rows.isEmpty else { return "[]" }
        return "[\n" + rows.map { "  " + object($0, indent: "  ") }.joined(separator: ",\n") + "\n]"
    }

    static func object(_ fields: OrderedFields, indent: String = "") -> String {
        guard !fields.isEmpty else { return "{}" }
        let lines = fields.map { "\(indent)  \(scalar(.string($0.name))): \(value($0.value, indent: indent + "  "))" }
        return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }

    static func value(_ value: JSONValue, indent: String = "") -> String {
        switch value {
        case .object(let members):
            return object(PrettyJSON.ordered(members), indent: indent)
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { "\(indent)  \(Self.value($0, indent: indent + "  "))" }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        default: return scalar(value)
        }
    }

    private static func scalar(_ value: JSONValue) -> String {
        String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
    }
}

enum PrettyYAML {
    static func list(_ rows: [OrderedFields]) -> String {
        guard !rows.isEmpty else { return "[]" }
        return rows.map { fields in
            let lines = object(fields).split(separator: "\n", omittingEmptySubsequences: false)
            return lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    static func object(_ fields: OrderedFields) -> String {
        guard !fields.isEmpty else { return "{}" }
        return fields.map { "\($0.name):\(block($0.value))" }.joined(separator: "\n")
    }

    /// What follows the colon of a key.
    private static func block(_ value: JSONValue) -> String {
        switch value {
        case .object(let members) where !members.isEmpty:
            let text = object(PrettyJSON.ordered(members))
            return "\n" + text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        case .array(let elements) where !elements.isEmpty:
            return "\n"
                + elements.map { element in
                    guard case .object(let members) = element else { return "- \(scalar(element))" }
                    return list([PrettyJSON.ordered(members)])
                }.joined(separator: "\n")
        default: return " \(scalar(value))"
        }
    }

    /// A scalar in one line; quoted where YAML would read something else.
    static func scalar(_ value: JSONValue) -> String {
        guard case .string(let text) = value else {
            return String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
        }
        let isPlain =
            text.first.map { $0.isASCII && ($0.isLetter || $0 == "/") } == true
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./".contains($0)) }
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        return isPlain ? text : String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
    }
}
