// One row of a query's result, read by position.

public import LoadBalancing

/// One row of a result. Columns are counted from 0 in the order of the SELECT list.
///
/// Reading NULL through a non-optional accessor gives the type's empty value: the schema's NOT NULL constraints make
/// that unreachable for the columns read so.
public struct DatabaseRow: ~Copyable {
    private let columns: any DatabaseRowColumns

    /// Wraps an engine's row.
    public init(_ columns: any DatabaseRowColumns) {
        self.columns = columns
    }

    public func optionalText(_ index: Int) -> String? { columns.text(index) }
    public func text(_ index: Int) -> String { columns.text(index) ?? "" }
    public func optionalInteger(_ index: Int) -> Int64? { columns.integer(index) }
    public func integer(_ index: Int) -> Int64 { columns.integer(index) ?? 0 }
    public func optionalInt(_ index: Int) -> Int? { columns.integer(index).map { Int($0) } }
    public func int(_ index: Int) -> Int { Int(columns.integer(index) ?? 0) }
    public func bool(_ index: Int) -> Bool { (columns.integer(index) ?? 0) != 0 }
    public func optionalReal(_ index: Int) -> Double? { columns.real(index) }
    public func optionalBlob(_ index: Int) -> [UInt8]? { columns.blob(index) }
    public func resourceID(_ index: Int) -> ResourceID { ResourceID(canonical: text(index)) }
    public func optionalResourceID(_ index: Int) -> ResourceID? {
        optionalText(index).map { ResourceID(canonical: $0) }
    }
    public func timestamp(_ index: Int) -> Timestamp { Timestamp(microseconds: integer(index)) }
    public func optionalTimestamp(_ index: Int) -> Timestamp? {
        optionalInteger(index).map { Timestamp(microseconds: $0) }
    }

    /// A stored word of a closed list; the fallback is for rows that a newer release wrote.
    public func word<Word: RawRepresentable<String>>(_ index: Int, default fallback: Word) -> Word {
        columns.text(index).flatMap(Word.init(rawValue:)) ?? fallback
    }
}

/// How an engine gives its columns; `nil` is NULL.
public protocol DatabaseRowColumns {
    func text(_ index: Int) -> String?
    func integer(_ index: Int) -> Int64?
    func real(_ index: Int) -> Double?
    func blob(_ index: Int) -> [UInt8]?
}
