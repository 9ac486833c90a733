// The faults of bodies and queries that cannot be understood.

internal import JSON

extension OctaviaFault {
    /// The body is not JSON.
    public static let invalidJSON = OctaviaFault(400, "Request is not in valid JSON format")

    /// The query of a list names a field that cannot be filtered by, or one field twice.
    public static let invalidListArguments = OctaviaFault(
        400, "One or more arguments are either duplicate or invalid")

    /// The request needs a body, or an id in its path.
    public static func missingArgument(_ name: String) -> OctaviaFault {
        OctaviaFault(400, "Missing argument: \"\(name)\"")
    }

    /// The query of a call that takes none, or of a call that knows its arguments, has another one.
    public static func unknownArgument(_ name: String) -> OctaviaFault {
        OctaviaFault(400, "Unknown argument: \"\(name)\"")
    }

    /// An object of the body has keys that the call does not know; `path` is such as `listener_.listener`.
    public static func unknownAttributes(_ names: [String], path: String) -> OctaviaFault {
        let noun = names.count == 1 ? "attribute" : "attributes"
        return OctaviaFault(400, "Unknown \(noun) for argument \(path): \(names.joined(separator: ", "))")
    }

    /// A required field is absent or `null`.
    public static func missingField(_ field: String) -> OctaviaFault {
        .invalidInput(field: field, value: "None", reason: "Mandatory field missing.")
    }

    /// The order of a list names an unknown field, or one field twice.
    public static func invalidSortKey(_ key: String) -> OctaviaFault {
        OctaviaFault(400, "Supplied sort key '\(key)' is not valid.")
    }

    /// A key of an order has more than a direction; the parts are shown as Python prints a list.
    static func invalidSortItem(_ parts: [String]) -> OctaviaFault {
        let list = parts.map { "'\($0)'" }.joined(separator: ", ")
        return OctaviaFault(400, "Supplied sort key '[\(list)]' is not valid.", form: .routing(title: "Bad Request"))
    }

    /// The direction of an order is neither `asc` nor `desc`.
    public static func invalidSortDirection(_ direction: String) -> OctaviaFault {
        OctaviaFault(
            400, "Supplied sort direction '\(direction)' is not valid.", form: .routing(title: "Bad Request"))
    }

    /// The length of a page is no number.
    public static func invalidLimit(_ limit: String) -> OctaviaFault {
        OctaviaFault(400, "Supplied pagination limit '\(limit)' is not valid.", form: .routing(title: "Bad Request"))
    }

    /// There is no object with the id after which the page begins.
    public static func invalidMarker(_ marker: String) -> OctaviaFault {
        OctaviaFault(400, "Supplied pagination marker '\(marker)' is not valid.")
    }

    static func invalidInput(_ location: FieldLocation, _ value: JSONValue, _ reason: String) -> OctaviaFault {
        .invalidInput(field: location.name, value: value.faultText, reason: reason)
    }
}

extension JSONValue {
    /// The value as faults show it: as Python prints it, which users of the API know, and never longer than 1024
    /// characters, so that a fault does not send a large body back.
    var faultText: String {
        let text: String
        if case .string(let string) = self { text = string } else { text = pythonText }
        return text.utf8.count <= 1024 ? text : String(text.unicodeScalars.prefix(1024)) + "…"
    }

    private var pythonText: String {
        switch self {
        case .null: return "None"
        case .bool(let value): return value ? "True" : "False"
        case .integer(let value): return String(value)
        case .number(let value): return String(value)
        case .string(let value): return "'\(value)'"
        case .array(let elements):
            // More than this is cut off anyway.
            return "[" + elements.prefix(512).map(\.pythonText).joined(separator: ", ") + "]"
        case .object(let members):
            let entries = members.keys.sorted().prefix(512).map { key in
                "'\(key)': " + (members[key]?.pythonText ?? "None")
            }
            return "{" + entries.joined(separator: ", ") + "}"
        }
    }
}
