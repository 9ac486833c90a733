// Writing MessagePack.

extension MessagePackValue {
    /// The value's bytes, each part in its shortest form.
    public var bytes: [UInt8] {
        var writer = MessagePackWriter()
        writer.write(self)
        return writer.bytes
    }
}

struct MessagePackWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: MessagePackValue) {
        switch value {
        case .null: bytes.append(0xc0)
        case .bool(let value): bytes.append(value ? 0xc3 : 0xc2)
        case .integer(let value): write(value)
        case .unsigned(let value): write(value)
        case .number(let value):
            bytes.append(0xcb)
            append(value.bitPattern, 8)
        case .string(let text):
            let utf8 = Array(text.utf8)
            if utf8.count < 32 {
                bytes.append(0xa0 | UInt8(utf8.count))
            } else {
                header(utf8.count, [(0xd9, 1), (0xda, 2), (0xdb, 4)])
            }
            bytes += utf8
        case .binary(let content):
            header(content.count, [(0xc4, 1), (0xc5, 2), (0xc6, 4)])
            bytes += content
        case .array(let elements):
            if elements.count < 16 {
                bytes.append(0x90 | UInt8(elements.count))
            } else {
                header(elements.count, [(0xdc, 2), (0xdd, 4)])
            }
            for element in elements { write(element) }
        case .map(let pairs):
            if pairs.count < 16 {
                bytes.append(0x80 | UInt8(pairs.count))
            } else {
                header(pairs.count, [(0xde, 2), (0xdf, 4)])
            }
            for pair in pairs {
                write(pair.key)
                write(pair.value)
            }
        case .extension(let type, let content):
            let fixed: [Int: UInt8] = [1: 0xd4, 2: 0xd5, 4: 0xd6, 8: 0xd7, 16: 0xd8]
            if let head = fixed[content.count] {
                bytes.append(head)
            } else {
                header(content.count, [(0xc7, 1), (0xc8, 2), (0xc9, 4)])
            }
            bytes.append(UInt8(bitPattern: type))
            bytes += content
        }
    }

    private mutating func write(_ value: Int64) {
        if value >= 0 { return write(UInt64(value)) }
        if value >= -32 {
            bytes.append(UInt8(bitPattern: Int8(value)))
        } else if let short = Int8(exactly: value) {
            bytes.append(0xd0)
            append(UInt64(UInt8(bitPattern: short)), 1)
        } else if let short = Int16(exactly: value) {
            bytes.append(0xd1)
            append(UInt64(UInt16(bitPattern: short)), 2)
        } else if let short = Int32(exactly: value) {
            bytes.append(0xd2)
            append(UInt64(UInt32(bitPattern: short)), 4)
        } else {
            bytes.append(0xd3)
            append(UInt64(bitPattern: value), 8)
        }
    }

    private mutating func write(_ value: UInt64) {
        if value < 128 {
            bytes.append(UInt8(value))
        } else {
            let sizes: [(UInt8, Int)] = [(0xcc, 1), (0xcd, 2), (0xce, 4), (0xcf, 8)]
            for (head, size) in sizes where size == 8 || value >> (UInt64(size) * 8) == 0 {
                bytes.append(head)
                append(value, size)
                return
            }
        }
    }

    /// The first of the heads whose count has room for this one. Counts beyond 32 bits do not occur in memory.
    private mutating func header(_ count: Int, _ heads: [(head: UInt8, size: Int)]) {
        for (head, size) in heads where size == 4 || count >> (size * 8) == 0 {
            bytes.append(head)
            append(UInt64(count), size)
            return
        }
    }

    private mutating func append(_ value: UInt64, _ size: Int) {
        for shift in stride(from: (size - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}
