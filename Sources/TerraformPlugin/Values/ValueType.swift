// Types of values.

internal import JSON

/// A type constraint of Terraform's type system.
public indirect enum ValueType: Sendable, Hashable {
    case bool, number, string
    case list(ValueType)
    case set(ValueType)
    case map(ValueType)
    case object([String: ValueType])

    /// The constraint as the protocol writes it, such as `["list","string"]`.
    var json: JSONValue {
        switch self {
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .list(let element): ["list", element.json]
        case .set(let element): ["set", element.json]
        case .map(let element): ["map", element.json]
        case .object(let members): ["object", .object(members.mapValues(\.json))]
        }
    }

    /// As documentation calls it.
    public var label: String {
        switch self {
        case .bool: "Boolean"
        case .number: "Number"
        case .string: "String"
        case .list(let element): "List of \(element.label)"
        case .set(let element): "Set of \(element.label)"
        case .map(let element): "Map of \(element.label)"
        case .object: "Object"
        }
    }
}
