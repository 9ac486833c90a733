// Reading one JSON object of a request, field by field.

internal import JSON

/// Where a value stands in a request.
struct FieldLocation: Sendable {
    /// The name of the field, which faults about its value show.
    let name: String
    /// The path of the object around it, such as `load_balancer.loadbalancer.listeners`.
    let parent: String

    /// The path of the field, which faults about unknown keys inside it show. Positions in arrays are no part of it.
    var path: String { parent.isEmpty ? name : parent + "." + name }
}

/// A JSON object whose keys are all known, and the rules for absent fields and `null`.
///
/// Unknown keys are refused before any value is looked at: a misspelt key is reported as such, not as the absence of
/// the right one.
struct ObjectReader {
    private let members: [String: JSONValue]
    private let path: String

    init(_ value: JSONValue, at location: FieldLocation, known: Set<String>) throws(OctaviaFault) {
        guard case .object(let members) = value else {
            throw .invalidInput(location, value, "Value should be an object")
        }
        self.members = members
        self.path = location.path
        if !members.keys.allSatisfy(known.contains) {
            throw .unknownAttributes(members.keys.filter { !known.contains($0) }.sorted(), path: path)
        }
    }

    /// Whether the object has no keys.
    var isEmpty: Bool { members.isEmpty }

    /// Whether the object has the key, be its value `null`.
    func mentions(_ name: String) -> Bool { members[name] != nil }

    /// Whether the object has the key with a value other than `null`.
    func gives(_ name: String) -> Bool { members[name].map { !$0.isNull } ?? false }

    /// Whether the object has no keys but these.
    func hasOnly(_ names: Set<String>) -> Bool { members.keys.allSatisfy(names.contains) }

    // MARK: New resources

    /// A field that must be given and not `null`.
    func required<Value>(_ name: String, _ type: FieldType<Value>) throws(OctaviaFault) -> Value {
        guard let value = members[name], !value.isNull else { throw .missingField(name) }
        return try type.convert(value, location(name))
    }

    /// A field that is absent when not given or `null`.
    func optional<Value>(_ name: String, _ type: FieldType<Value>) throws(OctaviaFault) -> Value? {
        guard let value = members[name], !value.isNull else { return nil }
        return try type.convert(value, location(name))
    }

    /// A field with a default, for which `null` stands too.
    func value<Value>(
        _ name: String, _ type: FieldType<Value>, default standard: Value
    ) throws(OctaviaFault) -> Value {
        try optional(name, type) ?? standard
    }

    /// A field with a default, where `null` stands for something else.
    func value<Value>(
        _ name: String, _ type: FieldType<Value>, default standard: Value, null: Value
    ) throws(OctaviaFault) -> Value {
        guard let value = members[name] else { return standard }
        return value.isNull ? null : try type.convert(value, location(name))
    }

    /// A field that may be left out but not be `null`; `reason` says what `null` should have been.
    func presentOrAbsent<Value>(
        _ name: String, _ type: FieldType<Value>, reason: String
    ) throws(OctaviaFault) -> Value? {
        guard let value = members[name] else { return nil }
        guard !value.isNull else { throw .invalidInput(location(name), value, reason) }
        return try type.convert(value, location(name))
    }

    /// Fields that belong to a fully populated load balancer only: elsewhere they must be absent or empty.
    func refuseNested(_ names: String...) throws(OctaviaFault) {
        for name in names {
            switch members[name] {
            case nil, .null, .array([]), .object([:]): continue
            default:
                throw .validation("\(name) can only be specified when creating a fully populated loadbalancer.")
            }
        }
    }

    /// Whether the object has the key with an object that has no keys.
    func isEmptyObject(_ name: String) -> Bool { members[name] == .object([:]) }

    // MARK: Updates

    /// A field that cannot be unset.
    func change<Value>(_ name: String, _ type: FieldType<Value>) throws(OctaviaFault) -> Change<Value> {
        guard let value = members[name] else { return .keep }
        guard !value.isNull else { throw .invalidOption(value: "None", option: name) }
        return .set(try type.convert(value, location(name)))
    }

    /// A field that `null` sets to its default.
    func change<Value>(
        _ name: String, _ type: FieldType<Value>, null: Value
    ) throws(OctaviaFault) -> Change<Value> {
        guard let value = members[name] else { return .keep }
        return .set(value.isNull ? null : try type.convert(value, location(name)))
    }

    /// A field that `null` unsets.
    func change<Value>(
        _ name: String, optional type: FieldType<Value>, null: Value? = nil
    ) throws(OctaviaFault) -> Change<Value?> {
        guard let value = members[name] else { return .keep }
        return .set(value.isNull ? null : try type.convert(value, location(name)))
    }

    /// A field that `null` leaves as it is.
    func changeUnlessNull<Value>(_ name: String, _ type: FieldType<Value>) throws(OctaviaFault) -> Change<Value> {
        try optional(name, type).map { .set($0) } ?? .keep
    }

    private func location(_ name: String) -> FieldLocation { FieldLocation(name: name, parent: path) }
}
