// Values of fields as text for people.

package import JSON

/// One value as text.
package enum Cell {
    package static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): printable(value)
        case .array(let elements): elements.map { $0["id"].map(text) ?? text($0) }.joined(separator: "\n")
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { "\($0.key)=\(text($0.value))" }.joined(separator: "\n")
        }
    }

    /// Text without characters that would move the cursor or change colours.
    package static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }

    package static func oneLine(_ value: JSONValue) -> String {
        text(value).split(separator: "\n").joined(separator: ",")
    }

    package static func csv(_ value: JSONValue) -> String {
        switch value {
        case .integer, .number, .bool: text(value)
        case .null: quoted("")
        default: quoted(text(value))
        }
    }

    package static func isNumber(_ value: JSONValue) -> Bool {
        switch value {
        case .integer, .number: true
        default: false
        }
    }

    package static func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }

    package static func isOrdered(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = left.integer, let right = right.integer { return left < right }
        return text(left) < text(right)
    }
}
