// What a list shall have.

public import LoadBalancing

/// A condition of a list; all conditions of a list must hold.
public struct Filter: Sendable, Hashable {
    var name: String
    var values: [String]

    /// A field has a value (API reference, "Filtering and column selection").
    ///
    /// - Parameters:
    ///   - field: The name in the API, such as `protocol_port`.
    ///   - value: What it shall be; written as the API writes it.
    public static func field(_ field: String, equals value: some CustomStringConvertible) -> Filter {
        Filter(name: field, values: ["\(value)"])
    }

    /// Objects with this name.
    public static func name(_ name: String) -> Filter { .field("name", equals: name) }
    /// The object with this id.
    public static func id(_ id: ResourceID) -> Filter { .field("id", equals: id) }
    /// Objects of this project.
    public static func project(_ id: String) -> Filter { .field("project_id", equals: id) }
    /// Objects of this load balancer.
    public static func loadBalancer(_ id: ResourceID) -> Filter { .field("loadbalancer_id", equals: id) }
    /// Objects of this listener.
    public static func listener(_ id: ResourceID) -> Filter { .field("listener_id", equals: id) }
    /// Objects of this pool.
    public static func pool(_ id: ResourceID) -> Filter { .field("pool_id", equals: id) }
    /// Objects that are switched on, or those that are switched off.
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
    /// Whether the largest comes first.
    public var isDescending: Bool

    /// Makes one; parameters that are not given have their usual values.
    public init(_ field: String, isDescending: Bool = false) {
        self.field = field
        self.isDescending = isDescending
    }

    /// A literal is one.
    public init(stringLiteral field: String) {
        self.init(field)
    }
}
