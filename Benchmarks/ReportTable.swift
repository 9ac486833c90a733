// The table at the end.

/// Measurements in parts, as text in columns.
struct ReportTable {
    private var rows: [[String]] = [["", "runs", "median", "min", "max", "p99", "goal", ""]]
    /// Whether each goal is met.
    private(set) var goals: [Bool] = []

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

    var text: String { rows.count == 1 ? "" : Columns.text(of: rows) }
}
