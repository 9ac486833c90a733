// Which secrets a list has, and in which order.

public import LoadBalancing
internal import Persistence

/// The filters of a list of secrets (Key Manager API v1 reference, "GET /v1/secrets"). They must all hold.
public struct SecretQuery: Sendable, Hashable {
    /// A time that secrets can be chosen by.
    public enum TimeField: String, Sendable, Hashable, CaseIterable {
        case created, updated, expiration
    }

    /// A limit of a time; `lt`, `lte`, `gt` and `gte` are the words of the API.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        case lt, lte, gt, gte, eq
    }

    /// What a list can be sorted by.
    public enum SortKey: String, Sendable, Hashable, CaseIterable {
        case algorithm, created, expiration, mode, name, status, updated
        case bitLength = "bit_length"
        case secretType = "secret_type"

        var column: String {
            switch self {
            case .created: "created_at"
            case .updated: "updated_at"
            // All secrets are ACTIVE.
            case .status: "id"
            default: rawValue
            }
        }
    }

    public struct TimeCondition: Sendable, Hashable {
        public var field: TimeField
        public var comparison: Comparison
        public var time: Timestamp

        public init(_ field: TimeField, _ comparison: Comparison, _ time: Timestamp) {
            self.field = field
            self.comparison = comparison
            self.time = time
        }
    }

    public struct Order: Sendable, Hashable {
        public var key: SortKey
        public var isDescending: Bool

        public init(_ key: SortKey, isDescending: Bool = false) {
            self.key = key
            self.isDescending = isDescending
        }
    }

    public var name: String?
    public var algorithm: String?
    public var mode: String?
    public var bitLength: Int?
    /// The text of a type; of one that does not exist there are no secrets.
    public var type: String?
    /// Instead of the project's secrets those of any project whose access list names the caller.
    public var isACLOnly = false
    public var times: [TimeCondition] = []
    public var sort: [Order] = []
    public var range = PageRange()

    public init() {}

    /// The clause and arguments of the filters.
    var filters: (conditions: [String], arguments: [any DatabaseValueConvertible]) {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        for (column, text) in [("name", name), ("algorithm", algorithm), ("mode", mode), ("secret_type", type)] {
            guard let text else { continue }
            conditions.append("\(column) = ?")
            arguments.append(text)
        }
        if let bitLength {
            conditions.append("bit_length = ?")
            arguments.append(bitLength)
        }
        for time in times {
            let column = time.field == .expiration ? "expiration" : "\(time.field.rawValue)_at"
            // Clients see whole seconds: a whole second stands for all of it.
            let step: Int64 = time.time.microseconds % 1_000_000 == 0 ? 1_000_000 : 1
            let next = Timestamp(microseconds: time.time.microseconds + step)
            switch time.comparison {
            case .lt: conditions.append("\(column) < ?")
            case .lte: conditions.append("\(column) < ?")
            case .gt: conditions.append("\(column) >= ?")
            case .gte: conditions.append("\(column) >= ?")
            case .eq: conditions.append("(\(column) >= ? AND \(column) < ?)")
            }
            switch time.comparison {
            case .lt, .gte: arguments.append(time.time)
            case .lte, .gt: arguments.append(next)
            case .eq: arguments += [time.time, next]
            }
        }
        return (conditions, arguments)
    }

    /// The ORDER BY clause: by creation, if nothing else is asked for.
    var order: String {
        // What is absent comes first, on every engine.
        let keys = sort.map { "\($0.key.column)\($0.isDescending ? " DESC NULLS LAST" : " NULLS FIRST")" }
        return (keys + (sort.isEmpty ? ["created_at"] : []) + ["id"]).joined(separator: ", ")
    }
}
