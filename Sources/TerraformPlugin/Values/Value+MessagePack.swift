// Values as MessagePack, in which Terraform and plugins exchange them.
//
// https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/object-wire-format.md

internal import MessagePack

/// A value does not have the type that the schema says.
struct ValueMismatch: Error, CustomStringConvertible {
    var path: AttributePath
    var reason: String

    var description: String { path.steps.isEmpty ? reason : "\(path): \(reason)" }
}

extension Value {
    /// Reads a value of a type.
    init(_ packed: MessagePackValue, _ type: ValueType, at path: AttributePath = AttributePath()) throws(ValueMismatch)
    {
        switch (packed, type) {
        case (.null, _): self = .null
        // Whatever extension there is: the value is unknown.
        case (.extension(let kind, let content), _): self = .unknown(kind == 12 ? Refinements(content) : nil)
        case (.bool(let value), .bool): self = .bool(value)
        case (.string(let value), .string): self = .string(value)
        case (.integer(let value), .number): self = .number(Number(value))
        case (.unsigned(let value), .number): self = .number(Number(value))
        case (.number(let value), .number) where value.isFinite: self = .number(Number(value))
        case (.string(let value), .number):
            guard let number = Number(text: value) else {
                throw ValueMismatch(path: path, reason: "'\(value)' is no number")
            }
            self = .number(number)
        case (.array(let elements), .list(let element)), (.array(let elements), .set(let element)):
            var values: [Value] = []
            values.reserveCapacity(elements.count)
            for (index, packed) in elements.enumerated() {
                values.append(try Value(packed, element, at: path.index(index)))
            }
            self = .list(values)
        case (.map(let pairs), .map(let element)):
            var members: [String: Value] = [:]
            for pair in pairs {
                let name = try Self.name(pair, path)
                members[name] = try Value(pair.value, element, at: path.key(name))
            }
            self = .object(members)
        case (.map(let pairs), .object(let types)):
            var members = types.mapValues { _ in Value.null }
            for pair in pairs {
                let name = try Self.name(pair, path)
                guard let type = types[name] else {
                    throw ValueMismatch(path: path, reason: "'\(name)' is not in the schema")
                }
                members[name] = try Value(pair.value, type, at: path.name(name))
            }
            self = .object(members)
        default: throw ValueMismatch(path: path, reason: "this is no \(type.label)")
        }
    }

    private static func name(_ pair: MessagePackValue.Pair, _ path: AttributePath) throws(ValueMismatch) -> String {
        guard case .string(let name) = pair.key else { throw ValueMismatch(path: path, reason: "a key is no text") }
        return name
    }

    var packed: MessagePackValue {
        switch self {
        case .null: return .null
        case .unknown(let refinements): return refinements?.packed ?? .extension(type: 0, [0])
        case .bool(let value): return .bool(value)
        case .string(let value): return .string(value)
        case .number(let value):
            if let integer = value.integer { return .integer(Int64(integer)) }
            return value.isExactInDouble ? .number(value.double) : .string(value.description)
        case .list(let elements): return .array(elements.map(\.packed))
        case .object(let members): return .object(members.mapValues(\.packed))
        }
    }
}

extension Refinements {
    /// `nil` if nothing in it is understood.
    fileprivate init?(_ content: [UInt8]) {
        guard case .map(let pairs)? = try? MessagePackValue(bytes: content) else { return nil }
        self.init()
        for pair in pairs {
            switch (pair.key, pair.value) {
            case (.integer(1), .bool(let flag)): isNull = flag
            case (.integer(2), .string(let text)): prefix = text
            case (.integer(3), let bound): lowerBound = Bound(bound)
            case (.integer(4), let bound): upperBound = Bound(bound)
            case (.integer(5), .integer(let count)): minimumCount = count
            case (.integer(6), .integer(let count)): maximumCount = count
            default: break
            }
        }
        if self == Refinements() { return nil }
    }

    fileprivate var packed: MessagePackValue? {
        var pairs: [MessagePackValue.Pair] = []
        func add(_ key: Int64, _ value: MessagePackValue?) {
            if let value { pairs.append(.init(.integer(key), value)) }
        }
        add(1, isNull.map { .bool($0) })
        add(2, prefix.map { .string($0) })
        add(3, lowerBound?.packed)
        add(4, upperBound?.packed)
        add(5, minimumCount.map { .integer($0) })
        add(6, maximumCount.map { .integer($0) })
        return pairs.isEmpty ? nil : .extension(type: 12, MessagePackValue.map(pairs).bytes)
    }
}

extension Refinements.Bound {
    fileprivate init?(_ packed: MessagePackValue) {
        guard case .array(let parts) = packed, parts.count == 2, case .bool(let isInclusive) = parts[1],
            case .number(let value)? = try? Value(parts[0], .number)
        else { return nil }
        self.init(value, isInclusive: isInclusive)
    }

    fileprivate var packed: MessagePackValue { .array([Value.number(value).packed, .bool(isInclusive)]) }
}
