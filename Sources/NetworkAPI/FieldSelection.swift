// Which fields of an object a client wants.

internal import JSON
internal import LoadBalancing
internal import Networking

/// Writes the fields that the query's `fields` arguments name; all when there are none.
struct FieldSelection: Sendable {
    /// `nil` is all.
    let names: Set<String>?

    func contains(_ name: String) -> Bool { names?.contains(name) ?? true }

    func write(_ name: String, _ value: String?, _ writer: inout JSONWriter) {
        if contains(name) { writer.member(name, value) }
    }

    func write(_ name: String, _ value: Bool, _ writer: inout JSONWriter) {
        if contains(name) { writer.member(name, value) }
    }

    func write(_ name: String, _ value: Int?, _ writer: inout JSONWriter) {
        if contains(name) { writer.member(name, value) }
    }

    func write(_ name: String, strings: [String], _ writer: inout JSONWriter) {
        if contains(name) { writer.member(name, strings: strings) }
    }

    func writeNull(_ name: String, _ writer: inout JSONWriter) {
        if contains(name) { writer.nullMember(name) }
    }

    func write<Element>(
        _ name: String, _ elements: [Element], _ writer: inout JSONWriter,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        if contains(name) {
            writer.arrayMember(name, elements) { writer, element in writer.object { body(&$0, element) } }
        }
    }

    /// What every object has. Floating IPs and rules have no name.
    func write(_ header: NetworkObjectHeader, hasName: Bool = true, _ writer: inout JSONWriter) {
        write("id", header.id.string, &writer)
        if hasName { write("name", header.name, &writer) }
        write("tenant_id", header.projectID, &writer)
        write("project_id", header.projectID, &writer)
        write("description", header.description, &writer)
        write("tags", strings: header.tags, &writer)
        write("revision_number", Int(header.revision), &writer)
        write("created_at", header.createdAt.iso8601ZuluSeconds, &writer)
        write("updated_at", header.updatedAt.iso8601ZuluSeconds, &writer)
    }
}
