// Between attributes of the resources `openstack_lb_*_v2` and fields of the API.

internal import JSON
internal import LoadBalancerDocuments
internal import LoadBalancing
internal import TerraformPlugin

/// Which attribute is which field.
struct FieldMapping: Sendable {
    private let attributes: [Attribute]
    private let types: [String: ValueType]
    private let names: [String: String]
    private let locals: Set<String>

    /// - Parameters:
    ///   - names: Attribute → field, where they are called otherwise.
    ///   - locals: Attributes that are no fields, besides `id` and `region`.
    init(_ schema: Schema, _ names: [String: String], _ locals: Set<String>) {
        self.init(schema.attributes, schema.type, names, locals.union(["id", "region"]))
    }

    init(_ attributes: [Attribute], _ type: ValueType, _ names: [String: String], _ locals: Set<String>) {
        self.names = names
        self.locals = locals
        self.attributes = attributes.filter { !locals.contains($0.name) }
        if case .object(let types) = type { self.types = types } else { types = [:] }
    }

    private func field(_ attribute: Attribute) -> String { names[attribute.name] ?? attribute.name }

    /// What a creation sends: everything that says something.
    func fields(of planned: Value) -> Fields {
        var result: Fields = [:]
        for attribute in attributes where !planned[attribute.name].isEmpty && planned[attribute.name].isWhollyKnown {
            result[field(attribute)] = json(planned[attribute.name], attribute)
        }
        return result
    }

    /// What an update sends: everything that is different, and null for what is gone.
    func changes(from prior: Value, to planned: Value) -> Fields {
        var result: Fields = [:]
        for attribute in attributes where !attribute.requiresReplacement && attribute.usage != .computed {
            let new = planned[attribute.name]
            let old = prior[attribute.name]
            guard new.isWhollyKnown, !isSame(new, old, types[attribute.name]) else { continue }
            result[field(attribute)] = new.isEmpty ? nothing(attribute) : json(new, attribute)
        }
        return result
    }

    private func isSame(_ left: Value, _ right: Value, _ type: ValueType?) -> Bool {
        if left == right || left.isEmpty && right.isEmpty { return true }
        guard case .set? = type, let left = left.elements, let right = right.elements else { return false }
        return left.count == right.count && Set(left) == Set(right)
    }

    /// What clears a field. For lists null would mean that they stay.
    private func nothing(_ attribute: Attribute) -> JSONValue {
        switch types[attribute.name] {
        case .list, .set: []
        case .map: [:]
        default: .null
        }
    }

    private func json(_ value: Value, _ attribute: Attribute) -> JSONValue {
        if attribute.name == "http_version", let number = value.string.flatMap({ Double($0) }) {
            return .number(number)
        }
        return value.json
    }

    /// The state that an answer says.
    ///
    /// - Parameter known: The state before, or the plan. Where it has nothing and the service has what it has for nothing,
    ///   such as false, it stays nothing: else there would be a change in every plan.
    func state(of fields: Fields, known: Value) -> Value {
        var state: Value = [:]
        for attribute in attributes {
            let name = attribute.name
            let json = fields[field(attribute)] ?? .null
            var value = Value(lenient: json, types[name] ?? .string)
            if name == "http_version", let text = value.string, !text.contains(".") { value = .string(text + ".0") }
            if attribute.usage == .optional, attribute.defaultValue == nil, known[name].isEmpty, Self.isNeutral(value) {
                value = known[name].isUnknown ? .null : known[name]
            } else if let old = known[name].string.flatMap({ IPAddress($0) }), let new = value.string,
                old == IPAddress(new)
            {
                // The same address may be written in several ways.
                value = known[name]
            }
            state[name] = value
        }
        return state
    }

    /// Whether a service says this of what was never set.
    private static func isNeutral(_ value: Value) -> Bool {
        value.isEmpty || [.bool(false), 0, "NONE"].contains(value)
    }
}
