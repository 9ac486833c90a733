// The providers as the API shows them.

public import JSON

/// The answer of `GET /providers`, which has no links.
public struct ProviderListView: JSONWritable, Sendable {
    /// A provider under one of its names.
    public struct Provider: Sendable, Hashable {
        public var name: String
        public var description: String

        public init(name: String, description: String) {
            self.name = name
            self.description = description
        }
    }

    public var providers: [Provider]

    public init(_ providers: [Provider]) {
        self.providers = providers
    }

    /// The body: `{"providers":[…]}` with the selected fields.
    public func body(fields: FieldSelection = .all) -> [UInt8] {
        JSONWriter.object { writer in
            writer.key("providers")
            write(to: &writer, fields: fields)
        }
    }

    public func write(to writer: inout JSONWriter) { write(to: &writer, fields: .all) }

    private func write(to writer: inout JSONWriter, fields: FieldSelection) {
        writer.array(providers) { writer, provider in
            writer.object { writer in
                writer.field("name", provider.name, in: fields)
                writer.field("description", provider.description, in: fields)
            }
        }
    }
}
