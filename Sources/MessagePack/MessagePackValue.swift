// A MessagePack document of unknown shape.

/// A MessagePack value (https://github.com/msgpack/msgpack/blob/master/spec.md).
///
/// Integers are ``integer(_:)`` whenever they fit in it, however they were written.
public enum MessagePackValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// An integer above `Int64.max`.
    case unsigned(UInt64)
    case number(Double)
    case string(String)
    case binary([UInt8])
    case array([MessagePackValue])
    /// In the order of the document; keys may be of any kind.
    case map([Pair])
    /// Bytes whose meaning the application's type, -128–127, says.
    case `extension`(type: Int8, [UInt8])

    /// An entry of a map.
    public struct Pair: Sendable, Hashable {
        public var key: MessagePackValue
        public var value: MessagePackValue

        public init(_ key: MessagePackValue, _ value: MessagePackValue) {
            self.key = key
            self.value = value
        }
    }

    /// A map with text keys, in their order.
    public static func object(_ members: [String: MessagePackValue]) -> MessagePackValue {
        .map(members.sorted { $0.key < $1.key }.map { Pair(.string($0.key), $0.value) })
    }
}

/// Why bytes are not MessagePack.
public struct MessagePackError: Error, Sendable, Hashable, CustomStringConvertible {
    public var reason: String
    /// The first byte that cannot be read, from 0.
    public var offset: Int

    public var description: String { "this is not MessagePack: \(reason) at byte \(offset)" }
}
