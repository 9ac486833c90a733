// Reading the attributes of a request body.

internal import JSON
internal import LoadBalancing
internal import Networking

/// Reads one object of a body, attribute by attribute, and then tells what was left over.
///
/// Lenient where clients differ: null stands for "not mentioned" where an attribute has no null, and numbers and truth
/// values may come as text.
struct AttributeReader {
    let values: [String: JSONValue]
    /// Whether the request makes the object: some attributes cannot be changed later.
    let isCreation: Bool
    /// The revision of the `If-Match` header.
    let expectedRevision: Int64?
    private var read: Set<String> = []

    init(_ values: [String: JSONValue], isCreation: Bool, expectedRevision: Int64?) {
        self.values = values
        self.isCreation = isCreation
        self.expectedRevision = expectedRevision
    }

    /// The value of an attribute, marked as read; `nil` when it is absent.
    mutating func value(_ name: String) -> JSONValue? {
        read.insert(name)
        return values[name]
    }

    private func fail(_ name: String, _ value: JSONValue, _ expected: String) -> NetworkFault {
        let text = value.string ?? String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
        return .invalid(field: name, "'\(text.prefix(300))' is not \(expected)")
    }

    /// Refuses what was not read.
    ///
    /// - Parameter known: attributes that exist but that the request must not have.
    func finish(known: Set<String>) throws {
        let rest = values.keys.filter { !read.contains($0) }.sorted()
        if let name = rest.first(where: { known.contains($0) }) {
            throw NetworkFault(
                .invalid, type: "HTTPBadRequest",
                isCreation ? "Attribute '\(name)' not allowed in POST." : "Cannot update read-only attribute \(name).")
        }
        guard rest.isEmpty else {
            let names = rest.map { "'\($0)'" }.joined(separator: ", ")
            throw NetworkFault(.invalid, type: "HTTPBadRequest", "Unrecognized attribute(s) \(names)")
        }
    }

    // MARK: Scalars

    mutating func text(_ name: String, maximum: Int = 255) throws -> String? {
        guard let value = value(name), !value.isNull else { return nil }
        return try text(value, name, maximum: maximum)
    }

    func text(_ value: JSONValue, _ name: String, maximum: Int = 255) throws -> String {
        guard let text = value.string else { throw fail(name, value, "a string") }
        let length = text.unicodeScalars.count
        guard length <= maximum else {
            throw NetworkFault.invalid(field: name, "\(length) characters exceed the maximum of \(maximum)")
        }
        return text
    }

    mutating func optionalText(_ name: String) throws -> Setting<String> {
        guard let value = value(name) else { return .unset }
        return value.isNull ? .null : .value(try text(value, name))
    }

    mutating func word(_ name: String, of words: [String]) throws -> Setting<String> {
        guard let value = value(name) else { return .unset }
        if value.isNull { return .null }
        guard let text = value.string, words.contains(text) else {
            throw fail(name, value, "in [\(words.joined(separator: ", "))]")
        }
        return .value(text)
    }

    mutating func bool(_ name: String) throws -> Bool? {
        guard let value = value(name), !value.isNull else { return nil }
        switch value {
        case .bool(let bool): return bool
        case .integer(0): return false
        case .integer(1): return true
        case .string(let text) where text.lowercased() == "true": return true
        case .string(let text) where text.lowercased() == "false": return false
        default: throw fail(name, value, "a boolean")
        }
    }

    mutating func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let value = value(name), !value.isNull else { return nil }
        let number = value.integer.flatMap { Int(exactly: $0) } ?? value.string.flatMap { Int($0) }
        guard let number, range.contains(number) else {
            throw fail(name, value, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func identifier(_ name: String) throws -> ResourceID? { try optionalIdentifier(name).value }

    mutating func optionalIdentifier(_ name: String) throws -> Setting<ResourceID> {
        guard let value = value(name) else { return .unset }
        if value.isNull || value == .string("") { return .null }
        return .value(try identifier(value, name))
    }

    func identifier(_ value: JSONValue, _ name: String) throws -> ResourceID {
        guard let text = value.string, let id = ResourceID(text) else { throw fail(name, value, "a valid UUID") }
        return id
    }

    mutating func optionalAddress(_ name: String) throws -> Setting<IPAddress> {
        guard let value = value(name) else { return .unset }
        if value.isNull || value == .string("") { return .null }
        return .value(try address(value, name))
    }

    func address(_ value: JSONValue, _ name: String) throws -> IPAddress {
        guard let text = value.string, let address = IPAddress(text) else {
            throw fail(name, value, "a valid IP address")
        }
        return address
    }

    /// A network whose text has a prefix length and no host bits.
    func network(_ value: JSONValue, _ name: String) throws -> IPNetwork {
        guard let text = value.string, text.contains("/"), let network = IPNetwork(text) else {
            throw fail(name, value, "a valid IP subnet in CIDR notation")
        }
        guard IPAddress(text.prefix { $0 != "/" }) == network.address else {
            throw fail(name, value, "a recognized IP subnet cidr, '\(network)' is recommended")
        }
        return network
    }

    mutating func hardwareAddress(_ name: String) throws -> String? {
        guard let value = value(name), !value.isNull else { return nil }
        return try hardwareAddress(value, name)
    }

    func hardwareAddress(_ value: JSONValue, _ name: String) throws -> String {
        guard let text = value.string, let address = HardwareAddress.canonical(text) else {
            throw fail(name, value, "a valid MAC address")
        }
        return address
    }

    /// `project_id` or its old name; both must agree.
    mutating func projectID() throws -> String? {
        let (new, old) = (try text("project_id"), try text("tenant_id"))
        if let new, let old, new != old {
            throw NetworkFault.invalid("'project_id' and 'tenant_id' have different values")
        }
        return new ?? old
    }

    // MARK: Lists

    mutating func list<Element>(
        _ name: String, maximum: Int = 1000, _ element: (AttributeReader, JSONValue) throws -> Element
    ) throws -> [Element]? {
        guard let value = value(name), !value.isNull else { return nil }
        guard let array = value.array else { throw fail(name, value, "a list") }
        guard array.count <= maximum else {
            throw NetworkFault.invalid(field: name, "\(array.count) elements exceed the maximum of \(maximum)")
        }
        return try array.map { try element(self, $0) }
    }

    mutating func texts(_ name: String) throws -> [String]? {
        try list(name) { try $0.text($1, name) }
    }

    /// A list of objects, each read by a reader of its own that may have no further attributes.
    mutating func objects<Element>(
        _ name: String, _ element: (inout AttributeReader) throws -> Element
    ) throws -> [Element]? {
        try list(name) { reader, value in
            guard let object = value.object else { throw reader.fail(name, value, "an object") }
            var inner = AttributeReader(object, isCreation: true, expectedRevision: nil)
            let result = try element(&inner)
            try inner.finish(known: [])
            return result
        }
    }
}
