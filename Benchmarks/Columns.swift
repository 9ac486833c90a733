// Text in columns, and what it all comes to.

enum Columns {
    /// Rows as lines; only the first column is aligned to the left. A row with one cell is a heading.
    static func text(of rows: [[String]]) -> String {
        var widths = [Int](repeating: 0, count: rows.first?.count ?? 0)
        for row in rows where row.count > 1 {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        return rows.map { row in
            guard row.count > 1 else { return "\(row[0])\n" }
            var line = row[0] + spaces(widths[0] - row[0].count)
            for (column, cell) in row.enumerated().dropFirst() {
                line += "  " + spaces(widths[column] - cell.count) + cell
            }
            while line.last == " " { line.removeLast() }
            return "\(line)\n"
        }.joined()
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
}

enum Verdict {
    /// One sentence over all goals.
    static func summary(_ goals: [Bool]) -> String {
        guard !goals.isEmpty else { return "No goal was measured." }
        let missed = goals.filter { !$0 }.count
        return missed == 0 ? "All \(goals.count) goals are met." : "MISSED: \(missed) of \(goals.count) goals."
    }
}
