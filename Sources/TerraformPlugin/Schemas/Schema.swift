// What may stand in the configuration of a resource, data source or provider, and how changes of it are planned.

/// The attributes and blocks of a resource, data source or provider.
///
/// ```swift
/// Schema("A file.", [
///     .string("path", .required, "Where it is.", requiresReplacement: true),
///     .string("content", .optional, "What is in it.", default: ""),
///     .string("digest", .computed, "SHA-256 of the content.", changesWithUpdates: true),
/// ], blocks: [.timeouts(create: "10m")])
/// ```
public struct Schema: Sendable {
    /// Raised when state of the older form has to be converted.
    public var version: Int64
    /// Markdown; the first sentence says what it is.
    public var description: String
    public var attributes: [Attribute]
    public var blocks: [NestedBlock]
    /// Why and what to use instead; absent if it is not deprecated.
    public var deprecation: String?

    public init(
        version: Int64 = 0, _ description: String, _ attributes: [Attribute], blocks: [NestedBlock] = [],
        deprecation: String? = nil
    ) {
        self.version = version
        self.description = description
        self.attributes = attributes
        self.blocks = blocks
        self.deprecation = deprecation
    }

    /// The type of a value that fits the schema.
    public var type: ValueType { ValueType(attributes, blocks) }
}

/// One attribute.
public struct Attribute: Sendable {
    /// How an attribute gets its value.
    public enum Usage: Sendable, Hashable {
        /// The configuration must have it.
        case required
        /// The configuration may have it; absent is null.
        case optional
        /// The configuration may have it; absent, the provider chooses. A value that was chosen stays until the
        /// configuration has another.
        case optionalComputed
        /// The provider says it.
        case computed
    }

    /// What the value is.
    public enum Shape: Sendable {
        case value(ValueType)
        /// An object with attributes of its own, or several.
        case nested(Nesting, [Attribute])
    }

    /// How many objects there are, and what tells them apart.
    public enum Nesting: Sendable, Hashable {
        case single, list, set, map
    }

    public var name: String
    public var shape: Shape
    public var usage: Usage
    /// Markdown.
    public var description: String
    /// What an absent value becomes. Only for ``Usage/optional``, which is then announced as optional and computed.
    public var defaultValue: Value?
    /// A different value makes a new resource instead of an update.
    public var requiresReplacement: Bool
    /// Of a computed attribute: an update of anything else may change it, so that it is unknown in plans of updates.
    public var changesWithUpdates: Bool
    /// Not shown by Terraform.
    public var isSensitive: Bool
    public var deprecation: String?
    public var rules: [Rule]
    /// For nested lists and sets: the attributes whose values tell which element of the state one of the configuration
    /// is. Empty: for lists the position; for sets all values that the configuration has.
    ///
    /// For nested maps and single objects: the attributes whose change makes it another object, nothing of which is known.
    public var identity: [String]
    /// Of an attribute that may be computed: one that is null in the state stays so when others change.
    public var staysAbsent = false
    /// Of an attribute of the block `timeouts`: what holds if it is absent.
    var standardTime: Duration?

    public init(
        _ name: String, _ shape: Shape, _ usage: Usage, _ description: String, default defaultValue: Value? = nil,
        requiresReplacement: Bool = false, changesWithUpdates: Bool = false, isSensitive: Bool = false,
        deprecation: String? = nil, rules: [Rule] = [], identity: [String] = []
    ) {
        self.name = name
        self.shape = shape
        self.usage = usage
        self.description = description
        self.defaultValue = defaultValue
        self.requiresReplacement = requiresReplacement
        self.changesWithUpdates = changesWithUpdates
        self.isSensitive = isSensitive
        self.deprecation = deprecation
        self.rules = rules
        self.identity = identity
    }

    public static func string(
        _ name: String, _ usage: Usage, _ description: String, default defaultValue: Value? = nil,
        requiresReplacement: Bool = false, changesWithUpdates: Bool = false, isSensitive: Bool = false,
        deprecation: String? = nil, rules: [Rule] = []
    ) -> Attribute {
        Attribute(
            name, .value(.string), usage, description, default: defaultValue, requiresReplacement: requiresReplacement,
            changesWithUpdates: changesWithUpdates, isSensitive: isSensitive, deprecation: deprecation, rules: rules)
    }

