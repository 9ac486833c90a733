// Changes of parts of an object.

public import JSON

/// A change of parts of an object.
public enum Patch: Sendable, Hashable {
    /// RFC 7396: members replace those of the same name, `null` removes; arrays are replaced as a whole.
    case merge(JSONValue)
    /// RFC 6902: operations one after the other, all or none.
    case json([Operation])

    /// One operation of RFC 6902.
    public enum Operation: Sendable, Hashable {
        /// Fails unless the value is this one.
        case test(path: String, value: JSONValue)
        case add(path: String, value: JSONValue)
        case replace(path: String, value: JSONValue)
        case remove(path: String)
    }

    var contentType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json: "application/json-patch+json"
        }
    }

    var body: [UInt8] {
        switch self {
        case .merge(let value): JSONWriter.bytes(of: value)
        case .json(let operations): JSONWriter.bytes(of: JSONValue.array(operations.map(\.json)))
        }
    }

    /// A merge patch that turns one state of an object into another. With `resourceVersion` it applies only to the
    /// state that it starts from.
    ///
    /// - Returns: `nil` if the two do not differ.
    public static func difference(
        from old: JSONValue, to new: JSONValue, resourceVersion: String? = nil
    ) -> Patch? {
        guard old != new, var members = difference(old, new).object else { return nil }
        if let resourceVersion {
            var metadata = members["metadata"]?.object ?? [:]
            metadata["resourceVersion"] = .string(resourceVersion)
            members["metadata"] = .object(metadata)
        }
        return .merge(.object(members))
    }

    private static func difference(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
        guard case .object(let before) = old, case .object(let after) = new else { return new }
        var changes: [String: JSONValue] = [:]
        for (key, value) in after where before[key] != value {
            changes[key] = before[key].map { difference($0, value) } ?? value
        }
        for key in before.keys where after[key] == nil { changes[key] = .null }
        return .object(changes)
    }
}

extension Patch.Operation {
    fileprivate var json: JSONValue {
        switch self {
        case .test(let path, let value): ["op": "test", "path": .string(path), "value": value]
        case .add(let path, let value): ["op": "add", "path": .string(path), "value": value]
        case .replace(let path, let value): ["op": "replace", "path": .string(path), "value": value]
        case .remove(let path): ["op": "remove", "path": .string(path)]
        }
    }

    /// A pointer to a member below others (RFC 6901).
    public static func pointer(_ keys: String...) -> String {
        keys.map { key in
            "/" + key.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
        }.joined()
    }
}
