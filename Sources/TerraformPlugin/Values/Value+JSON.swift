// Values as JSON, in which they lie in state files.

public import JSON

extension Value {
    /// Reads a value that may have been written by another version of the schema, or by another provider.
    ///
    /// What the type does not have is left out, what is absent is null, and numbers, truth values and texts become each
    /// other where they say the same. Beyond 64 bits numbers lose digits.
    public init(lenient json: JSONValue, _ type: ValueType) {
        switch (json, type) {
        case (.bool(let value), .bool): self = .bool(value)
        case (.string(let text), .bool): self = text == "true" ? true : text == "false" ? false : .null
        case (.integer(let value), .number): self = .number(Number(value))
        case (.number(let value), .number): self = .number(Number(value))
        case (.string(let text), .number): self = Number(text: text).map { .number($0) } ?? .null
        case (.string(let value), .string): self = .string(value)
        case (.integer(let value), .string): self = .string("\(value)")
        case (.number(let value), .string): self = .string(Number(value).description)
        case (.bool(let value), .string): self = .string(value ? "true" : "false")
        case (.array(let elements), .list(let element)), (.array(let elements), .set(let element)):
            self = .list(elements.map { Value(lenient: $0, element) })
        // A single block may have become one of several, and the other way round.
        case (.object, .list(let element)), (.object, .set(let element)): self = .list([Value(lenient: json, element)])
        case (.object(let members), .map(let element)):
            self = .object(members.mapValues { Value(lenient: $0, element) })
        case (.object(let members), .object(let types)):
            self = .object(
                Dictionary(
                    types.map { ($0.key, Value(lenient: members[$0.key] ?? .null, $0.value)) },
                    uniquingKeysWith: { first, _ in first }))
        case (.array(let elements), .object) where elements.count == 1: self = Value(lenient: elements[0], type)
        default: self = .null
        }
    }

    /// The value as JSON; what is unknown becomes null.
    public var json: JSONValue {
        switch self {
        case .null, .unknown: .null
        case .bool(let value): .bool(value)
        case .number(let value): value.integer.map { .integer(Int64($0)) } ?? .number(value.double)
        case .string(let value): .string(value)
        case .list(let elements): .array(elements.map(\.json))
        case .object(let members): .object(members.mapValues(\.json))
        }
    }
}
