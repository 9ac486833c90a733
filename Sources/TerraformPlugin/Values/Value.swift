// A value of Terraform's type system.

/// A value in a configuration, plan or state.
///
/// Lists, sets and tuples are ``list(_:)``; maps, objects and blocks are ``object(_:)``. What a value means is said by the
/// schema beside it.
public enum Value: Sendable, Hashable {
    case null
    /// Known only after something else has been applied. A value may be known to be within limits even so.
    case unknown(Refinements? = nil)
    case bool(Bool)
    case number(Number)
    case string(String)
    case list([Value])
    case object([String: Value])

    /// A value that nothing is known about.
    public static let unknown = Value.unknown(nil)

    public static func integer(_ value: some BinaryInteger) -> Value {
        .number(Int64(exactly: value).map { Number($0) } ?? Number(decimal: "\(value)"))
    }

    // MARK: What it is

    public var isNull: Bool { self == .null }

    public var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }

    /// Whether this is a value that is there: neither null nor unknown.
    public var isKnown: Bool { !isNull && !isUnknown }

    /// Whether this and everything inside is known or null.
    public var isWhollyKnown: Bool {
        switch self {
        case .unknown: false
        case .list(let elements): elements.allSatisfy(\.isWhollyKnown)
        case .object(let members): members.values.allSatisfy(\.isWhollyKnown)
        default: true
        }
    }

    /// Whether this says nothing: null, an empty text, or an empty list, set or map.
    public var isEmpty: Bool {
        switch self {
        case .null, .string(""), .list([]): true
        case .object(let members): members.isEmpty
        default: false
        }
    }

    // MARK: What is in it

    /// The text; `nil` for anything else, null and unknown included.
    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The number, if it is whole and fits.
    public var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return value.integer
    }

    /// The elements of a list or set.
    public var elements: [Value]? {
        guard case .list(let value) = self else { return nil }
        return value
    }

    /// The entries of a map, object or block.
    public var members: [String: Value]? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// The known texts of a list or set.
    public var strings: [String] { elements?.compactMap(\.string) ?? [] }

    /// A member; null if it is not there or this is no object. Setting a member of something else makes it an object.
    public subscript(name: String) -> Value {
        get { members?[name] ?? .null }
        set {
            var members = members ?? [:]
            members[name] = newValue
            self = .object(members)
        }
    }

    /// An element; null if it is not there.
    public subscript(index: Int) -> Value {
        guard let elements, elements.indices.contains(index) else { return .null }
        return elements[index]
    }

    /// The value at a path; null if it is not there.
    public subscript(path: AttributePath) -> Value {
        path.steps.reduce(self) { value, step in
            switch step {
            case .name(let name), .key(let name): value[name]
            case .index(let index): value[index]
            case .element(let element): value.elements?.first { $0 == element } ?? .null
            }
        }
    }

    // MARK: Making one

    /// A text, or null.
    public static func optional(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

    /// A whole number, or null.
    public static func optional(_ number: Int?) -> Value { number.map { .integer($0) } ?? .null }

    /// A truth value, or null.
    public static func optional(_ flag: Bool?) -> Value { flag.map { .bool($0) } ?? .null }

    /// A list or set of texts.
    public static func strings(_ texts: some Sequence<String>) -> Value { .list(texts.map { .string($0) }) }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .number(Number(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
    public init(nilLiteral: ()) { self = .null }
}

extension Value: CustomStringConvertible {
    /// As it would stand in a configuration, for messages.
    public var description: String {
        switch self {
        case .null: "null"
        case .unknown: "(known after apply)"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): value.description
        case .string(let value): "\"\(value)\""
        case .list(let elements): "[" + elements.map(\.description).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ") + "}"
        }
    }
}

/// What is known of an unknown value (Terraform calls these refinements).
public struct Refinements: Sendable, Hashable {
    /// A limit of a number.
    public struct Bound: Sendable, Hashable {
        public var value: Number
        public var isInclusive: Bool

        public init(_ value: Number, isInclusive: Bool) {
            self.value = value
            self.isInclusive = isInclusive
        }
    }

    /// True if it will be null, false if it will not; absent if either may be.
    public var isNull: Bool?
    /// A text begins so.
    public var prefix: String?
    public var lowerBound: Bound?
    public var upperBound: Bound?
    /// A list, set or map has at least so many elements.
    public var minimumCount: Int64?
    /// And at most so many.
    public var maximumCount: Int64?

    public init() {}
}
