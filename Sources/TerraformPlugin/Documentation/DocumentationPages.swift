// Pages about a provider in the form of Terraform's registry, made from its schemas.

/// The documentation of a provider: what schemas say, and examples.
public struct DocumentationPages: Sendable {
    /// The page's path below the folder of all pages → Markdown.
    public private(set) var pages: [String: String] = [:]

    /// Makes the pages `index.md`, `resources/TYPE.md` and `data-sources/TYPE.md`.
    ///
    /// - Parameters:
    ///   - name: The provider's name, such as `disk`.
    ///   - example: The text of an example by its name: `provider`, `TYPE`, and `data-TYPE` of data sources; `nil` if
    ///     there is none.
    public init(_ provider: some PluginProvider, name: String, example: (String) throws -> String?) rethrows {
        let introduction = "Provider \(name)"
        pages["index.md"] = Self.page(introduction, provider.schema, try example("provider"), importForm: nil)
        for resource in provider.resources {
            let type = resource.typeName
            pages["resources/\(type).md"] = Self.page(
                "\(type) (Resource)", resource.schema, try example(type), importForm: (type, resource.importForm))
        }
        for source in provider.dataSources {
            let type = source.typeName
            pages["data-sources/\(type).md"] = Self.page(
                "\(type) (Data Source)", source.schema, try example("data-\(type)"), importForm: nil)
        }
    }

    private static func page(
        _ title: String, _ schema: Schema, _ example: String?, importForm: (type: String, form: String)?
    ) -> String {
        let summary = schema.description.split(separator: "\n").first ?? ""
        var text = """
            ---
            page_title: "\(title)"
            description: |-
              \(summary)
            ---

            # \(title)

            \(schema.description)

            """
        if let deprecation = schema.deprecation { text += "\n~> **Deprecated.** \(deprecation)\n" }
        if let example { text += "\n## Example\n\n```terraform\n\(example.trimmingNewlines)\n```\n" }
        text += "\n## Schema\n" + attributes(schema.attributes, schema.blocks, heading: "###", anchor: "nested")
        if let (type, form) = importForm {
            text += "\n## Import\n\n```shell\nterraform import \(type).example \(form)\n```\n"
        }
        return text
    }

    /// The attributes of one level, and below them those of what is nested.
    ///
    /// - Parameter anchor: The beginning of the names of links to what is nested.
    private static func attributes(
        _ attributes: [Attribute], _ blocks: [NestedBlock], heading: String, anchor: String
    ) -> String {
        var text = ""
        var inner: [(name: String, attributes: [Attribute], blocks: [NestedBlock])] = []
        func line(_ name: String, _ kind: String, _ description: String, _ nested: Bool) -> String {
            let link = nested ? " See [below](#\(anchor)-\(name))." : ""
            return "- `\(name)` (\(kind)) \(description)\(link)\n"
        }
        let groups: [(title: String, usages: [Attribute.Usage])] = [
            ("Required", [.required]), ("Optional", [.optional, .optionalComputed]), ("Read-Only", [.computed]),
        ]
        for (title, usages) in groups {
            var lines: [(name: String, text: String)] = []
            for attribute in attributes where usages.contains(attribute.usage) {
                var isNested = false
                if case .nested(_, let attributes) = attribute.shape {
                    isNested = true
                    inner.append((attribute.name, attributes, []))
                }
                lines.append(
                    (attribute.name, line(attribute.name, attribute.kinds, attribute.explanation, isNested)))
            }
            for block in blocks where (block.minimum > 0) == (title == "Required") && title != "Read-Only" {
                inner.append((block.name, block.attributes, block.blocks))
                lines.append((block.name, line(block.name, block.kinds, block.description, true)))
            }
            guard !lines.isEmpty else { continue }
            text += "\n\(heading) \(title)\n\n" + lines.sorted { $0.name < $1.name }.map(\.text).joined()
        }
        for part in inner.sorted(by: { $0.name < $1.name }) {
            let anchor = "\(anchor)-\(part.name)"
            text += "\n<a id=\"\(anchor)\"></a>\n### `\(part.name)`\n"
            text += Self.attributes(part.attributes, part.blocks, heading: "####", anchor: anchor)
        }
        return text
    }
}

extension Attribute {
    /// What stands in parentheses.
    fileprivate var kinds: String {
        let type =
            switch shape {
            case .value(let type): type.fullLabel
            case .nested(.single, _): "Object"
            case .nested(.list, _): "List of objects"
            case .nested(.set, _): "Set of objects"
            case .nested(.map, _): "Map of objects"
            }
        var kinds = [type]
        if requiresReplacement { kinds.append("another value makes a new object") }
        if isSensitive { kinds.append("sensitive") }
        return kinds.joined(separator: ", ")
    }

    /// The description with what else the schema says.
    fileprivate var explanation: String {
        var parts = [description]
        if !rules.isEmpty { parts.append("Allowed: " + rules.map(\.allowed).joined(separator: "; ") + ".") }
        if let defaultValue { parts.append("Default: `\(defaultValue)`.") }
        if let deprecation { parts.append("**Deprecated.** \(deprecation)") }
        return parts.joined(separator: " ")
    }
}

extension NestedBlock {
    fileprivate var kinds: String {
        if name == "timeouts" { return "Block" }
        let count = maximum == 1 || nesting == .single ? "Block, at most one" : "Any number of blocks"
        return count + (requiresReplacement ? ", another value makes a new object" : "")
    }
}

extension ValueType {
    /// The label, with the members of objects.
    fileprivate var fullLabel: String {
        switch self {
        case .object(let members):
            "Object with "
                + members.sorted { $0.key < $1.key }.map { "`\($0.key)` (\($0.value.label))" }.joined(separator: ", ")
        case .list(.object(let members)): "List: " + ValueType.object(members).fullLabel
        case .set(.object(let members)): "Set: " + ValueType.object(members).fullLabel
        case .map(.object(let members)): "Map: " + ValueType.object(members).fullLabel
        default: label
        }
    }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
