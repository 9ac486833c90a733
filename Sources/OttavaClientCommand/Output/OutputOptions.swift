// How results are shown: the options and formats that the OpenStack client has.

internal import ArgumentParser
internal import JSON
internal import LoadBalancerDocuments

enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table, json, yaml, value, csv
}

/// Options of every command that shows something.
struct OutputOptions: ParsableArguments {
    @Option(name: [.customShort("f"), .long], help: "How to show the result.")
    var format: OutputFormat = .table

    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp("A column to show; repeatable. Default: the usual ones", valueName: "column"))
    var column: [String] = []

    @Option(help: ArgumentHelp("A column to sort by; repeatable.", valueName: "column"))
    var sortColumn: [String] = []

    /// Refuses columns that there are not, before anything is sent.
    func check(_ known: [String]) throws {
        for name in column + sortColumn where !known.contains(name) {
            throw UsageError("there is no column '\(name)'; there are: \(known.joined(separator: ", "))")
        }
    }

    /// What the answer lacks is empty text, as the OpenStack client has it.
    private static func fields(_ object: [String: JSONValue], _ columns: [String]) -> OrderedFields {
        columns.map { (name: $0, value: object[$0] ?? "") }
    }

    /// Shows a list.
    func show(_ rows: [[String: JSONValue]], columns standard: [String]) {
        let columns = column.isEmpty ? standard : column
        var rows = rows
        for name in sortColumn.reversed() {
            rows.sort { Cell.isOrdered($0[name] ?? .null, $1[name] ?? .null) }
        }
        let ordered = rows.map { Self.fields($0, columns) }
        switch format {
        // As the OpenStack client does it: of nothing there is an empty line.
        case .table where ordered.isEmpty: print("")
        case .table:
            // Numbers stand to the right where the first row has one.
            let numbers = Set((ordered.first ?? []).indices.filter { Cell.isNumber(ordered[0][$0].value) })
            let cells = ordered.map { $0.map { Cell.text($0.value) } }
            print(TextTable.grid(columns, cells, alignedRight: numbers))
        case .json: print(PrettyJSON.list(ordered))
        case .yaml: print(PrettyYAML.list(ordered))
        case .value: for row in ordered { print(row.map { Cell.oneLine($0.value) }.joined(separator: " ")) }
        case .csv:
            print(columns.map(Cell.quoted).joined(separator: ","))
            for row in ordered { print(row.map { Cell.csv($0.value) }.joined(separator: ",")) }
        }
    }

    /// Shows one object.
    func show(_ object: [String: JSONValue], columns standard: [String]) {
        let columns = column.isEmpty ? standard : column
        let fields = Self.fields(object, columns)
        switch format {
        case .table: print(TextTable.grid(["Field", "Value"], fields.map { [$0.name, Cell.text($0.value)] }))
        case .json: print(PrettyJSON.object(fields))
        case .yaml: print(PrettyYAML.object(fields))
        case .value: for field in fields { print(Cell.text(field.value)) }
        case .csv:
            print(columns.map(Cell.quoted).joined(separator: ","))
            print(fields.map { Cell.csv($0.value) }.joined(separator: ","))
        }
    }
}

enum TextTable {
    /// A table with lines, as the OpenStack client draws it.
    static func grid(_ columns: [String], _ rows: [[String]], alignedRight: Set<Int> = []) -> String {
        let cells = rows.map { $0.map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) } }
        let widths = columns.indices.map { index in
            max(columns[index].count, cells.flatMap { $0[index] }.map(\.count).max() ?? 0)
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+"
        func line(_ texts: [String]) -> String {
            "|"
                + texts.indices.map { index in
                    let space = String(repeating: " ", count: widths[index] - texts[index].count)
                    return alignedRight.contains(index) ? " \(space)\(texts[index]) " : " \(texts[index])\(space) "
                }.joined(separator: "|") + "|"
        }
        var lines = [rule, line(columns), rule]
        for row in cells {
            for number in 0..<(row.map(\.count).max() ?? 1) {
                lines.append(line(row.map { number < $0.count ? $0[number] : "" }))
            }
        }
        return (lines + [rule]).joined(separator: "\n")
    }
}
