// The document as clients read it.

internal import JSON
internal import Testing

@testable internal import LoadBalancerAPI

/// The parsed document.
struct Document {
    let root: JSONValue

    init() throws {
        root = try Self.parsed.get()
    }

    /// Parsed once, because many tests look at it.
    private static let parsed = Result { try JSONValue(parsing: OpenAPI.document) }

    /// The named schemas.
    var schemas: [String: JSONValue] { root["components"]?["schemas"]?.object ?? [:] }

    /// All operations with method and path.
    var operations: [(method: String, path: String, value: JSONValue)] {
        (root["paths"]?.object ?? [:]).sorted { $0.key < $1.key }.flatMap { path, item in
            (item.object ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, path, $0.value) }
        }
    }

    func operation(_ method: String, _ path: String) -> JSONValue? { root["paths"]?[path]?[method] }

    /// The schema of an answer.
    func answer(_ method: String, _ path: String, _ status: Int) -> JSONValue? {
        let answer = operation(method, path)?["responses"]?[String(status)].map(resolved)
        return answer?["content"]?["application/json"]?["schema"]
    }

    /// What `#/a/b` refers to.
    func target(of reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(Optional(root)) { value, key in
            value?[String(key)]
        }
    }

    /// The value itself, or what it refers to.
    func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string, let target = target(of: reference) else { return value }
        return resolved(target)
    }

    /// The properties of an object schema, those of its parts included.
    func properties(of schema: JSONValue) -> [String: JSONValue] {
        let schema = resolved(schema)
        return (schema["allOf"]?.array ?? []).reduce(schema["properties"]?.object ?? [:]) { properties, part in
            properties.merging(self.properties(of: part)) { own, _ in own }
        }
    }
}
