// What a list shall have.

public import LoadBalancing

/// A condition of a list; all conditions of a list must hold.
public struct Filter: Sendable, Hashable {
    var name: String
    var values: [String]

    /// A field has a value (API reference, "Filtering and column selection").
    ///
    /// - Parameter field: The name in the API, such as `protocol_port`.
    public static func field(_ field: String, equals value: some CustomStringConvertible) -> Filter {
        Filter(name: field, values: ["\(value)"])
    }

    public static func name(_ name: String) -> Filter { .field("name", equals: name) }
    public static func id(_ id: ResourceID) -> Filter { .field("id", equals: id) }
    public static func project(_ id: String) -> Filter { .field("project_id", equals: id) }
    public static func loadBalancer(_ id: ResourceID) -> Filter { .field("loadbalancer_id", equals: id) }
    public static func listener(_ id: ResourceID) -> Filter { .field("listener_id", equals: id) }
    public static func pool(_ id: ResourceID) -> Filter { .field("pool_id", equals: id) }
    public static func isEnabled(_ value: Bool) -> Filter { .field("admin_state_up", equals: value) }
    /// All of these tags.
    public static func tags(all tags: [String]) -> Filter { Filter(name: "tags", values: tags) }
    /// At least one of these tags.
    public static func tags(any tags: [String]) -> Filter { Filter(name: "tags-any", values: tags) }
    /// Not all of these tags.
    public static func tags(notAll tags: [String]) -> Filter { Filter(name: "not-tags", values: tags) }
    /// None of these tags.
    public static func tags(none tags: [String]) -> Filter { Filter(name: "not-tags-any", values: tags) }

    var arguments: [(String, String)] { values.map { (name, $0) } }
}

/// One key of the order of a list.
public struct SortKey: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name of the field in the API.
    public var field: String
    public var isDescending: Bool

    public init(_ field: String, isDescending: Bool = false) {
        self.field = field
        self.isDescending = isDescending
    }

    public init(stringLiteral field: String) {
        self.init(field)
    }
}
