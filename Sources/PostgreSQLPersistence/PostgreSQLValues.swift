// Arguments on their way to the server, and results on their way back, in the text format.

internal import CPostgreSQL
internal import Glibc
internal import Persistence

/// The few types by their numbers (PostgreSQL's catalogue pg_type).
private enum TypeNumber {
    static let integers: Set<Oid> = [20, 21, 23]
}

/// Arguments of one statement as C wants them.
///
/// The server says which type each has, and the text of a value is read as that type: as SQLite does by a column's
/// affinity.
struct PostgreSQLParameters {
    private var texts: [[UInt8]?] = []
    private var formats: [Int32] = []

    init(_ arguments: [any DatabaseValueConvertible], types: [Oid]) {
        for (argument, type) in zip(arguments, types) {
            switch argument.databaseValue {
            case .null: add(nil)
            case .integer(let value): add(Array("\(value)".utf8))
            case .real(let value):
                // A number that stands for an integer, such as the marker of a page, compares with integers.
                let whole = TypeNumber.integers.contains(type) ? Int64(exactly: value) : nil
                add(Array((whole.map { "\($0)" } ?? "\(value)").utf8))
            case .text(let value): add(Self.storable(value))
            case .blob(let bytes): add(bytes, isBinary: true)
            }
        }
    }

    /// PostgreSQL has no U+0000 in text. The APIs refuse it; what looks for it finds nothing.
    private static func storable(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return bytes.contains(0) ? bytes.flatMap { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] } : bytes
    }

    private mutating func add(_ bytes: [UInt8]?, isBinary: Bool = false) {
        // Text ends with a zero; the length says where binary values end.
        texts.append(bytes.map { isBinary ? $0 : $0 + [0] })
        formats.append(isBinary ? 1 : 0)
    }

    /// Sends with pointers to the values; they are gone before the answer comes.
    func withPointers(
        send: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Int32,
        receive: (Int32) throws(PostgreSQLFailure) -> PostgreSQLResult
    ) throws(PostgreSQLFailure) -> PostgreSQLResult {
        // One block of memory for all values, with room for an empty binary one.
        var offsets: [Int?] = []
        var all: [UInt8] = []
        for text in texts {
            offsets.append(text == nil ? nil : all.count)
            all += text ?? []
            all.append(0)
        }
        let lengths = texts.map { Int32($0?.count ?? 0) }
        let sent = all.withUnsafeBytes { bytes in
            let base = bytes.bindMemory(to: CChar.self).baseAddress
            let pointers = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        send(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
        return try receive(sent)
    }
}

/// The answer to one statement.
final class PostgreSQLResult {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { PQclear(pointer) }

    var rowCount: Int { Int(PQntuples(pointer)) }

    /// How many rows the statement changed.
    var changedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// What was done: `COMMIT`, `ROLLBACK`, `INSERT 0 1`.
    var tag: String { String(cString: PQcmdStatus(pointer)) }

    /// The types of a prepared statement's arguments.
    var parameterTypes: [Oid] { (0..<PQnparams(pointer)).map { PQparamtype(pointer, $0) } }

    /// What went wrong, if anything did.
    var failure: PostgreSQLFailure? {
        switch PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return nil
        default:
            func field(_ code: UInt8) -> String? {
                PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
            }
            let message = field(UInt8(ascii: "M")) ?? String(cString: PQresultErrorMessage(pointer))
            let detail = field(UInt8(ascii: "D")).map { ": \($0)" } ?? ""
            return PostgreSQLFailure(state: field(UInt8(ascii: "C")) ?? "", message: message + detail)
        }
    }

    func row(_ index: Int) -> PostgreSQLRow { PostgreSQLRow(result: self, row: Int32(index)) }

    /// The bytes of a field; `nil` is NULL.
    fileprivate func bytes(_ row: Int32, _ column: Int) -> UnsafeBufferPointer<UInt8>? {
        let column = Int32(column)
        guard PQgetisnull(pointer, row, column) == 0, let value = PQgetvalue(pointer, row, column) else { return nil }
        let count = Int(PQgetlength(pointer, row, column))
        return UnsafeBufferPointer(
            start: UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self), count: count)
    }
}

/// One row; the result lives as long as it does.
struct PostgreSQLRow: DatabaseRowColumns {
    fileprivate let result: PostgreSQLResult
    fileprivate let row: Int32

    func text(_ index: Int) -> String? {
        result.bytes(row, index).map { String(decoding: $0, as: UTF8.self) }
    }

    func integer(_ index: Int) -> Int64? {
        guard let bytes = result.bytes(row, index) else { return nil }
        var value: Int64 = 0
        let isNegative = bytes.first == UInt8(ascii: "-")
        for byte in isNegative ? bytes.dropFirst() : bytes[...] {
            guard (0x30...0x39).contains(byte) else { return irregularInteger(String(decoding: bytes, as: UTF8.self)) }
            // Downwards, because the least integer has no positive counterpart.
            let (product, hasOverflown) = value.multipliedReportingOverflow(by: 10)
            let (next, hasPassedLimit) = product.subtractingReportingOverflow(Int64(byte - 0x30))
            if hasOverflown || hasPassedLimit { return nil }
            value = next
        }
        return isNegative ? value : (value == .min ? nil : -value)
    }

    /// Truth values and numbers with a fraction.
    private func irregularInteger(_ text: String) -> Int64? {
        switch text {
        case "t": 1
        case "f": 0
        default: Double(text).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
        }
    }

    func real(_ index: Int) -> Double? { text(index).flatMap { Double($0) } }

    /// Bytes come as `\x` and two digits for each (PostgreSQL manual 8.4).
    func blob(_ index: Int) -> [UInt8]? {
        guard let digits = result.bytes(row, index) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var position = 2
        while position + 1 < digits.count {
            bytes.append(Self.digit(digits[position]) << 4 | Self.digit(digits[position + 1]))
            position += 2
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8 { byte <= 0x39 ? byte - 0x30 : byte - 0x57 }
}
