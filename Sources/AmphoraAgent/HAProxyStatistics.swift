// Reads the table that `show stat` prints (management guide, section 9.1). Pure.

/// One line of the table.
struct StatisticsRow: Hashable, Sendable {
    enum Kind: Int, Hashable, Sendable {
        case frontend = 0
        case backend = 1
        case server = 2
        case listener = 3
    }

    /// The frontend or backend (`pxname`).
    var proxy: String
    /// The server, or `FRONTEND` or `BACKEND` (`svname`).
    var name: String
    var kind: Kind
    /// Such as `OPEN`, `UP 1/3`, `MAINT (via a/b)` or `no check`.
    var status: String
    /// Connections open now (`scur`).
    var currentSessions: Int64
    /// The most connections at a time (`slim`).
    var sessionLimit: Int64
    /// Connections ever accepted (`stot`).
    var totalSessions: Int64
    /// Bytes from clients (`bin`).
    var bytesIn: Int64
    /// Bytes to clients (`bout`).
    var bytesOut: Int64
    /// Broken requests (`ereq`).
    var requestErrors: Int64
}

/// The table, read by the names in its first line, so that further columns of other versions do no harm.
enum StatisticsTable {
    /// The lines of frontends, backends and servers; `nil` when the text is no such table.
    static func rows(of text: String) -> [StatisticsRow]? {
        var lines = text.split(separator: "\n")[...]
        guard let header = lines.popFirst(), header.hasPrefix("# ") else { return nil }
        var columns: [Substring: Int] = [:]
        for (index, name) in header.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            columns[name] = index
        }
        guard let proxy = columns["pxname"], let name = columns["svname"], let status = columns["status"],
            let kind = columns["type"]
        else { return nil }
        let numbers = ["scur", "slim", "stot", "bin", "bout", "ereq"].map { columns[$0] }
        var rows: [StatisticsRow] = []
        for line in lines {
            let fields = fields(of: line)
            guard fields.count > max(proxy, name, status, kind),
                let kind = Int(fields[kind]).flatMap(StatisticsRow.Kind.init(rawValue:))
            else { continue }
            let values = numbers.map { column in
                column.flatMap { $0 < fields.count ? Int64(fields[$0]) : nil } ?? 0
            }
            rows.append(
                StatisticsRow(
                    proxy: fields[proxy], name: fields[name], kind: kind, status: fields[status],
                    currentSessions: values[0], sessionLimit: values[1], totalSessions: values[2], bytesIn: values[3],
                    bytesOut: values[4], requestErrors: values[5]))
        }
        return rows
    }

    /// The fields of one line; a field in quotes may hold commas and doubled quotes (RFC 4180).
    static func fields(of line: Substring) -> [String] {
        if !line.utf8.contains(UInt8(ascii: "\"")) {
            return line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var characters = line.makeIterator()
        var next = characters.next()
        while let character = next {
            next = characters.next()
            switch character {
            case "\"" where isQuoted && next == "\"":
                field.append("\"")
                next = characters.next()
            case "\"":
                isQuoted.toggle()
            case "," where !isQuoted:
                fields.append(field)
                field = ""
            default:
                field.append(character)
            }
        }
        return fields + [field]
    }
}
