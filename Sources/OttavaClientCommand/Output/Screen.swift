// A screen that is drawn again and again (ECMA-48, "Control functions").

internal import Glibc
internal import LoadBalancerDocuments

enum Screen {
    /// Whether standard output is a terminal.
    static var isThere: Bool { isatty(STDOUT_FILENO) == 1 }

    /// How many lines and columns the terminal has; enough of both when it does not say.
    static var size: (lines: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return (1_000, 1_000)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Draws a text that fits into a number of lines, in the place of the last one; elsewhere than on a terminal below it.
    static func show(_ text: (_ lines: Int?) -> String) {
        guard isThere else { return StandardStreams.output(text(nil) + "\n") }
        let columns = size.columns
        // Each line deletes what is left of the old one behind it: a screen that is cleared first would flicker.
        let lines = text(size.lines - 1).split(separator: "\n", omittingEmptySubsequences: false).map {
            "\($0.prefix(columns))\u{1B}[K\r\n"
        }
        StandardStreams.output("\u{1B}[H" + lines.joined() + "\u{1B}[J")
    }

    /// Writes a line below what is shown.
    static func note(_ text: String) {
        StandardStreams.output("\r\(Cell.printable(text).prefix(size.columns))\u{1B}[K\r")
    }

    /// A table that is cut off where the screen ends, and says so.
    static func table(_ columns: [String], _ rows: [[String]], lines: Int?) -> String {
        let room = max(1, (lines ?? .max) - 5)
        guard rows.count > room else { return TextTable.grid(columns, rows) }
        return TextTable.grid(columns, Array(rows.prefix(room))) + "\n… \(rows.count - room) more"
    }
}
