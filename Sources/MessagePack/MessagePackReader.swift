// Reading MessagePack.

extension MessagePackValue {
    /// Values inside values inside values: no deeper than this.
    public static let deepestNesting = 512

    /// Reads exactly one value.
    ///
    /// - Throws: ``MessagePackError`` for bytes that end early or go on, and for values nested deeper than
    ///   ``deepestNesting``. Memory is taken for what is there, not for what a header announces.
    public init(bytes: [UInt8]) throws(MessagePackError) {
        var reader = MessagePackReader(bytes: bytes)
        self = try reader.value(depth: 0)
        guard reader.offset == bytes.count else { throw reader.failure("more follows the value") }
    }
}

struct MessagePackReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    func failure(_ reason: String) -> MessagePackError { MessagePackError(reason: reason, offset: offset) }

    mutating func value(depth: Int) throws(MessagePackError) -> MessagePackValue {
        guard depth < MessagePackValue.deepestNesting else { throw failure("values are nested too deep") }
        let start = offset
        let head = try byte()
        switch head {
        case 0x00...0x7f: return .integer(Int64(head))
        case 0x80...0x8f: return try map(Int(head & 0x0f), depth)
        case 0x90...0x9f: return try array(Int(head & 0x0f), depth)
        case 0xa0...0xbf: return try string(Int(head & 0x1f))
        case 0xc0: return .null
        case 0xc2: return .bool(false)
        case 0xc3: return .bool(true)
        case 0xc4: return .binary(try take(Int(try unsigned(1))))
        case 0xc5: return .binary(try take(Int(try unsigned(2))))
        case 0xc6: return .binary(try take(Int(try unsigned(4))))
        case 0xc7: return try custom(Int(try unsigned(1)))
        case 0xc8: return try custom(Int(try unsigned(2)))
        case 0xc9: return try custom(Int(try unsigned(4)))
        case 0xca: return .number(Double(Float(bitPattern: UInt32(try unsigned(4)))))
        case 0xcb: return .number(Double(bitPattern: try unsigned(8)))
        case 0xcc: return .integer(Int64(try unsigned(1)))
        case 0xcd: return .integer(Int64(try unsigned(2)))
        case 0xce: return .integer(Int64(try unsigned(4)))
        case 0xcf:
            let value = try unsigned(8)
            return Int64(exactly: value).map { .integer($0) } ?? .unsigned(value)
        case 0xd0: return .integer(Int64(Int8(bitPattern: UInt8(try unsigned(1)))))
        case 0xd1: return .integer(Int64(Int16(bitPattern: UInt16(try unsigned(2)))))
        case 0xd2: return .integer(Int64(Int32(bitPattern: UInt32(try unsigned(4)))))
        case 0xd3: return .integer(Int64(bitPattern: try unsigned(8)))
        case 0xd4: return try custom(1)
        case 0xd5: return try custom(2)
        case 0xd6: return try custom(4)
        case 0xd7: return try custom(8)
        case 0xd8: return try custom(16)
        case 0xd9: return try string(Int(try unsigned(1)))
        case 0xda: return try string(Int(try unsigned(2)))
        case 0xdb: return try string(Int(try unsigned(4)))
        case 0xdc: return try array(Int(try unsigned(2)), depth)
        case 0xdd: return try array(Int(try unsigned(4)), depth)
        case 0xde: return try map(Int(try unsigned(2)), depth)
        case 0xdf: return try map(Int(try unsigned(4)), depth)
        case 0xe0...0xff: return .integer(Int64(Int8(bitPattern: head)))
        default:
            offset = start
            throw failure("0xc1 begins no value")
        }
    }

    private mutating func byte() throws(MessagePackError) -> UInt8 {
        guard offset < bytes.count else { throw failure("the value is cut off") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// An integer of that many bytes, the most significant first.
    private mutating func unsigned(_ count: Int) throws(MessagePackError) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<count { value = value << 8 | UInt64(try byte()) }
        return value
    }

    private mutating func take(_ count: Int) throws(MessagePackError) -> [UInt8] {
        guard count <= bytes.count - offset else { throw failure("\(count) bytes are announced, but fewer are there") }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    private mutating func string(_ count: Int) throws(MessagePackError) -> MessagePackValue {
        let start = offset
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            offset = start
            throw failure("a string is not UTF-8")
        }
        return .string(text)
    }

    private mutating func array(_ count: Int, _ depth: Int) throws(MessagePackError) -> MessagePackValue {
        guard count <= bytes.count - offset else {
            throw failure("\(count) elements are announced, but fewer are there")
        }
        var elements: [MessagePackValue] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
        return .array(elements)
    }

    private mutating func map(_ count: Int, _ depth: Int) throws(MessagePackError) -> MessagePackValue {
        guard count <= (bytes.count - offset) / 2 else {
            throw failure("\(count) entries are announced, but fewer are there")
        }
        var pairs: [MessagePackValue.Pair] = []
        pairs.reserveCapacity(count)
        for _ in 0..<count {
            let key = try value(depth: depth + 1)
            pairs.append(.init(key, try value(depth: depth + 1)))
        }
        return .map(pairs)
    }

    private mutating func custom(_ count: Int) throws(MessagePackError) -> MessagePackValue {
        let type = Int8(bitPattern: try byte())
        return .extension(type: type, try take(count))
    }
}
