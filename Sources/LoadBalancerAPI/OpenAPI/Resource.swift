// A resource's table of fields, and the schemas that follow from it.

internal import JSON

extension OpenAPI {
    /// A resource: its names and its fields.
    struct Resource: Sendable {
        /// The name of its schemas, such as `HealthMonitor`.
        var name: String
        /// The key around one in bodies, such as `healthmonitor`.
        var key: String
        /// The key around a list, such as `healthmonitors`.
        var collectionKey: String
        /// The key of a list's links.
        var linksKey: String
        var fields: [Field]
        /// Fields one of which a POST must have.
        var alternatives: [String] = []

        /// A named schema.
        typealias Component = (name: String, schema: Schema)

        /// The body of a POST, without its envelope.
        var createComponent: Component {
            var schema = Schema.object(fields.compactMap { $0.requestMember($0.post, isUpdate: false) })
            schema.alternatives = alternatives
            return ("\(name)Create", schema)
        }

        /// The resource inside a load balancer that is created with everything below it.
        var treeComponent: Component {
            ("\(name)InTree", .object(fields.compactMap { $0.requestMember($0.tree, isUpdate: false) }))
        }

        /// The body of a PUT, without its envelope.
        var updateComponent: Component {
            ("\(name)Update", .object(fields.compactMap { $0.requestMember($0.put, isUpdate: true) }))
        }

        /// Answers: with all fields, and with those that a client selected.
        var answerComponents: [Component] {
            let members = fields.compactMap(\.answerMember)
            let selection = members.map { Schema.Member(name: $0.name, schema: $0.schema, isRequired: false) }
            return [
                (
                    name,
                    Schema(.complete("\(name)Fields", required: members.filter(\.isRequired).map(\.name)))
                        .described("All fields.")
                ),
                ("\(name)Fields", Schema.object(selection).described("The fields that `fields` names.")),
            ]
        }

        /// The answer to the creation of the resource as part of a load balancer, some fields left out or replaced.
        func answer(without names: Set<String> = [], replacing replacements: [Schema.Member]) -> Schema {
            let left = names.union(replacements.map(\.name))
            return .object(fields.filter { !left.contains($0.name) }.compactMap(\.answerMember) + replacements)
        }

        /// An answer with one resource, all fields.
        var one: Schema { .envelope(key, .component(name)) }

        /// An answer with one resource of which the client may have selected fields.
        var selected: Schema { .envelope(key, selection) }

        /// An answer with a page of resources.
        var page: Schema {
            .object([
                .init(name: collectionKey, schema: .list(of: selection), isRequired: true),
                .init(name: linksKey, schema: .list(of: .component("Link")), isRequired: true),
            ])
        }

        private var selection: Schema {
            Schema(.anyOf([.component(name), .component("\(name)Fields")]))
        }
    }
}

extension OpenAPI.Schema {
    /// An object with one member.
    static func envelope(_ key: String, _ schema: Self) -> Self {
        .object([Member(name: key, schema: schema, isRequired: true)])
    }
}

extension OpenAPI.Field {
    fileprivate func requestMember(_ acceptance: Acceptance, isUpdate: Bool) -> OpenAPI.Schema.Member? {
        guard acceptance != .refused else { return nil }
        var member = (isUpdate ? putSchema ?? schema : schema).nullable(acceptance == .nullable).described(summary)
        if !isUpdate { member.standard = standard }
        member.isDeprecated = isDeprecated
        return .init(name: name, schema: member, isRequired: acceptance == .required)
    }

    fileprivate var answerMember: OpenAPI.Schema.Member? {
        guard answer != .hidden else { return nil }
        var member = (shownSchema ?? schema).nullable(answer == .nullable).described(summary)
        member.isDeprecated = isDeprecated
        return .init(name: name, schema: member, isRequired: answer != .sometimes)
    }
}
