// The ORDER BY clause of a list query, and where a page begins in that order.

import LoadBalancing
import Persistence

/// The order of a list; the id comes last, so that it is total.
struct Order {
    private struct Step {
        var expression: String
        var isNumeric: Bool
        var isDescending: Bool
    }

    private var steps: [Step] = []

    init(_ keys: [ListQuery.SortKey], _ resource: NetworkResource) throws {
        var used: Set<String> = []
        for key in keys.isEmpty ? [ListQuery.SortKey("created_at")] : keys {
            guard let column = AttributeColumn.byResource[resource]?[key.attribute], column.isSortable
            else {
                throw NetworkFault.invalid("['\(key.attribute)'] is invalid attribute for sorting")
            }
            guard used.insert(column.column).inserted else { continue }
            steps.append(
                Step(
                    expression: column.sortExpression, isNumeric: column.isNumeric, isDescending: key.isDescending))
        }
        if !used.contains("id") { steps.append(Step(expression: "id", isNumeric: false, isDescending: false)) }
    }

    var clause: String {
        steps.map { $0.isDescending ? "\($0.expression) DESC" : $0.expression }.joined(separator: ", ")
    }

    /// Leaves out everything up to and including the marker.
    func start(
        after marker: String, _ resource: NetworkResource, _ selection: inout Selection,
        _ connection: any DatabaseConnection
    ) throws {
        let columns = steps.map(\.expression).joined(separator: ", ")
        let id = ResourceID(marker)?.string ?? marker
        let values = try connection.first("SELECT \(columns) FROM \(resource.table) WHERE id = ?", [id]) { row in
            var values: [any DatabaseValueConvertible] = []
            for (index, step) in steps.enumerated() {
                values.append(step.isNumeric ? row.integer(index) : row.text(index))
            }
            return values
        }
        guard let values else { throw NetworkFault.notFound(resource, marker) }
        // (a > ?) OR (a = ? AND b > ?) OR …: row comparison cannot mix directions.
        var alternatives: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        for index in steps.indices {
            var parts = steps[..<index].map { "\($0.expression) = ?" }
            parts.append("\(steps[index].expression) \(steps[index].isDescending ? "<" : ">") ?")
            alternatives.append("(\(parts.joined(separator: " AND ")))")
            arguments += values[...index]
        }
        selection.require("(\(alternatives.joined(separator: " OR ")))", arguments)
    }
}
