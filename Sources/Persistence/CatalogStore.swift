// Reading and writing what administrators offer to the owners of load balancers.

public import LoadBalancing

/// A row of the catalogue: its first column identifies it, its last one is the time of its creation.
public protocol CatalogRecord: ListedRecord, Hashable {
    /// The value of the first column.
    var key: String { get }
    /// The values of all columns but `created_at`.
    var values: [any DatabaseValueConvertible] { get }
}

/// Typed operations on the tables of the catalogue inside a transaction.
public struct CatalogStore {
    private let connection: any DatabaseConnection

    public init(_ connection: any DatabaseConnection) {
        self.connection = connection
    }

    /// The row with that key.
    public func find<Record: CatalogRecord>(_ type: Record.Type, _ key: String) throws -> Record? {
        try connection.first("\(Record.selection) WHERE \(Record.columns[0]) = ?", [key]) { Record(row: $0) }
    }

    /// Whether some row has that value in a column.
    public func exists(_ table: String, where column: String, is value: String) throws -> Bool {
        try connection.exists("SELECT 1 FROM \(table) WHERE \(column) = ? LIMIT 1", [value])
    }

    /// The flavor with that name.
    public func flavor(named name: String) throws -> Flavor? {
        try connection.first("\(Flavor.selection) WHERE name = ?", [name]) { Flavor(row: $0) }
    }

    public func insert<Record: CatalogRecord>(_ record: Record, at now: Timestamp) throws {
        try connection.insert(
            into: Record.table, zip(Record.columns, record.values + [now]).map { ($0, $1) })
    }

    /// Writes all columns of a row that exists.
    public func update<Record: CatalogRecord>(_ record: Record) throws {
        try connection.update(
            Record.table, zip(Record.columns, record.values).dropFirst().map { ($0, $1) }, where: Record.columns[0],
            is: record.key)
    }

    public func delete<Record: CatalogRecord>(_ record: Record) throws {
        try connection.execute("DELETE FROM \(Record.table) WHERE \(Record.columns[0]) = ?", [record.key])
    }
}
