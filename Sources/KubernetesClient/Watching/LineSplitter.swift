// Lines of a stream that comes in pieces.

/// A line that does not end.
struct LineTooLong: Error {
    var limit: Int
}

/// Collects pieces and gives out lines, without their ends.
struct LineSplitter {
    private var bytes: [UInt8] = []
    /// Where the next line starts, and up to where there is no end of it.
    private var start = 0
    private var searched = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    mutating func append(_ piece: some Sequence<UInt8>) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: piece)
    }

    /// The next whole line; `nil` until more comes.
    ///
    /// - Throws: ``LineTooLong``.
    mutating func next() throws(LineTooLong) -> ArraySlice<UInt8>? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            guard searched - start <= limit else { throw LineTooLong(limit: limit) }
            return nil
        }
        defer {
            start = end + 1
            searched = start
        }
        guard end - start <= limit else { throw LineTooLong(limit: limit) }
        return bytes[start..<end]
    }
}
