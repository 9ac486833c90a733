// Every format of MessagePack's specification, read and written, and bytes that are none.

import MessagePack
import Testing

@Suite struct MessagePackTests {
    /// Values with the bytes that the specification gives them, in the shortest form.
    static let examples: [(MessagePackValue, [UInt8])] = [
        (.null, [0xc0]),
        (.bool(false), [0xc2]),
        (.bool(true), [0xc3]),
        (.integer(0), [0x00]),
        (.integer(127), [0x7f]),
        (.integer(128), [0xcc, 0x80]),
        (.integer(255), [0xcc, 0xff]),
        (.integer(256), [0xcd, 0x01, 0x00]),
        (.integer(65_535), [0xcd, 0xff, 0xff]),
        (.integer(65_536), [0xce, 0x00, 0x01, 0x00, 0x00]),
        (.integer(4_294_967_295), [0xce, 0xff, 0xff, 0xff, 0xff]),
        (.integer(4_294_967_296), [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]),
        (.integer(.max), [0xcf, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        (.unsigned(.max), [0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        (.integer(-1), [0xff]),
        (.integer(-32), [0xe0]),
        (.integer(-33), [0xd0, 0xdf]),
        (.integer(-128), [0xd0, 0x80]),
        (.integer(-129), [0xd1, 0xff, 0x7f]),
        (.integer(-32_769), [0xd2, 0xff, 0xff, 0x7f, 0xff]),
        (.integer(.min), [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        (.number(1.5), [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]),
        (.string(""), [0xa0]),
        (.string("web"), [0xa3, 0x77, 0x65, 0x62]),
        (.string("ä"), [0xa2, 0xc3, 0xa4]),
        (.binary([1, 2]), [0xc4, 2, 1, 2]),
        (.array([]), [0x90]),
        (.array([.null, .integer(1)]), [0x92, 0xc0, 0x01]),
        (.map([.init(.string("a"), .bool(true))]), [0x81, 0xa1, 0x61, 0xc3]),
        (.map([.init(.integer(1), .null)]), [0x81, 0x01, 0xc0]),
        (.extension(type: 0, [0]), [0xd4, 0, 0]),
        (.extension(type: 12, [1, 2]), [0xd5, 12, 1, 2]),
        (.extension(type: -1, [1, 2, 3]), [0xc7, 3, 0xff, 1, 2, 3]),
        (.extension(type: 1, []), [0xc7, 0, 1]),
    ]

    @Test(arguments: examples) func readsAndWrites(_ example: (MessagePackValue, [UInt8])) throws {
        #expect(example.0.bytes == example.1)
        #expect(try MessagePackValue(bytes: example.1) == example.0)
    }

    /// Longer forms than needed, which others may write.
    @Test(
        arguments: [
            (MessagePackValue.integer(1), [0xd3, 0, 0, 0, 0, 0, 0, 0, 1]),
            (.integer(1), [0xcf, 0, 0, 0, 0, 0, 0, 0, 1]),
            (.number(1.5), [0xca, 0x3f, 0xc0, 0, 0]), (.string("a"), [0xd9, 1, 0x61]),
            (.string("a"), [0xda, 0, 1, 0x61]),
            (.string("a"), [0xdb, 0, 0, 0, 1, 0x61]), (.array([.null]), [0xdc, 0, 1, 0xc0]),
            (.array([.null]), [0xdd, 0, 0, 0, 1, 0xc0]), (.map([.init(.null, .null)]), [0xdf, 0, 0, 0, 1, 0xc0, 0xc0]),
            (.binary([7]), [0xc6, 0, 0, 0, 1, 7]), (.extension(type: 3, [7]), [0xc8, 0, 1, 3, 7]),
        ] as [(MessagePackValue, [UInt8])])
    func readsLongForms(_ example: (MessagePackValue, [UInt8])) throws {
        #expect(try MessagePackValue(bytes: example.1) == example.0)
    }

    @Test(arguments: [15, 16, 31, 32, 255, 256, 65_535, 65_536]) func readsWhatItWritesAtEveryLength(_ count: Int)
        throws
    {
        let values: [MessagePackValue] = [
            .string(String(repeating: "x", count: count)), .binary(.init(repeating: 1, count: count)),
            .array(.init(repeating: .integer(1), count: count)), .extension(type: 5, .init(repeating: 1, count: count)),
            .map((0..<count).map { .init(.integer(Int64($0)), .null) }),
        ]
        for value in values { #expect(try MessagePackValue(bytes: value.bytes) == value) }
    }

    @Test(
        arguments: [
            [], [0xc1], [0xcc], [0xa3, 0x61], [0x92, 0xc0], [0x81, 0xa1, 0x61], [0xc0, 0xc0], [0xa1, 0xff],
            [0xdd, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff], [0xd4, 0],
        ] as [[UInt8]])
    func refusesWhatIsNone(_ bytes: [UInt8]) {
        #expect(throws: MessagePackError.self) { try MessagePackValue(bytes: bytes) }
    }

    @Test func refusesToNestTooDeep() {
        #expect(throws: MessagePackError.self) {
            try MessagePackValue(bytes: .init(repeating: 0x91, count: 1_000_000) + [0xc0])
        }
        let deep: [UInt8] = .init(repeating: 0x91, count: MessagePackValue.deepestNesting - 1) + [0xc0]
        #expect(throws: Never.self) { try MessagePackValue(bytes: deep) }
    }
}
