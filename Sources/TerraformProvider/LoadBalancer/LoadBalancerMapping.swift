// Between the values of `ottava_load_balancer` and documents of load balancers.

internal import JSON
internal import LoadBalancerDocuments
internal import OctaviaClient
internal import TerraformPlugin

extension LoadBalancerDocument {
    /// What a plan says.
    ///
    /// - Parameter clearing: Whether what is null in the plan is to be removed, as it may be there.
    init(_ planned: Value, clearing: Bool) {
        func fields(_ value: Value, _ schema: DocumentSchema) -> Fields {
            Self.fields(of: value, schema, clearing: clearing)
        }
        func named(_ name: String, unless place: String, _ value: Value, _ schema: DocumentSchema) -> Fields {
            var result = fields(value, schema)
            // What has no name of its own is known by its place.
            if name != place { result["name"] = .string(name) }
            return result
        }
        let listeners = (planned["listeners"].members ?? [:]).sorted { $0.key < $1.key }.map { key, listener in
            ListenerPart(
                fields: named(key, unless: Places.listener(listener), listener, .listener),
                defaultPool: listener["default_pool"].string ?? "",
                l7Policies: (listener["l7_policies"].elements ?? []).enumerated().map { index, policy in
                    var fields = fields(policy, .l7Policy)
                    fields["position"] = .integer(Int64(index + 1))
                    return L7PolicyPart(
                        fields: fields, redirectPool: policy["redirect_pool"].string ?? "",
                        rules: (policy["rules"].elements ?? []).map { Self.fields(of: $0, .l7Rule, clearing: false) })
                })
        }
        let pools = (planned["pools"].members ?? [:]).sorted { $0.key < $1.key }.map { key, pool in
            var poolFields = fields(pool, .pool)
            poolFields["name"] = .string(key)
            let monitor = pool["health_monitor"]
            return PoolPart(
                fields: poolFields,
                members: (pool["members"].members ?? [:]).sorted { $0.key < $1.key }.map { key, member in
                    named(key, unless: Places.member(member), member, .member)
                },
                healthMonitor: monitor.members == nil ? [:] : fields(monitor, .healthMonitor))
        }
        var own = fields(planned, .loadBalancer)
        own["provider"] = planned["loadbalancer_provider"].string.map { .string($0) }
        if !clearing, let project = planned["project_id"].string { own["project_id"] = .string(project) }
        self.init(fields: own, listeners: listeners, pools: pools)
    }

    /// The fields of one object. Those that are unknown are left to the service.
    private static func fields(of value: Value, _ schema: DocumentSchema, clearing: Bool) -> Fields {
        var result: Fields = [:]
        for key in schema.changeable + schema.fixed {
            guard let member = value.members?[key],
                member.isWhollyKnown || !member.isUnknown && key == "additional_vips"
            else { continue }
            if member.isNull {
                guard clearing, schema.changeable.contains(key) else { continue }
                // For tags, null would mean that they stay.
                result[key] = key == "tags" ? [] : .null
            } else {
                result[key] = json(member, key)
            }
        }
        return result
    }

    private static func json(_ value: Value, _ key: String) -> JSONValue {
        switch (key, value) {
        case ("http_version", .string(let text)): Double(text).map { .number($0) } ?? .string(text)
        case ("session_persistence", .object(let members)), ("additional_vips", .object(let members)):
            .object(members.filter { $0.value.isKnown }.mapValues(\.json))
        case ("additional_vips", .list(let elements)): .array(elements.map { json($0, key) })
        default: value.json
        }
    }
}

/// How objects without a name of their own are called.
enum Places {
    static func listener(_ value: Value) -> String {
        "\(value["protocol"].string ?? ""):\(value["protocol_port"].integer ?? 0)"
    }

    static func member(_ value: Value) -> String {
        let address = value["address"].string ?? ""
        return (address.contains(":") ? "[\(address)]" : address) + ":\(value["protocol_port"].integer ?? 0)"
    }
}

