// Lists of resources: filters, order, pages.

internal import LoadBalancing

/// What to list.
public struct ListRequest: Sendable {
    /// A column has a value, or one in a range; an absent value matches nothing.
    public struct Condition: Sendable {
        public var column: String
        public var value: DatabaseValue?
        /// When present, all values from `value` to before this one match.
        public var end: DatabaseValue?

        public init(column: String, value: DatabaseValue?, below end: DatabaseValue? = nil) {
            self.column = column
            self.value = value
            self.end = end
        }
    }

    /// One key of the order.
    public struct Order: Sendable {
        public var column: String
        public var isDescending: Bool

        public init(column: String, isDescending: Bool) {
            self.column = column
            self.isDescending = isDescending
        }
    }

    /// All must hold.
    public var conditions: [Condition]
    public var tags: [String]
    public var tagsAny: [String]
    public var notTags: [String]
    public var notTagsAny: [String]
    /// Ends with a key that is unique.
    public var order: [Order]
    public var limit: Int?
    /// The list begins after this resource, or ends before it when the page is reversed.
    /// Named by what identifies it: its id, or its name where it has none.
    public var marker: String?
    public var isPageReversed: Bool

    public init(
        conditions: [Condition] = [], tags: [String] = [], tagsAny: [String] = [], notTags: [String] = [],
        notTagsAny: [String] = [],
        order: [Order] = [.init(column: "created_at", isDescending: false), .init(column: "id", isDescending: false)],
        limit: Int? = nil, marker: String? = nil, isPageReversed: Bool = false
    ) {
        self.conditions = conditions
        self.tags = tags
        self.tagsAny = tagsAny
        self.notTags = notTags
        self.notTagsAny = notTagsAny
        self.order = order
        self.limit = limit
        self.marker = marker
        self.isPageReversed = isPageReversed
    }
}

/// Why a list cannot be made.
public enum ListFault: Error, Sendable, Hashable {
    case unknownColumn(String)
    case unknownMarker(String)
}

/// Lists resources inside a transaction.
public struct TreeListing {
    private let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    /// The resources that the request describes.
    ///
    /// - Throws: ``ListFault``, ``DatabaseFault``.
    public func list<Record: ListedRecord>(_ type: Record.Type, _ request: ListRequest) throws -> [Record] {
        let known = Set(Record.columns)
        var clauses: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        for condition in request.conditions {
            guard known.contains(condition.column) else { throw ListFault.unknownColumn(condition.column) }
            guard let value = condition.value else { return [] }
            if let end = condition.end {
                clauses.append("\(condition.column) >= ? AND \(condition.column) < ?")
                arguments.append(value)
                arguments.append(end)
            } else if value == .null {
                clauses.append("\(condition.column) IS NULL")
            } else {
                clauses.append("\(condition.column) = ?")
                arguments.append(value)
            }
        }
        addTagClauses(request, Record.table, &clauses, &arguments)
        if let marker = request.marker {
            try addMarkerClause(Record.self, marker, request, &clauses, &arguments)
        }
        var sql = Record.selection
        if !clauses.isEmpty { sql += " WHERE " + clauses.joined(separator: " AND ") }
        let order = try request.order.map { key in
            guard known.contains(key.column) || SortColumn.isComputed(key.column, of: Record.table) else {
                throw ListFault.unknownColumn(key.column)
            }
            return SortColumn(key.column).expression + (key.isDescending ? " DESC" : "")
        }
        if !order.isEmpty { sql += " ORDER BY " + order.joined(separator: ", ") }
        if let limit = request.limit {
            sql += " LIMIT ?"
            arguments.append(limit)
        }
        return try connection.query(sql, arguments) { Record(row: $0) }
    }

