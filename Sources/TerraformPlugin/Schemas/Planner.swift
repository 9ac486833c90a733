// From configuration and state to the state that is planned.

/// Plans by the rules of a schema what an apply will make of a resource.
///
/// What the configuration has counts. What it does not have becomes the default; else, where the provider chooses, it
/// stays as it is in the state, or is unknown while there is no state.
struct Planner {
    private var replacements: [AttributePath] = []

    /// - Parameters:
    ///   - prior: Null for a resource that is to be made.
    /// - Returns: The planned state, and the attributes whose change needs a new resource.
    static func plan(
        _ schema: Schema, config: Value, prior: Value
    ) -> (planned: Value, replacements: [AttributePath]) {
        var planner = Planner()
        let planned = planner.object(config, prior, schema.attributes, schema.blocks, AttributePath())
        return (planned, planner.replacements)
    }

    private mutating func object(
        _ config: Value, _ prior: Value, _ attributes: [Attribute], _ blocks: [NestedBlock], _ path: AttributePath
    ) -> Value {
        guard config.members != nil else { return config }
        var planned: [String: Value] = [:]
        // Whether something is different: in this object itself, or in those inside as well.
        var isChanged = false
        var isChangedInside = false
        for attribute in attributes {
            let path = path.name(attribute.name)
            let old = prior[attribute.name]
            let new = value(config[attribute.name], prior, old, attribute, path)
            planned[attribute.name] = new
            guard !prior.isNull, !new.isEquivalent(to: old, attribute.type) else { continue }
            isChangedInside = true
            if case .value = attribute.shape { isChanged = true }
            if attribute.requiresReplacement { replacements.append(path) }
        }
        for block in blocks {
            let path = path.name(block.name)
            let old = prior[block.name]
            let new = elements(
                config[block.name], old, block.nesting, block.identity, block.attributes, block.blocks, path)
            planned[block.name] = new
            guard !prior.isNull, !new.isEquivalent(to: old, block.type) else { continue }
            isChangedInside = true
            if block.requiresReplacement { replacements.append(path) }
        }
        for attribute in attributes where isChangedInside && attribute.isComputed && attribute.defaultValue == nil {
            guard config[attribute.name].isNull || attribute.usage == .computed else { continue }
            let mayAppear = isChanged && !attribute.staysAbsent && prior[attribute.name].isNull
            if attribute.changesWithUpdates || mayAppear { planned[attribute.name] = .unknown }
        }
        return .object(planned)
    }

    private mutating func value(
        _ config: Value, _ owner: Value, _ old: Value, _ attribute: Attribute, _ path: AttributePath
    ) -> Value {
        if !config.isNull, attribute.usage != .computed {
            guard case .nested(let nesting, let inner) = attribute.shape else { return config }
            return elements(config, old, nesting, attribute.identity, inner, [], path)
        }
        if let standard = attribute.defaultValue {
            return standard.isEmpty && old.isEmpty && !owner.isNull ? old : standard
        }
        guard attribute.isComputed else { return .null }
        return owner.isNull ? .unknown : old
    }

    private mutating func elements(
        _ config: Value, _ prior: Value, _ nesting: Attribute.Nesting, _ identity: [String],
        _ attributes: [Attribute], _ blocks: [NestedBlock], _ path: AttributePath
    ) -> Value {
        switch (nesting, config) {
        case (.single, .object):
            return object(config, Self.same(config, prior, identity), attributes, blocks, path)
        case (.map, .object(let members)):
            return .object(
                Dictionary(
                    members.map { key, element in
                        let old = Self.same(element, prior[key], identity)
                        return (key, object(element, old, attributes, blocks, path.key(key)))
                    }, uniquingKeysWith: { first, _ in first }))
        case (.list, .list(let elements)):
            var old = PriorElements(prior.elements ?? [], identity)
            return .list(
                elements.enumerated().map { index, element in
                    let match = identity.isEmpty ? prior[index] : old.take(element)
                    return object(element, match, attributes, blocks, path.index(index))
                })
        case (.set, .list(let elements)):
            let keys =
                identity.isEmpty
                ? attributes.filter { $0.usage != .computed && !$0.isComputed }.map(\.name) : identity
            var old = PriorElements(prior.elements ?? [], keys)
            return .list(
                elements.map { element in object(element, old.take(element), attributes, blocks, path.element(element))
                })
        default: return config
        }
    }
}

extension Planner {
    /// The object of the state, or null if what identifies it is different, so that it is another one.
    private static func same(_ config: Value, _ prior: Value, _ identity: [String]) -> Value {
        let isSame = identity.allSatisfy { name in
            config[name] == prior[name] || config[name].isEmpty
        }
        return isSame ? prior : .null
    }
}

/// The elements of a state, each of which is found once by the values that identify it.
private struct PriorElements {
    private let identity: [String]
    private var elements: [[Value]: [Value]] = [:]

    init(_ elements: [Value], _ identity: [String]) {
        self.identity = identity
        for element in elements { self.elements[key(element), default: []].append(element) }
    }

    private func key(_ element: Value) -> [Value] {
        identity.map { element[$0].isEmpty ? .null : element[$0] }
    }

    mutating func take(_ element: Value) -> Value {
        let key = key(element)
        guard let found = elements[key]?.first else { return .null }
        elements[key]?.removeFirst()
        return found
    }
}
