// Reading DER (ITU-T X.690), as far as PKCS#12 and signatures need it.

/// Reads elements one after another.
struct DERReader {
    /// One element.
    struct Element {
        var tag: UInt8
        var content: ArraySlice<UInt8>

        /// Reads what is inside.
        var reader: DERReader { DERReader(content) }
    }

    static let integer: UInt8 = 0x02
    static let octets: UInt8 = 0x04
    static let identifier: UInt8 = 0x06
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    /// `[0]`, constructed.
    static let explicit0: UInt8 = 0xA0
    /// `[0]`, primitive.
    static let implicit0: UInt8 = 0x80

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The tag of the next element.
    var nextTag: UInt8? { rest.first }

    /// The next element.
    mutating func next() throws(PKCS12Fault) -> Element {
        guard let tag = rest.popFirst(), tag & 0x1F != 0x1F, let first = rest.popFirst() else {
            throw PKCS12Fault.malformed
        }
        var length = Int(first)
        if first == 0x80 { throw PKCS12Fault.unsupported }
        if first > 0x80 {
            guard first <= 0x84 else { throw PKCS12Fault.malformed }
            length = 0
            for _ in 0..<(first & 0x7F) {
                guard let byte = rest.popFirst() else { throw PKCS12Fault.malformed }
                length = length << 8 | Int(byte)
            }
        }
        guard length <= rest.count else { throw PKCS12Fault.malformed }
        let content = rest.prefix(length)
        rest = rest.dropFirst(length)
        return Element(tag: tag, content: content)
    }

    /// The next element, which must have that tag.
    mutating func next(_ tag: UInt8) throws(PKCS12Fault) -> Element {
        let element = try next()
        guard element.tag == tag else { throw PKCS12Fault.malformed }
        return element
    }

    /// The next element, which must have that tag, with tag and length.
    mutating func nextWhole(_ tag: UInt8) throws(PKCS12Fault) -> ArraySlice<UInt8> {
        let before = rest
        _ = try next(tag)
        return before.prefix(before.count - rest.count)
    }

    /// A number that is not negative and fits 31 bits.
    mutating func number() throws(PKCS12Fault) -> Int {
        let content = try next(Self.integer).content
        guard (1...4).contains(content.count), content.first.map({ $0 < 0x80 }) == true else {
            throw PKCS12Fault.malformed
        }
        return content.reduce(0) { $0 << 8 | Int($1) }
    }

    /// An object identifier in dotted form.
    mutating func objectIdentifier() throws(PKCS12Fault) -> String {
        var arcs: [UInt64] = []
        var value: UInt64 = 0
        for byte in try next(Self.identifier).content {
            guard value < 1 << 56 else { throw PKCS12Fault.malformed }
            value = value << 7 | UInt64(byte & 0x7F)
            guard byte & 0x80 == 0 else { continue }
            if arcs.isEmpty {
                let top = min(value / 40, 2)
                arcs = [top, value - top * 40]
            } else {
                arcs.append(value)
            }
            value = 0
        }
        return arcs.map(String.init).joined(separator: ".")
    }
}
