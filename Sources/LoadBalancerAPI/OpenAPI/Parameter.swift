// Parameters: ids in paths, and the queries of lists.

internal import JSON
internal import OctaviaWire

extension OpenAPI {
    /// A parameter in a path or a query.
    struct Parameter: Sendable, Hashable {
        /// How a list of values stands in a URL.
        enum Style: Sendable, Hashable {
            /// `name=a,b`.
            case commas
            /// `name=a&name=b`.
            case repeated
        }

        var name: String
        var isInPath = false
        var isHeader = false
        var schema: Schema
        var summary: String
        var style: Style?
        /// The name of the component that describes it for all operations that share it.
        var component: String?

        /// An id, or a name that identifies.
        static func path(_ name: String) -> Parameter {
            let summary: String
            let schema: Schema
            switch name {
            case "project_id": (summary, schema) = ("The id of a project.", .text(min: 1))
            case "provider": (summary, schema) = ("The name of a provider.", .text(min: 1))
            case "availability_zone_name": (summary, schema) = ("The name of an availability zone.", .text(min: 1))
            default: (summary, schema) = ("An identifier.", .uuid)
            }
            return Parameter(name: name, isInPath: true, schema: schema, summary: summary)
        }

        /// The header that makes a creation safe to repeat.
        static let idempotencyKey = Parameter(
            name: IdempotentRoutes.header, isHeader: true,
            schema: .text(
                min: 1, max: 255, pattern: "^[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?$",
                example: "5f0c5a3e-7c0a-4d0f-9f6d-6f3b9a5f3a10"),
            summary:
                "A name for this request. For 24 hours the same request with the same name gets the first answer again, with the header `Idempotent-Replayed: true`, and another request with it is refused.",
            component: "IdempotencyKey")

        /// A switch in a query.
        static func flag(_ name: String, _ summary: String) -> Parameter {
            Parameter(name: name, schema: .bool, summary: summary)
        }
    }
}

extension OpenAPI.Parameter: JSONWritable {
    func write(to writer: inout JSONWriter) {
        if let component {
            writer.object { $0.member("$ref", "#/components/parameters/\(component)") }
        } else {
            writeWhole(to: &writer)
        }
    }

    /// Appends the parameter itself, be there a component for it or not.
    func writeWhole(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("in", isInPath ? "path" : isHeader ? "header" : "query")
            writer.member("description", summary)
            writer.member("required", isInPath)
            if let style {
                writer.member("style", "form")
                writer.member("explode", style == .repeated)
            }
            writer.member("schema", schema)
        }
    }
}

// MARK: Queries of lists

extension OpenAPI.Parameter {
    /// `fields`, of lists and of single objects.
    static let fields = OpenAPI.Parameter(
        name: "fields", schema: .list(of: .text()),
        summary: "The fields to show, the argument repeated for each; unknown names show nothing.", style: .repeated,
        component: "Fields")

    /// The four filters by tags.
    static let tagFilters: [OpenAPI.Parameter] = [
        tags("tags", "TagsAll", "Only what has all of these tags."),
        tags("tags-any", "TagsAny", "Only what has any of these tags."),
        tags("not-tags", "NotTagsAll", "Only what lacks at least one of these tags."),
        tags("not-tags-any", "NotTagsAny", "Only what has none of these tags."),
    ]

    /// Order and pages.
    static let paging: [OpenAPI.Parameter] = [
        OpenAPI.Parameter(
            name: "sort", schema: .text(),
            summary: "Keys of the order, each with `:asc` or `:desc` if need be. Wins over `sort_key`.",
            component: "Sort"),
        OpenAPI.Parameter(
            name: "sort_key", schema: .text(), summary: "Keys of the order, with commas between them.",
            component: "SortKey"),
        OpenAPI.Parameter(
            name: "sort_dir",
            schema: .text(pattern: "^(asc|desc)(,(asc|desc))*$", example: "asc,desc"),
            summary: "A direction for each key, `asc` or `desc`, with commas between them.",
            component: "SortDirection"),
        OpenAPI.Parameter(
            name: "limit", schema: OpenAPI.Schema(.anyOf([.integer(0...1000), .choice(["infinite"])])),
            summary: "The most objects on a page. 0 and `infinite` are no limit.", component: "Limit"),
        OpenAPI.Parameter(
            name: "marker", schema: .text(), summary: "The id of the object after which the page begins.",
            component: "Marker"),
        OpenAPI.Parameter(
            name: "page_reverse", schema: .choice(["True", "False"]),
            summary: "`True` shows what stands before the marker.", component: "PageReverse"),
        fields,
    ]

    /// All arguments of a list: its filters, those by tags if it has tags, order and pages.
    static func list(_ schema: ListSchema, hasTags: Bool, hasProject: Bool = true) -> [OpenAPI.Parameter] {
        var filters = schema.fields.map { name, type in filter(name, type, "Only what has this value.") }
        for (alias, name) in schema.aliases {
            guard let type = schema.fields[name] else { continue }
            filters.append(filter(alias, type, "Another name of `\(name)`."))
        }
        filters.sort { $0.name < $1.name }
        let project = hasProject ? [filter("project_id", .text, "Only what this project owns.")] : []
        return project + filters + (hasTags ? tagFilters : []) + paging
    }

    private static func filter(_ name: String, _ type: ListSchema.FieldType, _ summary: String) -> OpenAPI.Parameter {
        let schema: OpenAPI.Schema =
            switch type {
            case .text: .text()
            case .uuid: .uuid
            case .integer: OpenAPI.Schema(.integer(minimum: nil, maximum: nil))
            case .bool: .bool
            case .real: OpenAPI.Schema(.number)
            case .time: .text()
            }
        return OpenAPI.Parameter(name: name, schema: schema, summary: summary)
    }

    private static func tags(_ name: String, _ component: String, _ summary: String) -> OpenAPI.Parameter {
        OpenAPI.Parameter(
            name: name, schema: .list(of: .text()), summary: summary, style: .commas, component: component)
    }
}
