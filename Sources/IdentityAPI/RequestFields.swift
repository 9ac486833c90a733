// Reading the members of a body, with faults that name them.

internal import HTTPService
internal import Identity
internal import JSON

/// The members of an object in a body. Members that nobody asks for are ignored.
struct RequestFields {
    private let members: [String: JSONValue]
    /// Where the object stands in the body, such as `auth.identity`.
    private let path: String

    private init(members: [String: JSONValue], path: String) {
        self.members = members
        self.path = path
    }

    /// Reads the object under the one key of a body.
    ///
    /// - Throws: ``IdentityFault`` with 400 when the body is not JSON or has another shape.
    init(_ request: APIRequest, key: String) throws {
        let body: JSONValue
        do {
            body = try request.json()
        } catch {
            throw IdentityFault.badRequest("The body is not valid JSON: \(error.description).")
        }
        guard !body.containsNullCharacter else {
            throw IdentityFault.badRequest("The body contains the character U+0000.")
        }
        guard let members = body.object else {
            throw IdentityFault.badRequest("The body must be a JSON object with the member '\(key)'.")
        }
        self = try RequestFields(members: members, path: "").object(key)
    }

    /// The full name of a member, as faults give it.
    func fullName(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Whether the member is there, be it null.
    func has(_ name: String) -> Bool { members[name] != nil }

    private func wrong(_ name: String, _ value: JSONValue, _ allowed: String) -> IdentityFault {
        .invalid(
            fullName(name), value: String(decoding: JSONWriter.bytes(of: value), as: UTF8.self), allowed: allowed)
    }

    private func missing(_ name: String, _ kind: String) -> IdentityFault {
        .badRequest("Expecting to find '\(fullName(name))' in the request body; it must be \(kind).")
    }

    /// An object that must be there.
    func object(_ name: String) throws -> RequestFields {
        guard let object = try optionalObject(name) else { throw missing(name, "an object") }
        return object
    }

    /// An object, or `nil` when it is absent or null.
    func optionalObject(_ name: String) throws -> RequestFields? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let object = value.object else { throw wrong(name, value, "it must be an object") }
        return RequestFields(members: object, path: fullName(name))
    }

    /// A string that must be there.
    func string(_ name: String) throws -> String {
        guard let text = try nonNullString(name) else { throw missing(name, "a string") }
        return text
    }

    /// A string, or `nil` when it is absent or null.
    func optionalString(_ name: String) throws -> String? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let text = value.string else { throw wrong(name, value, "it must be a string or null") }
        return text
    }

    /// A string that can't be null; `nil` when it is absent.
    func nonNullString(_ name: String) throws -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string else { throw wrong(name, value, "it must be a string") }
        return text
    }

    /// A string of an update, in which null says that there is none.
    func patch(_ name: String) throws -> Patch<String> {
        guard let value = members[name] else { return .absent }
        if value.isNull { return .null }
        guard let text = value.string else { throw wrong(name, value, "it must be a string or null") }
        return .value(text)
    }

    /// A truth value that can't be null; `nil` when it is absent.
    func optionalBool(_ name: String) throws -> Bool? {
        guard let value = members[name] else { return nil }
        guard let bool = value.bool else { throw wrong(name, value, "it must be true or false") }
        return bool
    }

    /// A list of strings, or `nil` when it is absent or null.
    func optionalStrings(_ name: String) throws -> [String]? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let elements = value.array else { throw wrong(name, value, "it must be a list of strings") }
        return try elements.map { element in
            guard let text = element.string else { throw wrong(name, value, "it must be a list of strings") }
            return text
        }
    }

    /// A list of objects, or `nil` when it is absent or null.
    func optionalObjects(_ name: String) throws -> [RequestFields]? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let elements = value.array else { throw wrong(name, value, "it must be a list of objects") }
        return try elements.enumerated().map { index, element in
            guard let object = element.object else { throw wrong(name, value, "it must be a list of objects") }
            return RequestFields(members: object, path: "\(fullName(name))[\(index)]")
        }
    }

    /// The raw value of a member.
    subscript(name: String) -> JSONValue? { members[name] }
}

extension JSONValue {
    /// Whether any text in the document has U+0000, which PostgreSQL can't store.
    fileprivate var containsNullCharacter: Bool {
        switch self {
        case .null, .bool, .integer, .number: false
        case .string(let text): text.utf8.contains(0)
        case .array(let elements): elements.contains(where: \.containsNullCharacter)
        case .object(let members): members.contains { $0.key.utf8.contains(0) || $0.value.containsNullCharacter }
        }
    }
}
