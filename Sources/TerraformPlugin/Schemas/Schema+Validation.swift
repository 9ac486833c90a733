// Checking a configuration by the rules of its schema.

extension Schema {
    /// Checks what the schema says of values: rules, numbers of blocks, deprecations.
    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        Self.validate(config, attributes, blocks, AttributePath(), &diagnostics)
    }

    private static func validate(
        _ object: Value, _ attributes: [Attribute], _ blocks: [NestedBlock], _ path: AttributePath,
        _ diagnostics: inout Diagnostics
    ) {
        guard object.members != nil else { return }
        for attribute in attributes {
            let value = object[attribute.name]
            let path = path.name(attribute.name)
            guard value.isKnown else { continue }
            if let deprecation = attribute.deprecation {
                diagnostics.warning("\(path) is deprecated", deprecation, at: path)
            }
            for rule in attribute.rules {
                if let problem = rule.problem(value) {
                    diagnostics.error("Wrong value of \(path)", problem, at: path)
                    break
                }
            }
            if case .nested(let nesting, let inner) = attribute.shape {
                for (element, path) in nesting.elements(of: value, path) {
                    validate(element, inner, [], path, &diagnostics)
                }
            }
        }
        for block in blocks {
            let value = object[block.name]
            for (element, path) in block.nesting.elements(of: value, path.name(block.name)) {
                validate(element, block.attributes, block.blocks, path, &diagnostics)
            }
        }
    }
}

extension Attribute.Nesting {
    /// The objects in a value, each with its path.
    func elements(of value: Value, _ path: AttributePath) -> [(Value, AttributePath)] {
        switch (self, value) {
        case (.single, .object): [(value, path)]
        case (.list, .list(let elements)): elements.enumerated().map { ($1, path.index($0)) }
        case (.set, .list(let elements)): elements.map { ($0, path.element($0)) }
        case (.map, .object(let members)): members.sorted { $0.key < $1.key }.map { ($1, path.key($0)) }
        default: []
        }
    }
}

extension Diagnostics {
    /// Says so unless exactly one of some attributes is there; while one of them is unknown, only if two are.
    public mutating func requireOne(of names: [String], in config: Value, at path: AttributePath = AttributePath()) {
        let given = names.filter { config[$0].isKnown }
        let list = names.joined(separator: ", ")
        if given.count > 1 {
            error(
                "\(given[0]) and \(given[1]) exclude each other", "Exactly one of \(list) is needed.",
                at: path.name(given[1]))
        } else if given.isEmpty, !names.contains(where: { config[$0].isUnknown }) {
            error("One of \(list) is missing", "Exactly one of them is needed.", at: path.steps.isEmpty ? nil : path)
        }
    }

    /// Says so if none of some attributes is there.
    public mutating func requireSome(of names: [String], in config: Value, at path: AttributePath = AttributePath()) {
        guard names.allSatisfy({ config[$0].isNull }) else { return }
        error(
            "One of \(names.joined(separator: ", ")) is missing", "At least one of them is needed.",
            at: path.steps.isEmpty ? nil : path)
    }

    /// Says so if several of some attributes are there.
    public mutating func excludeEachOther(_ names: [String], in config: Value, at path: AttributePath = AttributePath())
    {
        let given = names.filter { config[$0].isKnown }
        guard given.count > 1 else { return }
        error(
            "\(given[0]) and \(given[1]) exclude each other",
            "At most one of \(names.joined(separator: ", ")) can be set.", at: path.name(given[1]))
    }
}
