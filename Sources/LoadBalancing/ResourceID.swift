// The identifier of every resource: a UUID in its canonical text form.

/// A universally unique identifier (RFC 9562) in canonical form: lower case, with dashes.
///
/// Clients may spell a UUID in upper case, without dashes, in braces or as a URN; all spellings of one UUID are equal
/// here because only the canonical one is kept.
public struct ResourceID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The canonical text, 36 characters.
    public let string: String

    /// Reads any usual spelling of a UUID; `nil` when the text is none.
    public init?(_ text: some StringProtocol) {
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        var body = Substring(text)
        if body.hasPrefix("urn:uuid:") { body = body.dropFirst("urn:uuid:".count) }
        if body.hasPrefix("{"), body.hasSuffix("}") { body = body.dropFirst().dropLast() }
        for byte in body.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                digits.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                digits.append(byte | 0x20)
            case UInt8(ascii: "-"):
                continue
            default:
                return nil
            }
            if digits.count > 32 { return nil }
        }
        guard digits.count == 32 else { return nil }
        self.string = Self.format(digits)
    }

    /// Takes text that is known to be canonical, such as what the database returns.
    public init(canonical string: String) {
        self.string = string
    }

    /// A new random identifier (version 4).
    public static func random() -> ResourceID {
        var generator = SystemRandomNumberGenerator()
        let high = (generator.next() as UInt64) & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000
        let low = (generator.next() as UInt64) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return ResourceID(high, low)
    }

    /// A new identifier that sorts behind those of earlier times (version 7, RFC 9562 section 5.7): milliseconds since
    /// the epoch, their fraction in 1/4096, and chance.
    public static func timeOrdered(at time: Timestamp) -> ResourceID {
        var generator = SystemRandomNumberGenerator()
        let low = (generator.next() as UInt64) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return ResourceID(timeBits(time), low)
    }

    /// What no identifier of ``timeOrdered(at:)`` from that time on comes before.
    public static func lowestTimeOrdered(at time: Timestamp) -> ResourceID {
        ResourceID(timeBits(time), 0x8000_0000_0000_0000)
    }

    private static func timeBits(_ time: Timestamp) -> UInt64 {
        let microseconds = UInt64(clamping: time.microseconds)
        return (microseconds / 1_000) << 16 | 0x7000 | (microseconds % 1_000) * 4096 / 1_000
    }

    private init(_ high: UInt64, _ low: UInt64) {
        let hexadecimal = Array("0123456789abcdef".utf8)
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for word in [high, low] {
            for shift in stride(from: 60, through: 0, by: -4) {
                digits.append(hexadecimal[Int((word >> UInt64(shift)) & 0xF)])
            }
        }
        string = Self.format(digits)
    }

    public var description: String { string }

    public static func < (left: ResourceID, right: ResourceID) -> Bool { left.string < right.string }

    private static func format(_ digits: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for (index, digit) in digits.enumerated() {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                buffer[position] = digit
                position += 1
            }
            return position
        }
    }
}

extension ResourceID: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = ResourceID(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(text) is not a UUID"))
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string)
    }
}
