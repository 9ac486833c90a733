// JSON schemas, as far as the document needs them.

internal import JSON

extension OpenAPI {
    /// The schema of one value (JSON Schema 2020-12).
    struct Schema: Sendable, Hashable {
        /// What the value is.
        indirect enum Shape: Sendable, Hashable {
            /// What a component of that name describes.
            case component(String)
            case text(Text)
            case integer(minimum: Int?, maximum: Int?)
            case bool
            /// One of a few values of one JSON type.
            case choice(type: String, [JSONValue])
            case number
            case list(Schema)
            /// An object with these members and no others.
            case object([Member])
            /// An object with any keys.
            case dictionary(of: Schema)
            case anyOf([Schema])
            /// An object of which no more is said.
            case anything
            /// What a component of that name describes, with these members present.
            case complete(String, required: [String])
        }

        /// The limits of a text.
        struct Text: Sendable, Hashable {
            var minimum = 0
            var maximum: Int?
            var pattern: String?
            /// Formats one of which the text has.
            var formats: [String] = []
            var example: String?
        }

        /// A member of an object.
        struct Member: Sendable, Hashable {
            var name: String
            var schema: Schema
            var isRequired: Bool
        }

        var shape: Shape
        /// Whether `null` may stand for the value.
        var isNullable = false
        /// What an absent value stands for.
        var standard: JSONValue?
        var summary: String?
        var isDeprecated = false
        /// Members of an object one of which must be there.
        var alternatives: [String] = []

        init(_ shape: Shape) {
            self.shape = shape
        }

        /// The same schema with a description.
        func described(_ summary: String) -> Schema {
            var copy = self
            copy.summary = summary
            return copy
        }

        /// The same schema, `null` included or not.
        func nullable(_ isNullable: Bool = true) -> Schema {
            var copy = self
            copy.isNullable = isNullable
            return copy
        }
    }
}

extension OpenAPI.Schema: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writeShape(to: &writer)
            if let summary { writer.member("description", summary) }
            if let standard { writer.member("default", standard) }
            if isDeprecated { writer.member("deprecated", true) }
        }
    }

    private func writeShape(to writer: inout JSONWriter) {
        switch shape {
        case .component(let name):
            if isNullable {
                writer.arrayMember("anyOf", [Self.reference(name), nil]) { writer, reference in
                    writer.object { writer in
                        if let reference { writer.member("$ref", reference) } else { writer.member("type", "null") }
                    }
                }
            } else {
                writer.member("$ref", Self.reference(name))
            }
        case .text(let text): write(text, to: &writer)
        case .integer(let minimum, let maximum):
            write(type: "integer", to: &writer)
            if let minimum { writer.member("minimum", minimum) }
            if let maximum { writer.member("maximum", maximum) }
        case .bool: write(type: "boolean", to: &writer)
        case .number: write(type: "number", to: &writer)
        case .choice(let type, let values):
            write(type: type, to: &writer)
            writer.arrayMember("enum", isNullable ? values + [.null] : values) { $0.value($1) }
        case .list(let element):
            write(type: "array", to: &writer)
            writer.member("items", element)
        case .object(let members):
            write(type: "object", to: &writer)
            writer.objectMember("properties") { writer in
                for member in members { writer.member(member.name, member.schema) }
            }
            let required = members.filter(\.isRequired).map(\.name)
            if !required.isEmpty { writer.member("required", strings: required) }
            if !alternatives.isEmpty {
                writer.arrayMember("anyOf", alternatives) { writer, name in
                    writer.object { $0.member("required", strings: [name]) }
                }
            }
            writer.member("additionalProperties", false)
        case .dictionary(let value):
            write(type: "object", to: &writer)
            writer.member("additionalProperties", value)
        case .anyOf(let schemas):
            writer.arrayMember("anyOf", isNullable ? schemas + [.null] : schemas) { $0.value($1) }
        case .anything: write(type: "object", to: &writer)
        case .complete(let name, let required):
            writer.arrayMember("allOf", CollectionOfOne(Self.component(name))) { $0.value($1) }
            writer.member("required", strings: required)
        }
    }

    private func write(_ text: Text, to writer: inout JSONWriter) {
        write(type: "string", to: &writer)
        if text.minimum > 0 { writer.member("minLength", text.minimum) }
        if let maximum = text.maximum { writer.member("maxLength", maximum) }
        if let pattern = text.pattern { writer.member("pattern", pattern) }
        if text.formats.count == 1 {
            writer.member("format", text.formats[0])
        } else if !text.formats.isEmpty {
            // `format` looks at text only, so that null passes here.
            writer.arrayMember("anyOf", text.formats) { writer, format in
                writer.object { $0.member("format", format) }
            }
        }
        if let example = text.example { writer.member("examples", strings: [example]) }
    }

    private func write(type: String, to writer: inout JSONWriter) {
        if isNullable {
            writer.member("type", strings: [type, "null"])
        } else {
            writer.member("type", type)
        }
    }

    /// Where a component of that name stands.
    static func reference(_ name: String) -> String { "#/components/schemas/\(name)" }
}
