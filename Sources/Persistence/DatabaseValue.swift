// Values that go into and come out of SQL statements.

public import LoadBalancing

/// A value that both SQLite and PostgreSQL store.
public enum DatabaseValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// 1 or 0: the form that both engines share.
    public static func bool(_ value: Bool) -> DatabaseValue { .integer(value ? 1 : 0) }
}

/// A type that has one form in the database.
public protocol DatabaseValueConvertible {
    /// The value as it is stored.
    var databaseValue: DatabaseValue { get }
}

extension DatabaseValue: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { self }
}
extension String: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { .text(self) }
}
extension Int: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { .integer(Int64(self)) }
}
extension Int64: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { .integer(self) }
}
extension Double: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { .real(self) }
}
extension Bool: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { .bool(self) }
}
extension ResourceID: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { .text(string) }
}
extension Timestamp: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { .integer(microseconds) }
}
extension Optional: DatabaseValueConvertible where Wrapped: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { self?.databaseValue ?? .null }
}
