// A member of an update.

/// What an update says of one field: nothing, that it has no value, or a value.
public enum Patch<Value: Sendable>: Sendable {
    case absent
    case null
    case value(Value)

    /// The field's value after the update.
    func applied(to old: Value?) -> Value? {
        switch self {
        case .absent: old
        case .null: nil
        case .value(let value): value
        }
    }
}

extension Patch: Equatable where Value: Equatable {}
