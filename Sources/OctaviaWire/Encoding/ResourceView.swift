// What every resource's answers have in common: the envelopes.

public import JSON

/// A resource as the API shows it: its own fields and references to others.
public protocol ResourceView: JSONWritable, Sendable {
    /// The key of one resource in an answer, such as `listener`.
    static var key: String { get }
    /// The key of a list of them, such as `listeners`.
    static var collectionKey: String { get }
    /// The key of the links to other pages of a list, such as `listeners_links`.
    static var linksKey: String { get }

    /// Appends the resource as one object with the selected fields.
    func write(to writer: inout JSONWriter, fields: FieldSelection)
}

extension ResourceView {
    public static var linksKey: String { collectionKey + "_links" }

    /// Appends the resource as one object with all fields.
    public func write(to writer: inout JSONWriter) { write(to: &writer, fields: .all) }

    /// The body of an answer with one resource: `{"listener":{…}}`.
    public func body(fields: FieldSelection = .all) -> [UInt8] {
        JSONWriter.object { writer in
            writer.key(Self.key)
            write(to: &writer, fields: fields)
        }
    }

    /// The body of an answer with a list: `{"listeners":[…],"listeners_links":[…]}`.
    public static func listBody(
        _ views: some Collection<Self>, links: [ListLink] = [], fields: FieldSelection = .all
    ) -> [UInt8] {
        // Most objects take between 500 and 1500 bytes.
        var writer = JSONWriter(reservingCapacity: 256 + 1024 * views.count)
        writer.object { writer in
            writer.arrayMember(collectionKey, views) { writer, view in view.write(to: &writer, fields: fields) }
            writer.arrayMember(linksKey, links) { writer, link in link.write(to: &writer) }
        }
        return writer.bytes
    }
}
