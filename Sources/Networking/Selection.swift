// The WHERE clause of a list query.

import LoadBalancing
import Persistence

/// Conditions that must all hold, with their bound arguments.
struct Selection {
    private(set) var conditions: [String] = []
    private(set) var arguments: [any DatabaseValueConvertible] = []

    /// How many values one filter may have.
    static let maximumValues = 500

    var clause: String { conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ") }

    mutating func require(_ condition: String, _ arguments: [any DatabaseValueConvertible] = []) {
        conditions.append(condition)
        self.arguments += arguments
    }

    /// `?, ?, …` for a list of values, padded to a power of two so that few different statements arise.
    static func marks(
        for values: [any DatabaseValueConvertible]
    ) -> (text: String, arguments: [any DatabaseValueConvertible]) {
        guard let last = values.last else { return ("NULL", []) }
        var size = 1
        while size < values.count { size *= 2 }
        let padded = values + Array(repeating: last, count: size - values.count)
        return (Array(repeating: "?", count: size).joined(separator: ", "), padded)
    }

    // MARK: Filters

    mutating func apply(_ query: ListQuery, to resource: NetworkResource) throws {
        // One order of conditions for all orders of arguments: fewer different statements.
        for filter in query.filters.sorted(by: { $0.attribute < $1.attribute }) {
            guard filter.values.count <= Self.maximumValues else {
                throw NetworkFault.invalid(
                    field: filter.attribute, "a filter takes at most \(Self.maximumValues) values")
            }
            try apply(filter, to: resource)
        }
        try apply(tags: query)
    }

    private mutating func apply(_ filter: ListQuery.Filter, to resource: NetworkResource) throws {
        switch (resource, filter.attribute) {
        case (.port, "security_groups"), (.port, "security_group"), (.port, "security_group_ids"):
            let marks = Self.marks(for: filter.values.map { ResourceID($0)?.string ?? $0 })
            require(
                "id IN (SELECT port_id FROM network_port_security_group WHERE security_group_id IN (\(marks.text)))",
                marks.arguments)
        case (.port, "fixed_ips"):
            try apply(fixedAddresses: filter.values)
        default:
            guard let column = AttributeColumn.byResource[resource]?[filter.attribute], column.kind != .time else {
                guard AttributeColumn.alwaysEmpty.contains(filter.attribute) else {
                    throw NetworkFault.invalid("['\(filter.attribute)'] is invalid attribute for filtering")
                }
                return require("1 = 0")
            }
            try apply(filter, column)
        }
    }

    private mutating func apply(_ filter: ListQuery.Filter, _ column: AttributeColumn) throws {
        let wantsNull = column.isNullable && filter.values.contains { $0.isEmpty || $0 == "null" || $0 == "None" }
        let values = try filter.values
            .filter { !(column.isNullable && $0.isEmpty) }
            .map { try Self.value(of: $0, column.kind, attribute: filter.attribute) }
        let marks = Self.marks(for: values)
        let isOneOf = "\(column.column) IN (\(marks.text))"
        require(wantsNull ? "(\(isOneOf) OR \(column.column) IS NULL)" : isOneOf, marks.arguments)
    }

    private static func value(
        of text: String, _ kind: AttributeColumn.Kind, attribute: String
    ) throws -> any DatabaseValueConvertible {
        switch kind {
        case .text, .time: return text
        case .identifier: return ResourceID(text)?.string ?? text
        case .address: return IPAddress(text)?.description ?? text
        case .prefix: return IPNetwork(text)?.description ?? text
        case .hardwareAddress: return HardwareAddress.canonical(text) ?? text
        case .bool:
            switch text.lowercased() {
            case "true", "1", "yes", "on", "t", "y": return true
            case "false", "0", "no", "off", "f", "n": return false
            default: throw NetworkFault.invalid(field: attribute, "'\(text)' is not true or false")
            }
        case .integer:
            guard let number = Int64(text) else {
                if text == "null" || text == "None" { return Int64(-2) }
                throw NetworkFault.invalid(field: attribute, "'\(text)' is not an integer")
            }
            return number
        }
    }

    /// `fixed_ips=ip_address=A&fixed_ips=subnet_id=S`: values of one kind are alternatives, the kinds must all hold.
    private mutating func apply(fixedAddresses values: [String]) throws {
        var addresses: [String] = []
        var subnets: [String] = []
        var substrings: [String] = []
        for value in values {
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch (parts.first, parts.count) {
            case ("ip_address", 2): addresses.append(IPAddress(parts[1])?.description ?? parts[1])
            case ("subnet_id", 2), ("subnet", 2): subnets.append(ResourceID(parts[1])?.string ?? parts[1])
            case ("ip_address_substr", 2): substrings.append(parts[1])
            default:
                throw NetworkFault.invalid(
                    field: "fixed_ips",
                    "'\(value)' is not ip_address=ADDRESS, ip_address_substr=TEXT or subnet_id=ID")
            }
        }
        if !addresses.isEmpty {
            let marks = Self.marks(for: addresses)
            require(
                "id IN (SELECT port_id FROM network_address WHERE address IN (\(marks.text)))", marks.arguments)
        }
        if !subnets.isEmpty {
            let marks = Self.marks(for: subnets)
            require(
                "id IN (SELECT port_id FROM network_address WHERE subnet_id IN (\(marks.text)))", marks.arguments)
        }
        for text in substrings {
            guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "_") }) else {
                throw NetworkFault.invalid(field: "fixed_ips", "'\(text)' is not part of an address")
            }
            require("id IN (SELECT port_id FROM network_address WHERE address LIKE ?)", ["%\(text.lowercased())%"])
        }
    }

    private mutating func apply(tags query: ListQuery) throws {
        try require(tags: query.tags) { "= \($0)" }
        try require(tags: query.tagsAny) { _ in "> 0" }
        try require(tags: query.notTags) { "< \($0)" }
        try require(tags: query.notTagsAny) { _ in "= 0" }
    }

    /// Compares how many of the tags an object has.
    private mutating func require(tags: [String], _ comparison: (Int) -> String) throws {
        guard !tags.isEmpty else { return }
        let distinct = Set(tags).sorted()
        guard distinct.count <= Self.maximumValues else {
            throw NetworkFault.invalid(field: "tags", "a filter takes at most \(Self.maximumValues) tags")
        }
        let marks = Self.marks(for: distinct)
        require(
            "(SELECT COUNT(*) FROM network_tag WHERE resource_id = id AND tag IN (\(marks.text)))"
                + " \(comparison(distinct.count))", marks.arguments)
    }
}
