// Bytes that JSON carries as base64 (RFC 4648 section 4).

internal import FoundationEssentials
public import JSON

/// Bytes, such as those of a Secret. They do not appear in descriptions.
public struct Base64Bytes: JSONElement, CustomStringConvertible, CustomDebugStringConvertible {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    public init(json: JSONValue, path: String) throws(MalformedObject) {
        guard let text = json.string, let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
            throw MalformedObject(path: path, expected: "base64")
        }
        bytes = Array(data)
    }

    public var json: JSONValue { .string(Data(bytes).base64EncodedString()) }

    /// The bytes as UTF-8; `nil` if they are something else.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    public var description: String { "\(bytes.count) bytes" }
    public var debugDescription: String { description }
}