    public static func number(
        _ name: String, _ usage: Usage, _ description: String, default defaultValue: Value? = nil,
        requiresReplacement: Bool = false, changesWithUpdates: Bool = false, rules: [Rule] = []
    ) -> Attribute {
        Attribute(
            name, .value(.number), usage, description, default: defaultValue, requiresReplacement: requiresReplacement,
            changesWithUpdates: changesWithUpdates, rules: rules)
    }

    public static func bool(
        _ name: String, _ usage: Usage, _ description: String, default defaultValue: Value? = nil,
        requiresReplacement: Bool = false, changesWithUpdates: Bool = false
    ) -> Attribute {
        Attribute(
            name, .value(.bool), usage, description, default: defaultValue, requiresReplacement: requiresReplacement,
            changesWithUpdates: changesWithUpdates)
    }

    /// A list, set or map of plain values.
    public static func collection(
        _ name: String, of type: ValueType, _ usage: Usage, _ description: String, default defaultValue: Value? = nil,
        requiresReplacement: Bool = false, changesWithUpdates: Bool = false, deprecation: String? = nil,
        rules: [Rule] = []
    ) -> Attribute {
        Attribute(
            name, .value(type), usage, description, default: defaultValue, requiresReplacement: requiresReplacement,
            changesWithUpdates: changesWithUpdates, deprecation: deprecation, rules: rules)
    }

    /// Objects with attributes of their own, written `name = { … }` or `name = [{ … }]`.
    public static func nested(
        _ name: String, _ nesting: Nesting, _ usage: Usage, _ description: String, _ attributes: [Attribute],
        requiresReplacement: Bool = false, changesWithUpdates: Bool = false, rules: [Rule] = [], identity: [String] = []
    ) -> Attribute {
        Attribute(
            name, .nested(nesting, attributes), usage, description, requiresReplacement: requiresReplacement,
            changesWithUpdates: changesWithUpdates, rules: rules, identity: identity)
    }

    /// The same, with ``staysAbsent``.
    public var stayingAbsent: Attribute {
        var copy = self
        copy.staysAbsent = true
        return copy
    }

    /// Whether the provider may set it where the configuration does not.
    var isComputed: Bool { usage == .computed || usage == .optionalComputed || defaultValue != nil }

    var type: ValueType {
        switch shape {
        case .value(let type): type
        case .nested(let nesting, let attributes): nesting.type(of: ValueType(attributes, []))
        }
    }
}

/// A block inside another, written `name { … }`: the older form of nested attributes, for schemas that have it already.
public struct NestedBlock: Sendable {
    public var name: String
    /// ``Attribute/Nesting/single`` is one block or none; maps are not served.
    public var nesting: Attribute.Nesting
    /// Markdown.
    public var description: String
    public var attributes: [Attribute]
    public var blocks: [NestedBlock]
    /// How many there must be.
    public var minimum: Int
    /// How many there may be; 0 is any number.
    public var maximum: Int
    public var requiresReplacement: Bool
    /// As that of attributes.
    public var identity: [String]

    public init(
        _ name: String, _ nesting: Attribute.Nesting, _ description: String, _ attributes: [Attribute],
        blocks: [NestedBlock] = [], minimum: Int = 0, maximum: Int = 0, requiresReplacement: Bool = false,
        identity: [String] = []
    ) {
        self.name = name
        self.nesting = nesting
        self.description = description
        self.attributes = attributes
        self.blocks = blocks
        self.minimum = minimum
        self.maximum = maximum
        self.requiresReplacement = requiresReplacement
        self.identity = identity
    }

    var type: ValueType { nesting.type(of: ValueType(attributes, blocks)) }
}

extension Attribute.Nesting {
    func type(of element: ValueType) -> ValueType {
        switch self {
        case .single: element
        case .list: .list(element)
        case .set: .set(element)
        case .map: .map(element)
        }
    }
}

extension ValueType {
    init(_ attributes: [Attribute], _ blocks: [NestedBlock]) {
        self = .object(
            Dictionary(
                attributes.map { ($0.name, $0.type) } + blocks.map { ($0.name, $0.type) },
                uniquingKeysWith: { first, _ in first }))
    }
}
