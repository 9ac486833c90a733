// A data source that finds one object by its id, its name or other fields.

internal import JSON
internal import LoadBalancerDocuments
internal import LoadBalancing
internal import OctaviaClient
internal import TerraformPlugin

/// Finds the one object that meets all conditions of a configuration; none and several are errors.
struct LookupDataSource<Object: CloudResource>: DataSource {
    typealias Client = Cloud

    let typeName: String
    let schema: Schema
    /// The attribute with the object's id, such as `listener_id`.
    let idName: String
    /// Other attributes that are conditions if the configuration has them.
    let conditions: [String]
    /// Attribute → field, where they are called otherwise.
    var fieldNames: [String: String] = [:]
    /// Attributes that are not fields of the object, besides its id and region: what the configuration has unless
    /// ``complete`` says otherwise.
    var localNames: Set<String> = []
    /// Attributes that exclude ``idName``. Without it one of them must be there if ``needsOne``.
    var alternatives = ["name"]
    var needsOne = true
    /// The collection that the object is in.
    let collection: @Sendable (Value, Cloud) throws -> ResourceCollection<Object>
    /// Conditions that the service cannot check.
    var localConditions: Set<String> = []
    /// Whether an object meets ``localConditions``.
    var isMatch: @Sendable (Value, Row<Object>) -> Bool = { _, _ in true }
    /// Completes a state with what is not a field of the object, or is one of another form.
    var complete: @Sendable (inout Value, Row<Object>, Cloud) async throws -> Void = { _, _, _ in }

    func validate(_ config: Value, _ diagnostics: inout Diagnostics) {
        if needsOne {
            diagnostics.requireOne(of: [idName] + alternatives, in: config)
        } else {
            for name in alternatives { diagnostics.excludeEachOther([idName, name], in: config) }
        }
    }

    func read(_ config: Value, _ operation: OperationContext<Cloud>) async throws -> Value {
        let cloud = operation.client
        var found: [Row<Object>] = []
        let objects = try collection(config, cloud).reading(as: Row<Object>.self)
        for try await object in objects.list(filters(config), pageSize: 100) where isMatch(config, object) {
            found.append(object)
            if found.count > 5 { break }
        }
        guard let object = found.first, found.count == 1 else { throw problem(found, config) }
        let mapping = FieldMapping(schema, fieldNames, localNames.union([idName]))
        var state = mapping.state(of: object.fields, known: config)
        for name in localNames { state[name] = config[name] }
        state["id"] = .string(object.reference)
        state[idName] = .string(object.reference)
        state["region"] = config.region(cloud)
        try await complete(&state, object, cloud)
        return state
    }

    private func filters(_ config: Value) -> [Filter] {
        ([idName] + alternatives + conditions).compactMap { name in
            let value = config[name]
            guard !value.isEmpty, !localConditions.contains(name) else { return nil }
            switch name {
            case idName: return .field("id", equals: value.string ?? "")
            case "tags": return .tags(all: value.strings)
            case "tags_any": return .tags(any: value.strings)
            case "tags_not": return .tags(notAll: value.strings)
            case "tags_not_any": return .tags(none: value.strings)
            default: return .field(fieldNames[name] ?? name, equals: value.string ?? "\(value)")
            }
        }
    }

    private func problem(_ found: [Row<Object>], _ config: Value) -> Diagnostic {
        let given = ([idName] + alternatives + conditions).filter { !config[$0].isEmpty }
        let words = given.map { "\($0) = \(config[$0])" }.joined(separator: ", ")
        let wanted = words.isEmpty ? Object.term : "\(Object.term) with \(words)"
        let path = given.first.map { AttributePath.attribute($0) }
        if found.isEmpty {
            return Diagnostic(
                .error, "There is no \(wanted)", "It is not there, or it is in a project of others.", at: path)
        }
        let ids = found.prefix(5).map(\.reference).joined(separator: ", ") + (found.count > 5 ? ", …" : "")
        return Diagnostic(
            .error, "There is more than one \(wanted)", "Add conditions, or give one of these as \(idName): \(ids)",
            at: path)
    }
}