    private func addTagClauses(
        _ request: ListRequest, _ table: String, _ clauses: inout [String],
        _ arguments: inout [any DatabaseValueConvertible]
    ) {
        func count(_ tags: [String]) -> String {
            let marks = Array(repeating: "?", count: tags.count).joined(separator: ",")
            arguments += tags
            return "(SELECT COUNT(*) FROM resource_tag t WHERE t.resource_id = \(table).id AND t.tag IN (\(marks)))"
        }
        let all = Array(Set(request.tags)).sorted()
        if !all.isEmpty { clauses.append("\(count(all)) = \(all.count)") }
        if !request.tagsAny.isEmpty { clauses.append("\(count(request.tagsAny)) > 0") }
        let notAll = Array(Set(request.notTags)).sorted()
        if !notAll.isEmpty { clauses.append("\(count(notAll)) < \(notAll.count)") }
        if !request.notTagsAny.isEmpty { clauses.append("\(count(request.notTagsAny)) = 0") }
    }

    /// Adds "comes after the marker in this order", which needs no OFFSET and so costs the same for every page.
    private func addMarkerClause<Record: ListedRecord>(
        _ type: Record.Type, _ marker: String, _ request: ListRequest, _ clauses: inout [String],
        _ arguments: inout [any DatabaseValueConvertible]
    ) throws {
        let keys = request.order.map { (SortColumn($0.column), $0.isDescending) }
        let selection = keys.map(\.0.expression).joined(separator: ", ")
        let identifier = Record.columns.first ?? "id"
        let values = try connection.first(
            "SELECT \(selection) FROM \(Record.table) WHERE \(identifier) = ?", [marker]
        ) { row in
            var values: [DatabaseValue] = []
            for (index, key) in keys.enumerated() {
                values.append(key.0.isNumber ? .real(row.optionalReal(index) ?? 0) : .text(row.text(index)))
            }
            return values
        }
        guard let values else { throw ListFault.unknownMarker(marker) }
        var alternatives: [String] = []
        for last in keys.indices {
            var parts: [String] = []
            for index in 0...last {
                let (column, isDescending) = keys[index]
                let isForward = isDescending == request.isPageReversed
                parts.append("\(column.expression) \(index < last ? "=" : isForward ? ">" : "<") ?")
                arguments.append(values[index])
            }
            alternatives.append("(" + parts.joined(separator: " AND ") + ")")
        }
        clauses.append("(" + alternatives.joined(separator: " OR ") + ")")
        // Follows from the above; an index of the first key begins there instead of at the first row of all.
        if let (column, isDescending) = keys.first {
            clauses.append("\(column.expression) \(isDescending == request.isPageReversed ? ">=" : "<=") ?")
            arguments.append(values[0])
        }
    }
}

/// A column as part of an order, in which NULL counts as the smallest value on every engine.
private struct SortColumn {
    private static let numbers: Set<String> = [
        "admin_state_up", "created_at", "updated_at", "generation", "is_being_deleted", "owns_vip_port",
        "protocol_port", "connection_limit", "timeout_client_data", "timeout_member_connect", "timeout_member_data",
        "timeout_tcp_inspect", "hsts_max_age", "hsts_include_subdomains", "hsts_preload", "tls_enabled", "weight",
        "backup", "monitor_port", "delay", "timeout", "max_retries", "max_retries_down", "http_version",
        "redirect_http_code", "position", "invert", "enabled", "load_balancer", "listener", "pool", "member",
        "health_monitor", "l7policy", "l7rule", "duration", "occurrences",
    ]
    /// What is not a column but can be worked out: a pool's monitor.
    private static let computed = [
        "healthmonitor_id": "COALESCE((SELECT MIN(id) FROM health_monitor WHERE pool_id = pool.id), '')"
    ]
    private static let neverNull: Set<String> = ["id", "project_id", "name", "created_at", "position"]

    let expression: String
    let isNumber: Bool

    /// Whether a table can be sorted by something that it has no column for.
    static func isComputed(_ column: String, of table: String) -> Bool {
        table == Pool.table && computed[column] != nil
    }

    init(_ column: String) {
        isNumber = Self.numbers.contains(column)
        if let computed = Self.computed[column] {
            expression = computed
            return
        }
        expression =
            Self.neverNull.contains(column) ? column : isNumber ? "COALESCE(\(column), -2)" : "COALESCE(\(column), '')"
    }
}
