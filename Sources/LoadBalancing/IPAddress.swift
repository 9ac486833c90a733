// IP addresses and networks as values.

/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The two address families.
    public enum Family: Int, Sendable, Hashable, Codable {
        case ipv4 = 4
        case ipv6 = 6

        /// How many bits an address has: 32 or 128.
        public var bitWidth: Int { self == .ipv4 ? 32 : 128 }
    }

    /// The family.
    public let family: Family
    /// The address as a number in host order; an IPv4 address fills the low 32 bits.
    public let value: UInt128

    public init(family: Family, value: UInt128) {
        self.family = family
        self.value = value
    }

    /// Reads an IPv4 address in dotted decimal without leading zeros, or an IPv6 address (RFC 4291 section 2.2)
    /// without a zone; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        if let value = Self.parseIPv4(text) {
            self.init(family: .ipv4, value: UInt128(value))
        } else if let value = Self.parseIPv6(text) {
            self.init(family: .ipv6, value: value)
        } else {
            return nil
        }
    }

    /// Whether the address is in 127.0.0.0/8 or is ::1.
    public var isLoopback: Bool {
        family == .ipv4 ? value >> 24 == 127 : value == 1
    }

    /// The canonical text; IPv6 as RFC 5952 says.
    public var description: String {
        switch family {
        case .ipv4:
            return "\(value >> 24 & 0xFF).\(value >> 16 & 0xFF).\(value >> 8 & 0xFF).\(value & 0xFF)"
        case .ipv6:
            let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128((7 - $0) * 16)) }
            var best = 0..<0
            var start = 0
            while start < 8 {
                guard groups[start] == 0 else {
                    start += 1
                    continue
                }
                var end = start
                while end < 8, groups[end] == 0 { end += 1 }
                if end - start > best.count, end - start > 1 { best = start..<end }
                start = end
            }
            func join(_ slice: ArraySlice<UInt16>) -> String {
                slice.map { String($0, radix: 16) }.joined(separator: ":")
            }
            guard !best.isEmpty else { return join(groups[...]) }
            return join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
        }
    }

    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.family.rawValue, left.value) < (right.family.rawValue, right.value)
    }

    private static func parseIPv4(_ text: some StringProtocol) -> UInt32? {
        var value: UInt32 = 0
        var parts = 0
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            parts += 1
            guard parts <= 4, (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"), let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return parts == 4 ? value : nil
    }

    private static func parseIPv6(_ text: some StringProtocol) -> UInt128? {
        guard text.utf8.count >= 2, text.utf8.count <= 45 else { return nil }
        func groups(_ part: Substring) -> [UInt16]? {
            if part.isEmpty { return [] }
            var result: [UInt16] = []
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            for (index, piece) in pieces.enumerated() {
                if index == pieces.count - 1, piece.contains(".") {
                    guard let embedded = parseIPv4(piece) else { return nil }
                    result.append(UInt16(embedded >> 16))
                    result.append(UInt16(truncatingIfNeeded: embedded))
                } else {
                    guard (1...4).contains(piece.utf8.count), piece.utf8.allSatisfy({ $0.isHexadecimalDigit }),
                        let group = UInt16(piece, radix: 16)
                    else { return nil }
                    result.append(group)
                }
            }
            return result
        }
        let whole = Substring(text)
        var all: [UInt16]
        if let gap = whole.firstRange(of: "::") {
            let before = whole[..<gap.lowerBound]
            let after = whole[gap.upperBound...]
            guard !after.contains("::"), !before.contains("."), let head = groups(before), let tail = groups(after),
                head.count + tail.count <= 7
            else { return nil }
            all = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        } else {
            guard let exact = groups(whole), exact.count == 8 else { return nil }
            all = exact
        }
        return all.reduce(0) { $0 << 16 | UInt128($1) }
    }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}

/// An IP network in CIDR notation (RFC 4632), host bits cleared.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The first address.
    public let address: IPAddress
    /// The length of the prefix in bits: 0–32 or 0–128.
    public let prefixLength: Int

    public init(address: IPAddress, prefixLength: Int) {
        let hostBits = address.family.bitWidth - prefixLength
        let mask: UInt128 = hostBits >= 128 ? 0 : ~UInt128(0) << UInt128(hostBits)
        self.address = IPAddress(family: address.family, value: address.value & mask)
        self.prefixLength = prefixLength
    }

    /// Reads `ADDRESS/LENGTH`; a bare address is a network of one address. Host bits are cleared.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        var length = address.family.bitWidth
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let given = Int(parts[1]), given <= length
            else { return nil }
            length = given
        }
        self.init(address: address, prefixLength: length)
    }

    /// Whether the address is inside the network.
    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family
            && IPNetwork(address: other, prefixLength: prefixLength).address == address
    }

    /// Whether the two networks share an address.
    public func overlaps(_ other: IPNetwork) -> Bool {
        contains(other.address) || other.contains(address)
    }

    /// The last address: the broadcast address of an IPv4 network.
    public var lastAddress: IPAddress {
        let hostBits = address.family.bitWidth - prefixLength
        let hosts: UInt128 = hostBits >= 128 ? ~0 : (UInt128(1) << UInt128(hostBits)) - 1
        return IPAddress(family: address.family, value: address.value | hosts)
    }

    public var description: String { "\(address)/\(prefixLength)" }
}
