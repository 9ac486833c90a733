// Names of network interfaces.

/// The name of a network interface that may stand in a command: 1–15 bytes (IFNAMSIZ) of ASCII letters, digits, `_`,
/// `-` and `.`, the first of them a letter; not a name that Linux gives a meaning of its own.
public struct InterfaceName: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// `nil` for a text that is no such name.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
        guard (1...15).contains(bytes.count), isLetter(bytes[0]),
            bytes.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0) }),
            !["all", "default", "lo"].contains(String(text))
        else { return nil }
        description = String(text)
    }

    private init(unchecked text: String) {
        description = text
    }

    /// The interface of a load balancer within its namespace.
    static let inside = InterfaceName(unchecked: "eth0")
    static let loopback = InterfaceName(unchecked: "lo")

    /// The host's end of a load balancer's pair: `ov` and 13 digits, as many as fit, that a bridge's name and the load
    /// balancer's id determine.
    static func outside(_ seed: UInt64) -> InterfaceName {
        let digits = String(seed, radix: 32)
        return InterfaceName(unchecked: outsidePrefix + String(repeating: "0", count: 13 - digits.count) + digits)
    }

    /// How the names of all host's ends begin.
    static let outsidePrefix = "ov"
}
