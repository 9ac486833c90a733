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
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"))[...]
        guard let header = lines.popFirst(), header.starts(with: "# ".utf8),
            let columns = Columns(header: Substring(header.dropFirst(2)))
        else { return nil }
        return lines.compactMap { row(of: fields(of: Substring($0), atMost: columns.last + 1), columns) }
    }

    private static func row(of fields: [Substring], _ columns: Columns) -> StatisticsRow? {
        guard fields.count > max(columns.proxy, columns.name, columns.status, columns.kind),
            let kind = Int(fields[columns.kind]).flatMap(StatisticsRow.Kind.init(rawValue:))
        else { return nil }
        func number(_ column: Int?) -> Int64 {
            column.flatMap { $0 < fields.count ? Int64(fields[$0]) : nil } ?? 0
        }
        return StatisticsRow(
            proxy: String(fields[columns.proxy]), name: String(fields[columns.name]), kind: kind,
            status: String(fields[columns.status]), currentSessions: number(columns.currentSessions),
            sessionLimit: number(columns.sessionLimit), totalSessions: number(columns.totalSessions),
            bytesIn: number(columns.bytesIn), bytesOut: number(columns.bytesOut),
            requestErrors: number(columns.requestErrors))
    }

    /// Where in a line the fields are that matter: about ten of a hundred.
    private struct Columns {
        let proxy, name, status, kind: Int
        let currentSessions, sessionLimit, totalSessions, bytesIn, bytesOut, requestErrors: Int?
        /// The rightmost of them.
        let last: Int

        /// `nil` when one is missing without which a line says nothing.
        init?(header: Substring) {
            let names = fields(of: header)
            let known = [
                "pxname", "svname", "status", "type", "scur", "slim", "stot", "bin", "bout", "ereq",
            ].map { name in names.firstIndex { $0 == name } }
            guard let proxy = known[0], let name = known[1], let status = known[2], let kind = known[3] else {
                return nil
            }
            (self.proxy, self.name, self.status, self.kind) = (proxy, name, status, kind)
            (currentSessions, sessionLimit, totalSessions) = (known[4], known[5], known[6])
            (bytesIn, bytesOut, requestErrors) = (known[7], known[8], known[9])
            last = known.compactMap { $0 }.max() ?? 0
        }
    }

    /// The fields of one line, or the first of them; a field in quotes may hold commas and doubled quotes (RFC 4180).
    static func fields(of line: Substring, atMost limit: Int = .max) -> [Substring] {
        if !line.utf8.contains(UInt8(ascii: "\"")) {
            return line.utf8.split(separator: UInt8(ascii: ","), maxSplits: limit, omittingEmptySubsequences: false)
                .prefix(limit).map(Substring.init)
        }
        var fields: [Substring] = []
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
                fields.append(Substring(field))
                field = ""
            default:
                field.append(character)
            }
        }
        return fields + [Substring(field)]
    }
}
