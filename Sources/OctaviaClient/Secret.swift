// Text that must not be shown.

/// A password, a token or the payload of a secret: printing it, also as a part of something else, shows `<hidden>`.
public struct Secret: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The text itself.
    public let revealed: String

    /// Makes one; parameters that are not given have their usual values.
    public init(_ text: String) {
        self.revealed = text
    }

    /// A literal is one.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    public var description: String { "<hidden>" }
    public var debugDescription: String { "<hidden>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