extension CurrentLoadBalancer {
    /// The state as it is.
    ///
    /// - Parameter known: The plan or the state before, whose order counts where order means nothing.
    func state(known: Value) -> Value {
        var state = Self.value(object)
        state["loadbalancer_provider"] = state["provider"]
        let listenerKeys = Self.keys(listeners.map { ($0.object.name, Places.listener(Self.value($0.object))) })
        var listenerValues: [String: Value] = [:]
        for (key, listener) in zip(listenerKeys, listeners) {
            let before = known["listeners"][key]
            var value = Self.value(listener.object)
            value["default_pool"] = .optional(poolKey(listener.defaultPool))
            value["l7_policies"] = .list(
                listener.l7Policies.enumerated().map { index, policy in
                    var value = Self.value(policy.object)
                    value["redirect_pool"] = .optional(poolKey(policy.redirectPool))
                    let rules = policy.rules.map { Self.value($0) }
                    value["rules"] = .list(Self.ordered(rules, like: before["l7_policies"][index]["rules"]))
                    return value
                })
            listenerValues[key] = value
        }
        state["listeners"] = .object(listenerValues)
        var poolValues: [String: Value] = [:]
        for pool in pools {
            var value = Self.value(pool.object)
            value["health_monitor"] = pool.healthMonitor.map { Self.value($0) } ?? .null
            let members = pool.members.map { Self.value($0) }
            let keys = Self.keys(members.map { ($0["name"].string ?? "", Places.member($0)) })
            value["members"] = .object(Dictionary(zip(keys, members), uniquingKeysWith: { first, _ in first }))
            poolValues[poolKey(pool.object.id) ?? pool.object.id.string] = value
        }
        state["pools"] = .object(poolValues)
        return state.withoutEmptyCollections
    }

    /// The name of a pool in the state.
    private func poolKey(_ id: ResourceID?) -> String? {
        guard let id else { return nil }
        let name = poolName(id) ?? ""
        return name.isEmpty || pools.filter({ $0.object.name == name }).count > 1 ? id.string : name
    }

    /// Names as keys of a map: what has none, or not for itself, is called by its place.
    private static func keys(_ names: [(name: String, place: String)]) -> [String] {
        let counts = Dictionary(names.map { ($0.name, 1) }, uniquingKeysWith: +)
        return names.map { $0.name.isEmpty || counts[$0.name] != 1 ? $0.place : $0.name }
    }

    /// The fields as values: types come from the schema later.
    private static func value(_ object: Object) -> Value {
        var value = Value(plain: .object(object.fields))
        value["id"] = .string(object.id.string)
        if case .number(let version)? = object.fields["http_version"] {
            value["http_version"] = .string(version == 1.0 ? "1.0" : "\(version)")
        } else if case .integer(let version)? = object.fields["http_version"] {
            value["http_version"] = .string("\(version).0")
        }
        // Kinds that have no value of their own for it show nothing.
        if value["session_persistence"].members?.values.allSatisfy(\.isNull) == true {
            value["session_persistence"] = .null
        }
        return value
    }

    /// The rules of a policy in the order of the plan.
    private static func ordered(_ rules: [Value], like known: Value) -> [Value] {
        let names = ["type", "compare_type", "key", "value", "invert"]
        func key(_ rule: Value) -> [Value] { names.map { rule[$0].isEmpty ? .null : rule[$0] } }
        var rest = rules
        var result: [Value] = []
        for wanted in known.elements ?? [] {
            guard let index = rest.firstIndex(where: { key($0) == key(wanted) }) else { continue }
            result.append(rest.remove(at: index))
        }
        return result + rest
    }
}

extension Value {
    /// With null for empty lists and maps, which configurations rather leave out.
    fileprivate var withoutEmptyCollections: Value {
        switch self {
        case .list(let elements): elements.isEmpty ? .null : .list(elements.map(\.withoutEmptyCollections))
        case .object(let members): members.isEmpty ? .null : .object(members.mapValues(\.withoutEmptyCollections))
        default: self
        }
    }

    /// JSON as it is.
    init(plain json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(Number(value))
        case .string(let value): self = .string(value)
        case .array(let elements): self = .list(elements.map { Value(plain: $0) })
        case .object(let members): self = .object(members.mapValues { Value(plain: $0) })
        }
    }
}
