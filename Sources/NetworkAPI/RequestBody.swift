// The envelope of a request body.

internal import HTTPService
internal import JSON
internal import Networking

/// A body that is one JSON object with one member: the object or the list of objects.
struct RequestBody {
    private let members: [String: JSONValue]
    /// The revision of the header `If-Match: revision_number=N`.
    let expectedRevision: Int64?

    init(_ request: APIRequest) throws {
        let value: JSONValue
        do {
            value = try request.json()
        } catch {
            throw Self.malformed("\(error)")
        }
        guard let object = value.object else { throw Self.malformed("an object is expected") }
        guard Self.isStorable(value) else { throw Self.malformed("it contains the character U+0000") }
        members = object
        if let condition = request.header("If-Match") {
            let parts = condition.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0] == "revision_number", let revision = Int64(parts[1]) else {
                throw NetworkFault.invalid(field: "If-Match", "'\(condition)' is not revision_number=NUMBER")
            }
            expectedRevision = revision
        } else {
            expectedRevision = nil
        }
    }

    /// The object below a key.
    func object(_ key: String) throws -> [String: JSONValue] {
        guard let object = members[key]?.object else {
            throw NetworkFault(.invalid, type: "HTTPBadRequest", "Unable to find '\(key)' in request body")
        }
        return object
    }

    /// The objects of a list below a key; `nil` without that key.
    func objects(_ key: String) throws -> [[String: JSONValue]]? {
        guard let value = members[key] else { return nil }
        let objects = value.array?.compactMap(\.object)
        guard let objects, objects.count == value.array?.count else {
            throw NetworkFault.invalid(field: key, "it is not a list of objects")
        }
        return objects
    }

    /// The texts of a list below a key.
    func texts(_ key: String) throws -> [String] {
        let value = members[key]
        let texts = value?.array?.compactMap(\.string)
        guard let texts, texts.count == value?.array?.count else {
            throw NetworkFault.invalid(field: key, "it is not a list of strings")
        }
        return texts
    }

    private static func malformed(_ reason: String) -> NetworkFault {
        NetworkFault(.invalid, type: "MalformedRequestBody", "Malformed request body: \(reason).")
    }

    /// PostgreSQL keeps no U+0000 in text.
    private static func isStorable(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): !text.utf8.contains(0)
        case .array(let elements): elements.allSatisfy(isStorable)
        case .object(let members): members.allSatisfy { !$0.key.utf8.contains(0) && isStorable($0.value) }
        case .null, .bool, .integer, .number: true
        }
    }
}
