// Values that are JSON objects: known fields are properties, all others are kept.

public import JSON

/// Something that does not have the form that the API promises.
public struct MalformedObject: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where, such as `spec.ports[0].port`.
    public var path: String
    /// What should have been there.
    public var expected: String

    public var description: String { "\(path.isEmpty ? "the document" : path): \(expected) expected" }
}

/// A value with a form in JSON.
public protocol JSONElement: Sendable, Hashable {
    init(json: JSONValue, path: String) throws(MalformedObject)
    var json: JSONValue { get }
}

/// A value that is one JSON object.
///
/// Fields that are not known here survive reading and writing, so that an object of a newer API can be written back.
/// The type names its fields once, in ``fields(_:)``, for both directions.
public protocol JSONRecord: JSONElement {
    init()
    /// What was read and has no property.
    var otherFields: [String: JSONValue] { get set }
    /// Hands every known field to the mapper.
    mutating func fields(_ mapper: inout FieldMapper) throws(MalformedObject)
}

extension JSONRecord {
    public init(json: JSONValue, path: String = "") throws(MalformedObject) {
        guard case .object(let members) = json else { throw MalformedObject(path: path, expected: "an object") }
        self.init()
        var mapper = FieldMapper(reading: members, path: path)
        try fields(&mapper)
        otherFields = mapper.members
    }

    public var json: JSONValue {
        var mapper = FieldMapper(writingInto: otherFields)
        var copy = self
        // Writing has nothing to refuse.
        try? copy.fields(&mapper)
        return .object(mapper.members)
    }
}

/// Carries the fields of a record between properties and JSON. Absent, `null` and empty are the same, as in the API's
/// own types; what is absent is not written.
public struct FieldMapper {
    private let isReading: Bool
    private let path: String
    /// When reading: what no field has taken. When writing: what has been written.
    fileprivate private(set) var members: [String: JSONValue]

    fileprivate init(reading members: [String: JSONValue], path: String) {
        isReading = true
        self.members = members
        self.path = path
    }

    fileprivate init(writingInto members: [String: JSONValue]) {
        isReading = false
        self.members = members
        path = ""
    }

    private func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private mutating func take(_ name: String) -> JSONValue? {
        guard let value = members.removeValue(forKey: name), !value.isNull else { return nil }
        return value
    }

    /// Not an optional value instead of the flag: `nil` would be JSON's `null`, which is written.
    private mutating func put(_ name: String, _ value: @autoclosure () -> JSONValue, unless isAbsent: Bool) {
        if isAbsent { members.removeValue(forKey: name) } else { members[name] = value() }
    }

    public mutating func field<Element: JSONElement>(
        _ name: String, _ value: inout Element?
    ) throws(MalformedObject) {
        guard isReading else {
            if let value { put(name, value.json, unless: false) } else { members.removeValue(forKey: name) }
            return
        }
        guard let json = take(name) else { return }
        value = try Element(json: json, path: path(name))
    }

    /// A text; absent is empty.
    public mutating func field(_ name: String, _ value: inout String) throws(MalformedObject) {
        guard isReading else { return put(name, .string(value), unless: value.isEmpty) }
        guard let json = take(name) else { return }
        value = try String(json: json, path: path(name))
    }

    /// A number; absent is 0.
    public mutating func field(_ name: String, _ value: inout Int) throws(MalformedObject) {
        guard isReading else { return put(name, value.json, unless: value == 0) }
        guard let json = take(name) else { return }
        value = try Int(json: json, path: path(name))
    }

    /// A truth value; absent is false.
    public mutating func field(_ name: String, _ value: inout Bool) throws(MalformedObject) {
        guard isReading else { return put(name, true, unless: !value) }
        guard let json = take(name) else { return }
        value = try Bool(json: json, path: path(name))
    }

    public mutating func field<Record: JSONRecord>(_ name: String, _ value: inout Record) throws(MalformedObject) {
        guard isReading else {
            let json = value.json
            return put(name, json, unless: json == .object([:]))
        }
        guard let json = take(name) else { return }
        value = try Record(json: json, path: path(name))
    }

    public mutating func field<Element: JSONElement>(
        _ name: String, _ value: inout [Element]
    ) throws(MalformedObject) {
        guard isReading else { return put(name, .array(value.map(\.json)), unless: value.isEmpty) }
        guard let json = take(name) else { return }
        guard case .array(let elements) = json else { throw MalformedObject(path: path(name), expected: "an array") }
        value.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            value.append(try Element(json: element, path: "\(path(name))[\(index)]"))
        }
    }

    public mutating func field<Element: JSONElement>(
        _ name: String, _ value: inout [String: Element]
    ) throws(MalformedObject) {
        guard isReading else { return put(name, .object(value.mapValues(\.json)), unless: value.isEmpty) }
        guard let json = take(name) else { return }
        guard case .object(let elements) = json else { throw MalformedObject(path: path(name), expected: "an object") }
        for (key, element) in elements { value[key] = try Element(json: element, path: "\(path(name))[\(key)]") }
    }
}

extension String: JSONElement {
    public init(json: JSONValue, path: String) throws(MalformedObject) {
        guard let text = json.string else { throw MalformedObject(path: path, expected: "a string") }
        self = text
    }
    public var json: JSONValue { .string(self) }
}

extension Int: JSONElement {
    public init(json: JSONValue, path: String) throws(MalformedObject) {
        guard let number = json.integer else { throw MalformedObject(path: path, expected: "a whole number") }
        self = Int(number)
    }
    public var json: JSONValue { .integer(Int64(self)) }
}

extension Bool: JSONElement {
    public init(json: JSONValue, path: String) throws(MalformedObject) {
        guard let truth = json.bool else { throw MalformedObject(path: path, expected: "true or false") }
        self = truth
    }
    public var json: JSONValue { .bool(self) }
}

extension JSONValue: JSONElement {
    public init(json: JSONValue, path: String) { self = json }
    public var json: JSONValue { self }
}
