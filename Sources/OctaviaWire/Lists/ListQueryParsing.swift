// From the arguments of a URL to what a list request asks for.

public import LoadBalancing

extension ListQuery {
    /// The most objects on a page unless the deployment says otherwise.
    public static let defaultMaximumLimit = 1000

    /// Reads the query of a list of resources of that kind; `arguments` are decoded and in the order of the URL.
    public init(
        parsing arguments: [(name: String, value: String)], kind: ResourceKind,
        maximumLimit: Int = defaultMaximumLimit
    ) throws(OctaviaFault) {
        try self.init(parsing: arguments, schema: .of(kind), maximumLimit: maximumLimit)
    }

    /// Reads the query of a list with those fields.
    ///
    /// - `limit` is at most `maximumLimit`, which also counts when it is absent; 0, a negative number, `infinite` and
    ///   `None` are no limit.
    /// - A boolean filter that is no true word is false; an integer filter that is no number matches nothing.
    /// - Any other argument than `fields` and those of tags may come once only.
    /// - An empty value is a value like others: a marker that does not exist, a field, project or tag of that name.
    public init(
        parsing arguments: [(name: String, value: String)], schema: ListSchema,
        maximumLimit: Int = defaultMaximumLimit
    ) throws(OctaviaFault) {
        self.init()
        var single: [String: String] = [:]
        for (name, value) in arguments {
            switch name {
            case "fields": fields.append(value)
            case "tags": tags += Self.tagList(value)
            case "tags-any": tagsAny += Self.tagList(value)
            case "not-tags": notTags += Self.tagList(value)
            case "not-tags-any": notTagsAny += Self.tagList(value)
            default:
                let field = schema.aliases[name] ?? name
                guard single.updateValue(value, forKey: field) == nil else { throw .invalidListArguments }
                if name == "project_id", schema.hasProjects { continue }
                guard !Self.pageArguments.contains(name) else { continue }
                guard let type = schema.fields[field] else { throw .invalidListArguments }
                filters.append(Filter(field: field, value: Filter.Value(value, type: type)))
            }
        }
        projectID = single["project_id"]
        marker = single["marker"].map { ResourceID($0)?.string ?? $0 }
        isPageReversed = single["page_reverse"] == "True"
        limit = try Self.limit(single["limit"], maximum: maximumLimit)
        sort = try Self.sort(single, schema: schema)
        linkArguments = [("limit", limit.map(String.init) ?? "None")]
        for name in ["sort", "sort_key"] {
            if let value = single[name], !value.isEmpty {
                linkArguments.append((name, value))
                break
            }
        }
    }

    /// Reads the query of a request for one object: `fields` counts, a bad `limit` is refused as in lists, and
    /// everything else is ignored.
    public static func fields(
        parsingSingle arguments: [(name: String, value: String)]
    ) throws(OctaviaFault) -> FieldSelection {
        for (name, value) in arguments where name == "limit" { _ = try limit(value, maximum: defaultMaximumLimit) }
        return FieldSelection(arguments.filter { $0.name == "fields" }.map(\.value))
    }

    /// The selection of fields, for views.
    public var fieldSelection: FieldSelection { FieldSelection(fields) }

    /// Arguments that are no filters.
    private static let pageArguments: Set<String> = [
        "limit", "marker", "page_reverse", "sort", "sort_key", "sort_dir",
    ]

    private static func tagList(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func limit(_ text: String?, maximum: Int) throws(OctaviaFault) -> Int? {
        guard let text else { return maximum }
        if text == "infinite" || text == "None" { return nil }
        guard let number = text.decimalInteger else { throw .invalidLimit(text) }
        return number > 0 ? min(number, maximum) : nil
    }

    private static func sort(
        _ arguments: [String: String], schema: ListSchema
    ) throws(OctaviaFault) -> [SortKey] {
        var pairs: [(key: String, direction: String)] = []
        if let sort = arguments["sort"], !sort.isEmpty {
            for item in sort.split(separator: ",", omittingEmptySubsequences: false) {
                let parts = item.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count <= 2 else { throw .invalidSortItem(parts.map(String.init)) }
                pairs.append((String(parts[0]), parts.count == 2 ? String(parts[1]) : "asc"))
            }
        } else {
            let keys = arguments["sort_key"].map(commaSeparated) ?? []
            let directions = arguments["sort_dir"].map(commaSeparated) ?? []
            for (index, key) in keys.enumerated() {
                pairs.append((key, index < directions.count ? directions[index] : "asc"))
            }
            for direction in directions.dropFirst(keys.count) { _ = try isDescending(direction) }
        }
        var result: [SortKey] = []
        for (key, direction) in pairs {
            let field = schema.aliases[key] ?? key
            let isKnown = schema.fields[field] != nil || schema.hasProjects && field == "project_id"
            guard isKnown, !schema.unsortable.contains(key) else { throw .invalidSortKey(key) }
            let key = SortKey(field: field, isDescending: try isDescending(direction))
            // What is equal in a field stays so when the order names the field again.
            if !result.contains(where: { $0.field == field }) { result.append(key) }
        }
        for field in schema.defaultSort where !result.contains(where: { $0.field == field }) {
            result.append(SortKey(field: field, isDescending: false))
        }
        return result
    }

    private static func commaSeparated(_ text: String) -> [String] {
        text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isDescending(_ direction: String) throws(OctaviaFault) -> Bool {
        switch direction.lowercased() {
        case "asc": return false
        case "desc": return true
        default: throw .invalidSortDirection(direction)
        }
    }
}

extension ListQuery.Filter.Value {
    /// Reads the text of a filter; text that does not fit the type is no error.
    init(_ text: String, type: ListSchema.FieldType) {
        switch type {
        case .text: self = .text(text)
        case .uuid: self = .text(ResourceID(text)?.string ?? text)
        case .integer: self = .integer(text.decimalInteger.map(Int64.init))
        case .real: self = .real(Double(text))
        case .time:
            // Times are shown, and compared, in whole seconds.
            let time = Timestamp(iso8601: text)
            self = .time(time == time?.wholeSecond ? time : nil)
        case .bool:
            self = .bool(["true", "t", "yes", "y", "on", "1"].contains(text.lowercased()))
        }
    }
}
