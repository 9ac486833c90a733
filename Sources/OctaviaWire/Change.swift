// What an update does to one field.

/// Keep a field, or give it a value. For a field that can be unset the value is an optional.
public enum Change<Value: Sendable>: Sendable {
    /// The request does not mention the field.
    case keep
    /// The request gives this value; `null` has been turned into what it stands for.
    case set(Value)

    /// Writes the new value, if there is one.
    public func apply(to field: inout Value) {
        if case .set(let value) = self { field = value }
    }

    /// The new value, or the old one.
    public func value(over old: Value) -> Value {
        if case .set(let value) = self { return value }
        return old
    }

    /// Whether the request mentions the field.
    public var isSet: Bool {
        if case .set = self { return true }
        return false
    }
}

extension Change: Equatable where Value: Equatable {}
