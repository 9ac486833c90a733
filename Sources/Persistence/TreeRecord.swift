// How resources of a tree are rows.

internal import JSON
public import LoadBalancing

/// Something with a table of its own that can be listed.
public protocol ListedRecord: Sendable {
    /// The name of the table.
    static var table: String { get }
    /// All columns, in the order in which ``init(row:)`` reads them.
    static var columns: [String] { get }
    /// The start of a query for whole rows; kept where rows are read often.
    static var selection: String { get }
    /// Makes a value of a row that has ``columns``.
    init(row: borrowing DatabaseRow)
}

extension ListedRecord {
    public static var selection: String { wholeRows }

    static var wholeRows: String { "SELECT \(columns.joined(separator: ", ")) FROM \(table)" }
}

/// A resource of a tree with a table of its own.
public protocol TreeRecord: TreeResource, ListedRecord {
    /// The columns after the common ones, in the order in which ``init(core:row:)`` reads them.
    static var ownColumns: [String] { get }
    /// Makes a resource of a row whose own columns begin at ``TreeColumns/coreCount``.
    init(core: ResourceCore, row: borrowing DatabaseRow)
    /// The values of ``ownColumns``.
    var ownValues: [any DatabaseValueConvertible] { get }
}

/// The columns that all resources share.
enum TreeColumns {
    static let core = [
        "id", "project_id", "admin_state_up", "provisioning_status", "operating_status", "tags", "created_at",
        "updated_at", "generation", "status_reason", "is_being_deleted",
    ]
    static let coreCount = core.count
}

extension TreeRecord {
    /// Reads a row that ``selection`` gave.
    public init(row: borrowing DatabaseRow) {
        let core = ResourceCore(
            id: row.resourceID(0), projectID: row.text(1), adminStateUp: row.bool(2),
            provisioningStatus: row.word(3, default: .error), operatingStatus: row.word(4, default: .offline),
            tags: StoredList.strings(row.text(5)), createdAt: row.timestamp(6), updatedAt: row.optionalTimestamp(7),
            generation: row.integer(8), statusReason: row.optionalText(9), isBeingDeleted: row.bool(10))
        self.init(core: core, row: row)
    }

    /// All values, in the order of ``columns``.
    var values: [any DatabaseValueConvertible] {
        [
            core.id, core.projectID, core.adminStateUp, core.provisioningStatus.rawValue,
            core.operatingStatus.rawValue, StoredList.text(core.tags), core.createdAt, core.updatedAt,
            core.generation, core.statusReason, core.isBeingDeleted,
        ] + ownValues
    }
}

/// Lists and maps inside one column, as JSON.
enum StoredList {
    static func text(_ strings: [String]) -> String {
        strings.isEmpty ? "[]" : json { writer in writer.array(strings) { $0.value($1) } }
    }

    static func optionalText(_ strings: [String]?) -> String? { strings.map { text($0) } }

    static func strings(_ text: String) -> [String] {
        text == "[]" ? [] : (try? JSONValue(parsing: text.utf8))?.array?.compactMap(\.string) ?? []
    }

    static func optionalStrings(_ text: String?) -> [String]? { text.map { strings($0) } }

    static func text(_ map: [String: String]) -> String {
        map.isEmpty
            ? "{}"
            : json { writer in
                writer.object { writer in
                    for key in map.keys.sorted() { writer.member(key, map[key]) }
                }
            }
    }

    static func map(_ text: String) -> [String: String] {
        text == "{}" ? [:] : (try? JSONValue(parsing: text.utf8))?.object?.compactMapValues(\.string) ?? [:]
    }

    /// Text by whole numbers, which are names in JSON.
    static func text(numbered map: [Int: String]) -> String {
        text([String: String](uniqueKeysWithValues: map.map { (String($0.key), $0.value) }))
    }

    static func numbered(_ text: String) -> [Int: String] {
        guard text != "{}" else { return [:] }
        return [Int: String](map(text).compactMap { name, value in Int(name).map { ($0, value) } }) { first, _ in first
        }
    }

    static func json(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(reservingCapacity: 128)
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
