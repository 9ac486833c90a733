// The table at the end.

/// Measurements in parts, as text in columns.
struct ReportTable {
    private var rows: [[String]] = [["", "runs", "median", "min", "max", "p99", "goal", ""]]
    private var goals: [Bool] = []

    mutating func add(_ title: String, _ measurements: [Measurement]) {
        rows.append([title])
        for measurement in measurements {
            let isSeries = measurement.samples.count > 1
            if let isMet = measurement.isMet { goals.append(isMet) }
            rows.append([
                "  \(measurement.name)",
                isSeries ? "\(measurement.samples.count)" : "",
                measurement.text(measurement.median),
                isSeries ? measurement.text(measurement.samples.first ?? .nan) : "",
                isSeries ? measurement.text(measurement.samples.last ?? .nan) : "",
                measurement.percentile99.map { measurement.text($0) } ?? "",
                measurement.goalText,
                measurement.isMet.map { $0 ? "met" : "MISSED" } ?? "",
            ])
        }
    }

    /// The rows; only the first column is aligned to the left.
    var text: String {
        var widths = [Int](repeating: 0, count: rows[0].count)
        for row in rows where row.count > 1 {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        return rows.map { row in
            guard row.count > 1 else { return "\(row[0])\n" }
            var line = row[0] + Self.spaces(widths[0] - row[0].count)
            for (column, cell) in row.enumerated().dropFirst() {
                line += "  " + Self.spaces(widths[column] - cell.count) + cell
            }
            while line.last == " " { line.removeLast() }
            return "\(line)\n"
        }.joined()
    }

    var summary: String {
        guard !goals.isEmpty else { return "No goal was measured." }
        let missed = goals.filter { !$0 }.count
        return missed == 0 ? "All \(goals.count) goals are met." : "MISSED: \(missed) of \(goals.count) goals."
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
}
