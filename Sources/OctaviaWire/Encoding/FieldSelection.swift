// Which fields of a resource an answer shows.

internal import JSON
internal import LoadBalancing

/// The fields that the client asked for with `fields`; all unless it did. Unknown names select nothing.
public struct FieldSelection: Sendable, Hashable, ExpressibleByArrayLiteral {
    private let names: Set<String>?

    /// Every field.
    public static let all = FieldSelection([])

    /// The fields with these names; no names at all select every field.
    public init(_ names: [String]) {
        self.names = names.isEmpty ? nil : Set(names)
    }

    public init(arrayLiteral names: String...) {
        self.init(names)
    }

    /// Whether an answer shows the field.
    public func contains(_ name: String) -> Bool { names?.contains(name) ?? true }
}

/// Members that are written if they are selected.
extension JSONWriter {
    mutating func field(_ name: String, _ value: String?, in fields: FieldSelection) {
        if fields.contains(name) { member(name, value) }
    }

    mutating func field(_ name: String, _ value: Bool, in fields: FieldSelection) {
        if fields.contains(name) { member(name, value) }
    }

    mutating func field(_ name: String, _ value: Int?, in fields: FieldSelection) {
        if fields.contains(name) { member(name, value) }
    }

    mutating func field(_ name: String, _ value: Double?, in fields: FieldSelection) {
        if fields.contains(name) { member(name, value) }
    }

    mutating func field(_ name: String, _ value: ResourceID?, in fields: FieldSelection) {
        if fields.contains(name) { member(name, value?.string) }
    }

    mutating func field(_ name: String, _ strings: [String]?, in fields: FieldSelection) {
        guard fields.contains(name) else { return }
        if let strings { member(name, strings: strings) } else { nullMember(name) }
    }

    /// Other resources, as a list of objects that have an id only.
    mutating func references(_ name: String, _ ids: some Sequence<ResourceID>, in fields: FieldSelection) {
        guard fields.contains(name) else { return }
        arrayMember(name, ids) { writer, id in
            writer.object { $0.member("id", id.string) }
        }
    }

    /// Full objects inside another.
    mutating func resources(_ name: String, _ views: some Sequence<some JSONWritable>, in fields: FieldSelection) {
        guard fields.contains(name) else { return }
        arrayMember(name, views) { writer, view in view.write(to: &writer) }
    }

    /// The fields that all resources of a tree have. `tenant_id` repeats the project and is selected only together with
    /// it; `status_reason` is there only if there is one.
    mutating func core(_ core: ResourceCore, in fields: FieldSelection) {
        field("provisioning_status", core.provisioningStatus.rawValue, in: fields)
        field("operating_status", core.operatingStatus.rawValue, in: fields)
        field("admin_state_up", core.adminStateUp, in: fields)
        field("project_id", core.projectID, in: fields)
        if fields.contains("project_id") { field("tenant_id", core.projectID, in: fields) }
        if fields.contains("created_at") { member("created_at", core.createdAt.iso8601) }
        if fields.contains("updated_at") { member("updated_at", core.updatedAt?.iso8601) }
        field("tags", core.tags, in: fields)
        if let reason = core.statusReason { field("status_reason", reason, in: fields) }
    }
}
