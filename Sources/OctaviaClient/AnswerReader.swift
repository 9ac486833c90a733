// Reading one JSON object of an answer, field by field.

public import JSON
internal import LoadBalancing

/// An object of an answer.
///
/// Fields that some version or deployment of a service does not have are read as absent; what is there must have the
/// right type.
public struct AnswerReader: Sendable {
    private let members: [String: JSONValue]
    /// What it is, for messages: `listener`.
    private let what: String

    init(_ value: JSONValue, _ what: String) throws(CloudError) {
        guard let members = value.object else {
            throw CloudError(.unexpectedAnswer, "unexpected answer: \(what) is no object")
        }
        self.members = members
        self.what = what
    }

    /// All fields, also those that the types of this library do not have.
    public var fields: [String: JSONValue] { members }

    private func unexpected(_ name: String, _ expected: String) -> CloudError {
        guard let value = members[name], !value.isNull else {
            return CloudError(.unexpectedAnswer, "unexpected answer: \(what) has no \(name)")
        }
        let text = String(decoding: JSONWriter.bytes(of: value).prefix(200), as: UTF8.self)
        return CloudError(.unexpectedAnswer, "unexpected answer: \(name) of \(what) is \(text), not \(expected)")
    }

    private func present(_ name: String) -> JSONValue? {
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    func has(_ name: String) -> Bool { present(name) != nil }

    // MARK: Text

    func textIfAny(_ name: String) throws(CloudError) -> String? {
        guard let value = present(name) else { return nil }
        guard let text = value.string else { throw unexpected(name, "text") }
        return text
    }

    /// The text of a field that has two names; the first counts more.
    func textIfAny(either name: String, _ other: String) throws(CloudError) -> String? {
        if let text = try textIfAny(name) { return text }
        return try textIfAny(other)
    }

    func text(_ name: String) throws(CloudError) -> String {
        guard let text = try textIfAny(name) else { throw unexpected(name, "text") }
        return text
    }

    /// Text that is empty when absent, such as a description.
    func textOrEmpty(_ name: String) throws(CloudError) -> String { try textIfAny(name) ?? "" }

    func strings(_ name: String) throws(CloudError) -> [String] { try stringsIfAny(name) ?? [] }

    func stringsIfAny(_ name: String) throws(CloudError) -> [String]? {
        guard let value = present(name) else { return nil }
        guard let array = value.array else { throw unexpected(name, "a list") }
        return array.compactMap(\.string)
    }

    func stringsByName(_ name: String) throws(CloudError) -> [String: String] {
        guard let value = present(name) else { return [:] }
        guard let object = value.object else { throw unexpected(name, "an object") }
        return object.compactMapValues { value in
            value.string ?? value.bool.map { "\($0)" } ?? value.integer.map { "\($0)" }
        }
    }

    // MARK: Numbers and truth values

    func integerIfAny(_ name: String) throws(CloudError) -> Int? {
        guard let value = present(name) else { return nil }
        if let integer = value.integer { return Int(integer) }
        // The flag of a listener's counters comes as text in some versions.
        if let text = value.string, let integer = Int(text) { return integer }
        throw unexpected(name, "a whole number")
    }

    /// The number of a field that has two names; the first counts more.
    func integerIfAny(either name: String, _ other: String) throws(CloudError) -> Int? {
        if let integer = try integerIfAny(name) { return integer }
        return try integerIfAny(other)
    }

    func integer(_ name: String) throws(CloudError) -> Int {
        guard let integer = try integerIfAny(name) else { throw unexpected(name, "a whole number") }
        return integer
    }

    func integer(_ name: String, ifAbsent standard: Int) throws(CloudError) -> Int {
        try integerIfAny(name) ?? standard
    }

    func numberIfAny(_ name: String) throws(CloudError) -> Double? {
        guard let value = present(name) else { return nil }
        switch value {
        case .number(let number): return number
        case .integer(let integer): return Double(integer)
        case .string(let text): return Double(text)
        default: throw unexpected(name, "a number")
        }
    }

    func flag(_ name: String, ifAbsent standard: Bool = false) throws(CloudError) -> Bool {
        guard let value = present(name) else { return standard }
        guard let flag = value.bool else { throw unexpected(name, "true or false") }
        return flag
    }

    // MARK: Terms, identifiers, times

    func termIfAny<Term: RawRepresentable<String>>(_ name: String) throws(CloudError) -> Term? {
        guard let text = try textIfAny(name) else { return nil }
        guard let term = Term(rawValue: text) else { throw unexpected(name, "a known term") }
        return term
    }

    func term<Term: RawRepresentable<String>>(_ name: String) throws(CloudError) -> Term {
        guard let term: Term = try termIfAny(name) else { throw unexpected(name, "a known term") }
        return term
    }

    func idIfAny(_ name: String) throws(CloudError) -> ResourceID? {
        guard let text = try textIfAny(name), !text.isEmpty else { return nil }
        guard let id = ResourceID(text) else { throw unexpected(name, "a UUID") }
        return id
    }

    func id(_ name: String = "id") throws(CloudError) -> ResourceID {
        guard let id = try idIfAny(name) else { throw unexpected(name, "a UUID") }
        return id
    }

    func ids(_ name: String) throws(CloudError) -> [ResourceID] { try strings(name).compactMap { ResourceID($0) } }

    /// The ids of a list of objects.
    func references(_ name: String) throws(CloudError) -> [ResourceID] {
        guard let value = present(name) else { return [] }
        guard let array = value.array else { throw unexpected(name, "a list") }
        return array.compactMap { $0["id"]?.string }.compactMap { ResourceID($0) }
    }

    func timeIfAny(_ name: String) throws(CloudError) -> Timestamp? {
        guard let text = try textIfAny(name) else { return nil }
        guard let time = Timestamp(iso8601: text) else { throw unexpected(name, "a time") }
        return time
    }

    // MARK: Objects

    func objectIfAny(_ name: String) throws(CloudError) -> AnswerReader? {
        guard let value = present(name) else { return nil }
        return try AnswerReader(value, "\(name) of \(what)")
    }

    func object(_ name: String) throws(CloudError) -> AnswerReader {
        guard let object = try objectIfAny(name) else { throw unexpected(name, "an object") }
        return object
    }

    func objects(_ name: String) throws(CloudError) -> [AnswerReader] {
        guard let value = present(name) else { return [] }
        guard let array = value.array else { throw unexpected(name, "a list") }
        var result: [AnswerReader] = []
        for element in array { result.append(try AnswerReader(element, "\(name) of \(what)")) }
        return result
    }
}
